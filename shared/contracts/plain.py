"""A text in its plain form: digits of every script as 0-9, what shows nothing left out, and one sign for each gap.

Whatever is neither a letter nor a digit may stand between the digits of one number, coded or not; which sign it becomes
says what it is likely to be: a list (,), the end of a sentence (。), a range or a disguise (-).
"""
# ruff: noqa: RUF001 - signs of every script are what it is about

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from html import unescape
from urllib.parse import unquote

_CHINESE = dict(
    zip(
        "〇零○洞一二三四五六七八九幺壹贰叁肆伍陆柒捌玖貳參叄陸两兩拐勾",
        "000012345678911234567892336" + "2279",
        strict=True,
    )
)
_RINGED = "²³¹⁰⁴-⁹₀-₉①-⑨⑴-⑼⒈-⒐⓪⓵-⓽⓿❶-❾➀-➈➊-➒〡-〩㆒-㆕㈠-㈨㊀-㊈🄀-🄌𝍠-𝍨"
DIGIT = rf"[\d{''.join(_CHINESE)}{_RINGED}]"
TAG = r"<(?:!--.{0,200}?--|/?[A-Za-z][^<>]*)>"
UUID = r"(?<![0-9a-fA-F])[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}(?![0-9a-fA-F])"
MASKED = "\ue000"  # what is masked counts as a digit beside others: masking twice is masking once
_BLANK = "\u115f\u1160\u2800\u3164\uffa0\ufffc"  # letters and pictures of nothing
_STROKES = "ーｰㅡ丨\u02b0-\u02ff"  # letters that look like a dash
_UNITS = "¥￥$＄€£%‰°℃℉㎡㎥×÷"  # say what the number beside them is
_PIECE = re.compile(
    rf"(?P<masked>\*{{3,}})|(?P<id>{UUID})|(?P<digit>{DIGIT})"
    rf"|(?P<gap>(?:{TAG}|(?<!\*)\*{{1,2}}(?!\*)|[+＋](?!\s?[8８])|%(?=[0-9])|[^\w*+＋{_UNITS}]|[_{_BLANK}{_STROKES}])+)"
    r"|(?P<other>.)",
    re.DOTALL,
)
_CODED = re.compile(  # as HTML or a link writes a sign
    r"&(?:amp;)*(?:#0*[0-9]{1,7}|#[xX]0*[0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});"
    r"|%(?:25)*(?:3[0-9]|2[0-9A-Fa-f]|0[9AaDd])|%[CcDd][0-9A-Fa-f]%[89ABab][0-9A-Fa-f]"
    r"|%[Ee][0-9A-Fa-f](?:%[89ABab][0-9A-Fa-f]){2}|%[Ff][0-4](?:%[89ABab][0-9A-Fa-f]){3}"
)
_TAGS = re.compile(TAG, re.DOTALL)
_FARTHEST = 4  # signs between the digits of one number that are seen
_SIGNS = (  # what a gap is when one of these is in it; the first that fits
    ("☎", "☎☏✆📞📱📲"),
    ("+", "+＋"),
    (",", ",，、;；:：|~～*＊"),  # more often between two numbers than in one
    ("。", "。｡!！?？"),
    (".", ".．"),
    ("/", "/／\\"),
    ("=", "=＝"),
)
_LISTED = re.compile(rf"[0-9{MASKED}](?:[-,./']?[0-9{MASKED}])*")  # what shares the words at its two ends


def has_codes(text: str) -> bool:
    return ("&" in text or "%" in text) and _CODED.search(text) is not None


_ALONE = re.compile(r"[-,/][0-9]{1,2}(?![0-9])")


class Plain:
    """A text in its plain form, and where each sign of it comes from."""

    def __init__(self, text: str, *, coded: bool) -> None:
        signs: list[str] = []
        begins: list[int] = []
        ends: list[int] = []
        places: list[tuple[int, int]] = []
        if coded:
            text, places = _decoded(text)
        chinese: bool | None = None  # of the digit right before
        for piece in _PIECE.finditer(text):
            sign = _sign(piece)
            if not sign:
                continue
            is_digit = sign.isdecimal()
            if is_digit and chinese not in (None, piece[0] in _CHINESE):
                signs.append("'")
                begins.append(piece.start())
                ends.append(piece.start())
            chinese = piece[0] in _CHINESE if is_digit else None
            signs.append(sign)
            begins.append(piece.start())
            ends.append(piece.end())
        self.text = "".join(signs)
        self.source = text
        self.begins, self.ends, self.places = begins, ends, places
        self.lists = [(found.start(), found.end()) for found in _LISTED.finditer(self.text)]

    def place(self, first: int, end: int) -> tuple[int, int]:
        """Where in the text the signs from the first to the last come from."""
        begin, last = self.begins[first], self.ends[end - 1]
        return (self.places[begin][0], self.places[last - 1][1]) if self.places else (begin, last)

    def in_chinese(self, place: int) -> bool:
        return self.source[self.begins[place]] in _CHINESE

    def list_at(self, place: int) -> tuple[int, int]:
        return self.lists[bisect_right(self.lists, (place, len(self.text))) - 1]

    def before(self, words: re.Pattern[str], place: int) -> bool:
        begin = self.list_at(place)[0]
        begin -= self.text[begin - 1 : begin] == "+"
        return words.search(self.text[max(0, begin - 20) : begin]) is not None

    def after(self, words: re.Pattern[str], place: int) -> bool:
        own = place + 1
        end = self.list_at(place)[1]
        if _ALONE.match(self.text, own, end):  # 83812345，5栋: the word is of the short number
            end = own
        return words.match(self.text, end) is not None


def _decoded(text: str) -> tuple[str, list[tuple[int, int]]]:
    """The text without codes, and where each sign of it stood."""
    parts: list[str] = []
    places: list[tuple[int, int]] = []
    last = 0
    for code in _CODED.finditer(text):
        begin, end = code.span()
        plain = (
            unescape("&" + code[0].rpartition("amp;")[2].lstrip("&")) if code[0][0] == "&" else _byte(code[0])
        )
        parts += [text[last:begin], plain]
        places += [(n, n + 1) for n in range(last, begin)] + [(begin, end)] * len(plain)
        last = end
    places += [(n, n + 1) for n in range(last, len(text))]
    return "".join((*parts, text[last:])), places


def _byte(code: str) -> str:
    return unquote("%" + code[-2:] if code.startswith("%25") else code)


def _sign(piece: re.Match[str]) -> str:
    """The one sign that stands for a piece of the text; none for what shows nothing."""
    kind, what = piece.lastgroup, piece[0]
    if kind == "digit":
        return _CHINESE.get(what) or str(int(unicodedata.numeric(what)))
    if kind == "gap":
        return " " if what == " " else _gap(what)
    if kind == "other":
        if "\uff01" <= what <= "\uff5e":
            return chr(ord(what) - 0xFEE0)
        return "X" if what == "\u2169" else what
    return MASKED if kind == "masked" else "\n"


def _gap(gap: str) -> str:
    if "<" in gap:
        shown = _TAGS.sub("\ue001", gap)
        gap = shown.replace("\ue001", "")
        if not gap:
            return " "
    kinds = [(" " if each.isspace() or each in _BLANK else unicodedata.category(each), each) for each in gap]
    seen = [each for kind, each in kinds if kind[0] in "PSL" and each not in _BLANK]
    if len(seen) > _FARTHEST:
        return "\n"  # too far apart to be one number
    if not seen:
        return " " if any(kind == " " or kind[0] == "Z" for kind, _ in kinds) else ""
    if seen in (["*", "*"], ["~", "~"], ["_", "_"]) or (len(seen) == _FARTHEST and set(seen) <= set("*~_")):
        return " "
    for sign, likes in _SIGNS:
        if any(each in likes for each in seen):
            return sign
    return (
        " "
        if all(unicodedata.category(each) in ("Ps", "Pe", "Pi", "Pf") or each in "\"'`<>" for each in seen)
        else "-"
    )
