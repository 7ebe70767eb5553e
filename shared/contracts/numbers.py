"""Numbers of people in a text: telephones, identity cards, bank cards. Found as people write them, and taken out.

The text is first brought into its plain form (`plain.py`). Then it is decided by what a number is, how it is grouped,
and by the word that stands right beside it. What has a word of its own (a meter, a pole, a sum) stays; a household and
a room are none: what follows 住户, 账户 or 301室 is as a rule a person's. Names at a messenger are in `named.py`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date
from itertools import pairwise

from shared.contracts.named import accounts, may_be_named, papers
from shared.contracts.plain import DIGIT, MASKED, TAG, UUID, Plain, has_codes

_FEWEST = 7  # digits

_G = r"[-./,。' +=☎]?"  # a gap; ' is where the script changes
_T = r"[-./' +=☎]?"  # not of a list
_BEGIN = rf"(?<![0-9{MASKED}])"
_END = rf"(?![0-9{MASKED}])"
_COUNTRY = rf"(?:\+|00)?86{_G}"
_D = r"[-./,。' +=☎年月日]?"  # of an identity number, which has a day of birth in it
_IDENTITY = re.compile(rf"{_BEGIN}[1-9](?:{_D}[0-9]){{16}}{_D}[0-9Xx]{_END}")
_OLD_IDENTITY = re.compile(rf"{_BEGIN}[1-9][0-9]{{5}}{_T}[0-9]{{6}}{_T}[0-9]{{3}}{_END}")
_LONG = re.compile(rf"(?<![0-9{MASKED}'])(?<![0-9{MASKED}]\.)[0-9](?:'?[0-9]){{14,}}+[Xx]?{_END}")
_CARD = re.compile(rf"{_BEGIN}[34569](?:[-.' +=☎]?[0-9]){{14,18}}{_END}")
_TRUNK = rf"0(?=1[3-9][0-9](?:[0-9]{{8}}|-[0-9]{{4}}-[0-9]{{4}}){_END})"  # 0151 0152 are rooms
_MOBILE = re.compile(rf"{_BEGIN}(?:{_COUNTRY}|{_TRUNK})?(?P<own>1{_G}[3-9](?:{_G}[0-9]){{9}}){_END}")
# Of another country. Hong Kong, Macao, America and Russia have one length: what follows may be a room.
_FOREIGN = re.compile(
    rf"\+(?:85[23](?:[-./' ]?[0-9]){{8}}|[17](?:[-./' ]?[0-9]){{10}}|(?!86)[1-9](?:[-./' ]?[0-9]){{7,14}}){_END}"
)
# Said in words (139，然后6428，最后7105), or with the room written right behind it (15866123456402室).
_W = r"[ ,'-]?(?:的|然后|接着|再|后面|最后|空格?|横?杠|点)(?:是|[ ,'-])?"
_SPOKEN = re.compile(rf"{_BEGIN}1[3-9][0-9]{_W}[0-9]{{4}}{_W}[0-9]{{4}}{_END}")
_BEFORE_ROOM = re.compile(rf"{_BEGIN}1[3-9][0-9]{{9}}(?=[0-9]{{3,4}}[室户])")
_S = _G.removesuffix("?")
_LANDLINE = re.compile(
    rf"{_BEGIN}(?:(?:{_COUNTRY}0?|0)(?:10|2[0-9]|[3-9][1-9][0-9]){_G}"
    rf"|0{_S}(?:1{_S}0|2{_S}[0-9]|[3-9]{_S}[1-9]{_S}[0-9]){_S}(?=[0-9]{_S}))"  # digit by digit
    rf"(?P<own>[2-8](?:{_G}[0-9]){{6,7}}){_END}"
)
# The place's own numbers: eight digits that begin with 5 to 8 (Qingdao, 0532). No date does.
_LOCAL = re.compile(rf"{_BEGIN}(?<![0-9{MASKED}]\.)[5-8](?:[-' ]?[0-9]){{7}}{_END}(?!\.[0-9])")
_SAID = re.compile(rf"(?:[0-9](?:'?[0-9]){{6,13}}|[2-8](?:[-./' ]?[0-9]){{6,7}}){_END}")
_PAIRS = re.compile(r"(?:(\d)\1)+")  # 八八六六五五四四 is a way of speaking
_STAMP = re.compile(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:([01]\d|2[0-3])[0-5]\d|$)")

_THEN = r"(?:编号|号码|[号是为=+☎\s,./'-]){0,6}$"
_TELEPHONE = re.compile(
    r"(?:电话|手机|座机|固话|传真|联系方式|联系|致电|拨打|拨|打|[微薇威v] ?信|Q ?Q|扣扣|企鹅"
    r"|tel|phone|mobile|call|fax|☎|📞)(?: ?群)?" + _THEN,
    re.IGNORECASE,
)
_CALLED = re.compile(r"[ ,。']{0,2}(?:call|打给?我|找我|联系我|回电|微信同号)", re.IGNORECASE)
_THINGS_CARD = r"[水电气热梯禁交C]卡"
_IS = r"[是为=\s,.'-]{0,4}(?:[a-z]{1,5}[-.' ]?)?$"  # the number may have letters of its own: LD-8576-1234
_LABEL = re.compile(  # says itself that a number of a thing follows
    rf"(?:(?:(?<!代)表|[杆井盖梯灯桩牌]|设备|档案|(?<!邮)箱|{_THINGS_CARD})编?号码?|编号|编码|代码|序列号|条码|条形码"
    r"|(?<![装换修])智能[水电燃气热]{0,2}表|(?<![a-z])(?:serial(?: no)?|s/?n|is[bs]n))" + _IS,
    re.IGNORECASE,
)
_PAPERS = re.compile(  # and that of these none does which looks like a mobile
    r"(?:(?:[单票案文]|产权?证)编?号码?|流水号码?|(?<![账帐开])户号(?!码)|[门车床泊摊]位?号(?!码))" + _IS,
    re.IGNORECASE,
)
_THING = re.compile(
    rf"(?:[电水气热卡能]表|表底|读数|(?<![修换装])灯|杆|井盖?|电梯|设备|变压器|控制柜|摄像头|消火栓|消防栓|桩|(?<![招棋打名])牌"
    rf"|(?<![邮信冰])箱|点位|人孔|提升机|{_THINGS_CARD}|工单|订单|发票|收据|票据"
    r"|流水|批号|房间|车位|网格|坐标|[经纬]度|面积|执照|许可证|合同|文件|[¥\uffe5$]"
    r"|(?<![a-z])(?:meter|pole|lift|manhole|room|invoice|order|lng|lat|gps|no))"
    + _THEN[:-1]
    + r"(?:[a-z]{1,5}[-.']?)?$",  # HD-8576-1234
    re.IGNORECASE,
)
_OF_THING = re.compile(r"[ ']?(?:号(?![码线])|[读底示]数)")
# Said of a number that only its length makes a telephone: it counts something, or is a code with a name of its own.
_COUNTED = re.compile(
    r"(?:[数量额价值]|(?<!号)码|人口|预算|决算|投资|工资|收入|支出|[余结差]额|[合共总累]计|[上本下去今][月年次期季]|昨[日天]|季度|[户人平]均|比例|号线"
    r"|[\u4e00-\u9fff](?<![机话信卡证账帐真系呼情拟短小大老新旧靓个的这主我他她线络家用])号)"
    + _THEN
    + r"|(?<![A-Za-z])[XYZHxyzh]=$"  # a place or a height
    + r"|[。,./-][a-z]+/$|[。-][a-z_]*id=$"  # a path, or a key in a link
    + r"|(?<![A-Za-z])(?:GB|JGJ|JG|CJJ|CJ|DB)(?:[/ ]?T)?[ -]?$"  # a standard
)
_OF_CARD = re.compile(
    r"(?:(?:[工农中建招交商银]行|邮储)卡?|(?:信用|储蓄|借记|工资|浦发|民生|光大|兴业|中信|平安|华夏|广发|农信)卡"
    r"|(?<![\u4e00-\u9fffA-Za-z])卡|[我的张]卡|(?<![水电气热梯禁交C])卡号|[账帐][户号]|开户)" + _THEN
)
_OF_IDENTITY = re.compile("(?:身份证|证件)" + _THEN)
_SUM_BEFORE = re.compile(r"[¥\uffe5$] ?$")
_NAMED = r"(?!先生|女士|师傅|老师|阿姨|[大小]?[爷妈姐哥叔]|主任|经理|书记)"  # 米女士, 元师傅
_SUM_AFTER = re.compile(rf"(?:\.[0-9]{{1,2}})? ?元(?![旦宵月]){_NAMED}")
_UNIT = re.compile(
    r"[ ']?(?:号(?![码线主])|元(?![旦宵月])|块|万元|平方|平米|㎡|立方|吨|度|米|[毫厘]米|步(?!行)|次(?!日)"
    r"|人次|个(?!人)|件|台(?![湾长])"
    r"|辆|公?斤|[千毫]?克|亿|岁|级"
    r"|页|枚|[株棵]|秒|小时(?!工)|分钟|天(?![天亮])|公里|千瓦|°|%)"
    + _NAMED
    + r"|(?:[mck]?m|m[23²³]|kg|kwh|\.(?:pdf|jpe?g|png|docx?|xlsx?|zip|mp4))(?![a-z])",
    re.IGNORECASE,
)
_ROOM = re.compile(  # has few digits: 83812345楼组长 is no house
    r"[ ']?(?:户(?![主籍外型口名])|室(?![内外友])|房(?![东主])"
    r"|(?:单元|[栋幢层])(?!长)|弄|座(?!机)|楼(?![上下长道组栋管]))"
)


def _groups(number: str) -> tuple[list[str], set[str]]:
    """The groups of a number, and what stands between them."""
    number = number.replace("'", "")
    return re.split(r"[-./,。 +=☎年月日]", number), set(re.sub(r"[0-9Xx]", "", number))


def _is_list(groups: list[str]) -> bool:
    """Counting up with the same first digit, as rooms do: 1301 1302, 8101-8104."""
    return all(
        low[0] == high[0] and len(high) <= len(low) + 1 and int(low) < int(high)
        for low, high in pairwise(groups)
        if high.isdecimal()
    )


def _is_one(number: str, *usual: list[int]) -> bool:
    """Whether groups are one number: grouped as usual, in even steps, or in few groups with one sign between them."""
    groups, gaps = _groups(number)
    sizes = [len(group) for group in groups]
    if len(groups) == 1 or sizes in usual or max(sizes) == 1:
        return True
    address = (
        gaps == {"."} and len(groups) == 4 and all(int(group) <= 255 for group in groups if group.isdecimal())
    )
    even = len(groups) <= 5 or (set(sizes[1:-1]) == {2} and max(sizes) <= 3)
    return len(gaps) == 1 and gaps not in ({","}, {"。"}) and even and not address and not _is_list(groups)


def _digits(number: str) -> str:
    return re.sub(r"[^0-9Xx]", "", number).upper()


def _born(text: str) -> bool:
    with suppress(ValueError):
        return 1850 <= date(int(text[:4]), int(text[4:6]), int(text[6:])).year <= 2099
    return False


def _checks(digits: str) -> bool:
    """Whether the last sign of an identity number is the right one (GB 11643)."""
    return (
        "10X98765432"[sum(int(each) * 2 ** (17 - n) for n, each in enumerate(digits[:17])) % 11] == digits[17]
    )


def _luhn(digits: str) -> bool:
    return sum(sum(divmod(int(each) * (1 + n % 2), 10)) for n, each in enumerate(reversed(digits))) % 10 == 0


def _checks_as_card(number: str) -> bool:
    digits = _digits(number)
    return 16 <= len(digits) <= 19 and digits.isdecimal() and _luhn(digits)


def _is_identity(number: str) -> bool:
    digits = _digits(number)
    return _born(digits[6:14]) and _is_one(number, [6, 8, 4], [6, 4, 4, 4], [6, 4, 2, 2, 4])


def _is_card(number: str) -> bool:
    """Of a wrong check digit only what begins like a card of this country is one all the same."""
    digits = _digits(number)
    groups, _ = _groups(number)
    if len(digits) == 15:
        return (
            digits[:2] in ("34", "37")
            and [len(group) for group in groups] in ([4, 6, 5], [4, 11], [10, 5])
            and _luhn(digits)
        )
    if len(groups) > 1 and all(group.endswith("0") for group in groups):
        return False  # 3500 4500 5800 1500 are sums
    return (_luhn(digits) or digits.startswith("62")) and _is_one(number) and not _is_list(groups[:2])


def _is_local(number: str) -> bool:
    groups, gaps = _groups(number)
    sizes = [len(group) for group in groups]
    if sizes == [4, 4] or (gaps == {"-"} and sizes in ([3, 5], [5, 3], [2, 2, 2, 2])):
        return not _is_list(groups) and not all(group.endswith("00") for group in groups)  # 5000-6000
    return len(groups) in (1, 8) and not _digits(number).endswith("00000")  # a round sum


def _is_mobile(number: str) -> bool:
    groups, _ = _groups(number)
    if [len(group) for group in groups] == [3, 2, 2, 2, 2] and groups[1:] != sorted(groups[1:]):
        return True  # 139，64，87，12，05
    return _is_one(number, [3, 4, 4])


def _is_foreign(number: str) -> bool:
    """No degree (+36.09274512), no day and no round sum."""
    groups, gaps = _groups(number[1:])
    degree = gaps == {"."} and len(groups) == 2
    digits = _digits(number)
    return (
        not degree and max(map(len, groups)) > 2 and not digits.endswith("00000") and not _STAMP.match(digits)
    )


def _is_said(number: str) -> bool:
    groups, gaps = _groups(number)
    return (
        len(groups) == 1
        or (len(groups) <= 4 and len(gaps) == 1 and min(map(len, groups)) > 1)
        or len(groups) > 6
    )


_KINDS: tuple[tuple[re.Pattern[str], Callable[[str], bool]], ...] = (
    (_IDENTITY, _is_identity),
    (_OLD_IDENTITY, lambda number: len(_groups(number)[0]) == 3 and _born("19" + _digits(number)[6:12])),
    (_BEFORE_ROOM, bool),
    (_FOREIGN, _is_foreign),
    (_LONG, lambda number: not _STAMP.match(_digits(number))),
    (_CARD, _is_card),
    (_MOBILE, _is_mobile),
    (_SPOKEN, bool),
    (_LANDLINE, lambda number: _is_one(number, [3, 4], [4, 4])),
    (_LOCAL, _is_local),
)


_LONGEST = (_IDENTITY, _OLD_IDENTITY, _LONG, _CARD)


def _has_unit(plain: Plain, number: str, last: int, *, counts: bool = True) -> bool:
    """Whether it counts something, or is a row of rooms."""
    few = max(map(len, _groups(number)[0])) <= 4
    return (counts and plain.after(_UNIT, last)) or (few and plain.after(_ROOM, last))


def _is_counted(plain: Plain, kind: re.Pattern[str], number: str, first: int) -> bool:
    """Whether a word says so; a pair of words is a way of speaking, and 3+86752109 and 3 + 86752109 are sums."""
    if plain.before(_COUNTED, first):
        return True
    if kind is _LOCAL:
        return plain.in_chinese(first) and _PAIRS.fullmatch(_digits(number)) is not None
    begin, end = plain.begins[first - 1], plain.ends[first - 1]
    written = end - begin > 1 and plain.source[end - 1] in "+\uff0b"  # 501 +44 7911 123456
    return not written and plain.text[max(0, first - 2)] in f"0123456789{MASKED}"


def _is_sure(plain: Plain, kind: re.Pattern[str], number: str, first: int, last: int) -> bool:
    """Whether it is a person's whatever else stands beside it."""
    if plain.before(_TELEPHONE, first) or plain.after(_CALLED, last) or kind in (_SPOKEN, _BEFORE_ROOM):
        return True
    if kind is _IDENTITY and _checks(_digits(number)):
        return True
    return kind in _LONGEST and (plain.before(_OF_CARD, first) or plain.before(_OF_IDENTITY, first))


def _stays(plain: Plain, kind: re.Pattern[str], found: re.Match[str]) -> bool:
    """Whether the word beside it says that it is no number of a person."""
    first, last = found.start() + (kind is _FOREIGN), found.end() - 1  # of its digits
    if _is_sure(plain, kind, found[0], first, last):
        return False
    sizes = [len(group) for group in _groups(found["own"] if kind is _MOBILE else found[0])[0]]
    listed = "," in found[0]
    mobile = kind is _MOBILE and (sizes in ([11], [7, 4]) or (sizes == [3, 4, 4] and not listed))
    mobile = mobile and not found[0].startswith("01")  # as numbers of meters do
    counts = not (kind in _LONGEST and _checks_as_card(found[0]))  # nobody counts sixteen digits of anything
    if plain.before(_LABEL, first) or (counts and plain.before(_SUM_BEFORE, first)):
        return True
    if counts and plain.after(_SUM_AFTER, last) and not (mobile and sizes == [3, 4, 4]):
        return True
    if kind in (_LOCAL, _FOREIGN) and _is_counted(plain, kind, found[0], first):
        return True
    if "+" in found[0] and plain.text[last + 1 : last + 2] == "=":
        return True  # adds up
    thing = plain.before(_THING, first)
    if mobile:  # nothing else looks like this
        return thing and plain.after(_OF_THING, last)
    if plain.before(_PAPERS, first) or _has_unit(plain, found[0], last, counts=counts):
        return True
    return thing and not (kind in (_LANDLINE, _FOREIGN) and len(sizes) > 1)


def _hidden(rest: str, taken: list[tuple[int, int]]) -> str:
    if not taken:
        return rest
    signs = list(rest)
    for begin, end in taken:
        signs[begin:end] = MASKED * (end - begin)
    return "".join(signs)


def _found(plain: Plain, *, in_words: bool) -> Iterator[tuple[int, int]]:
    """Where the numbers of people are. Each kind is looked for in what those before it have left."""
    named = list(papers(plain.text))
    yield from named
    rest = _hidden(plain.text, named)
    for kind, is_one in _KINDS if in_words else _KINDS[:-1]:
        place = 0
        taken: list[tuple[int, int]] = []
        while found := kind.search(rest, place):
            is_own = is_one(found["own"] if kind.groups else found[0])
            if kind is _CARD and not is_own:  # of a wrong check digit, too
                is_own = plain.before(_OF_CARD, found.start()) and _is_one(found[0])
            if is_own and not _stays(plain, kind, found):
                taken.append(found.span())
                place = found.end()
            elif kind is _LONG:
                place = found.end()
            else:
                place = found.start() + 1
        yield from taken
        rest = _hidden(rest, taken)
    if in_words:
        for begin, _ in plain.lists:
            said = _SAID.match(rest, begin)
            if not said or _STAMP.match(_digits(said[0])) or _has_unit(plain, said[0], said.end() - 1):
                continue
            if plain.before(_TELEPHONE, begin) and _is_said(said[0]):
                yield said.span()
                rest = _hidden(rest, [said.span()])
        yield from accounts(rest)


_ONE_DIGIT = re.compile(DIGIT)
_WHOLE_TAG = re.compile(TAG, re.DOTALL)
_ID = re.compile(UUID)
_ROUNDS = 4  # what one number hid is found in the next


def _once(text: str, *, in_words: bool, coded: bool) -> str:
    plain = Plain(text, coded=coded)
    parts: list[str] = []
    last = 0
    for begin, end in sorted(_found(plain, in_words=in_words)):
        first, then = plain.place(begin, end)
        if first >= last:  # a name at a messenger may begin in one of these
            parts += [text[last:first], "***"] if first > last or not parts else []
        last = max(last, then)
    return "".join((*parts, text[last:]))


def without_numbers(text: str, *, in_words: bool = True) -> str:
    """The text with `***` for each number of a person; all else stays where it is.

    `in_words=False` is for ids: there eight digits are nobody's telephone.
    """
    if len(text) == 36 and _ID.fullmatch(text):  # the id of an entry: most of what is asked
        return text
    few = len(_ONE_DIGIT.findall(text)) < _FEWEST or len(_ONE_DIGIT.findall(_ID.sub("", text))) < _FEWEST
    if few and not (in_words and may_be_named(text)):
        return text
    if "<" in text:  # a link holds numbers, too, and stands between the digits of others
        text = _WHOLE_TAG.sub(lambda tag: f"<{without_numbers(tag[0][1:-1], in_words=in_words)}>", text)
    for _ in range(_ROUNDS):
        before = text
        if has_codes(text):  # %20 may be a space, and % a disguise beside 20
            text = _once(text, in_words=in_words, coded=True)
        text = _once(text, in_words=in_words, coded=False)
        if before == text:
            break
    return text
