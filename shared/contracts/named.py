"""What is a person's by the word before it alone: a name at a messenger, a passport, the end of an identity number.

Looked for in the plain form of a text (`plain.py`): `_` is `-` there, `：` is `,`, and every digit is one of 0-9.
"""

# ruff: noqa: RUF001 - full-width letters are what it is about

from __future__ import annotations

import re
from collections.abc import Iterator

from shared.contracts.plain import MASKED

_END = rf"(?![0-9{MASKED}])"
_IS = r"[是为 ,=./+'-]{0,4}"
_PAPER = re.compile(
    r"(?:护照|(?<![车辆工])通行证|台胞证|回乡证|居留(?:身份)?证|[军警士][官兵]证|社保卡|医保卡|证件号码?|passport)本?"
    rf"(?:编号|号码|no|[\u4e00-\u9fff]?字第?|[号是为=\s,./'-]){{0,6}}"
    rf"(?P<own>[A-Za-z]{{1,3}}(?:[-./,。' +=☎]?[0-9]){{6,13}}|[0-9](?:'?[0-9]){{6,9}}){_END}",
    re.IGNORECASE,
)
_DATE = re.compile(r"(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])[0-3][0-9]$")  # 护照20260301到期
_LAST_SIGNS = re.compile(
    r"(?:身份证|证件)(?:号码?)?的?(?:尾[号数]|最?[后末尾][0-9]位(?:数字?)?)"
    + _IS
    + rf"(?P<own>[0-9]{{3,7}}[Xx]?){_END}"
)
_ASKED = r"(?P<asked>加(?:个|我|你|他|她|1?下)?的?|[我他她你]的|\+)? ?"
_ACCOUNT = re.compile(
    rf"{_ASKED}(?P<word>[微薇威v] ?信|(?<![a-z])(?:we(?:chat|ixin)|[vw]x|[vq薇](?![a-z]))|Q ?Q|扣扣|企鹅号|绿泡泡"
    r"|(?:小红书|抖音|快手)(?=[号名,]))(?: ?群|吧|搜索?|空间)?"
    rf"(?P<how>(?: ?(?:[号名]码?|账号|帐号|id(?![a-z])))?{_IS})"
    rf"(?P<own>[a-z][a-z0-9'-]{{5,19}}(?![a-z0-9])|[1-9](?:'?[0-9]){{4,11}}{_END})",
    re.IGNORECASE,
)
_BY_ITSELF = re.compile(r"(?<![a-z0-9])wxid-[a-z0-9]{6,}", re.IGNORECASE)
_LIKE_A_NAME = re.compile(r"[a-z]{3,}'?[a-z'-]*[0-9-]", re.IGNORECASE)
_SEEN = re.compile(
    r"[微薇威vｖ]\s?信|薇|[vwｖｗ][xｘ]|[qｑ]|[加的+＋] ?[vｖ]|we(?:chat|ixin)|[vｖ].{0,2}[:：]"
    r"|扣扣|企鹅|绿泡泡|小红书|抖音|快手"
    r"|身份证|证件|护照|通行证|台胞证|回乡证|居留|[军警士][官兵]证|[社医]保卡|passport",
    re.IGNORECASE,
)


def may_be_named(text: str) -> bool:
    return _SEEN.search(text) is not None


def _is_account(found: re.Match[str]) -> bool:
    """Of a word that may be part of another something must say that it is a name; so it must of a name of letters."""
    word, own = found["word"].lower().replace(" ", ""), found["own"]
    said = bool(found["asked"]) or found["how"].strip(" -'") != ""
    if own[0].isdecimal():  # those at WeChat begin with a letter
        return word in ("qq", "扣扣", "企鹅号", "小红书", "抖音", "快手") or (
            word == "q" and bool(found["asked"])
        )
    if word in ("v", "q", "薇"):
        return (bool(found["asked"]) or "," in found["how"]) and _LIKE_A_NAME.match(own) is not None
    if word.isascii() and not found["how"] and not found["asked"]:
        return False
    return said or _LIKE_A_NAME.match(own) is not None


def papers(text: str) -> Iterator[tuple[int, int]]:
    for found in _PAPER.finditer(text):
        if not _DATE.match(found["own"].replace("'", "")):
            yield found.span("own")


def accounts(text: str) -> Iterator[tuple[int, int]]:
    """Those, and the last signs of an identity number, in what the numbers have left."""
    for kind in (_ACCOUNT, _LAST_SIGNS):
        for found in kind.finditer(text):
            if kind is _LAST_SIGNS or _is_account(found):
                yield found.span("own")
    for found in _BY_ITSELF.finditer(text):
        yield found.span()
