"""Which numbers are a person's: a table both ways, with precision and recall."""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.contracts.message import mask, names_nobody
from tests.unit.shared.numbers_beside import BESIDE_PEOPLE, BESIDE_THINGS
from tests.unit.shared.numbers_disguised import ALIKE, DISGUISED
from tests.unit.shared.numbers_table import PEOPLE, THINGS

_MARKED = re.compile("⟦(.*?)⟧")
_STARS = re.compile(r"\*{3,}")
_FILLED = {
    "{id}": "370203199001011233",
    "{id17}": "37020319900101123",
    "{space}": " ",
    "{card}": "6222021234567890128",
    "{spaced}": "6222 0212 3456 7890 128",
    "{dashed}": "6222-0212-3456-7890-128",
    "{visa}": "4111111111111111",
    "{visa_spaced}": "4111 1111 1111 1111",
}


# Decided to be lost, with the reason.
LOST = (
    ("编号13812345678", "after a word of things it may be a meter, and meters stay"),
    ("电梯83812345", "a telephone right after a thing's name is taken for the number of the thing"),
    ("83812345元", "a telephone before 元 is a sum"),
    ("8381-8390", "counts up, as rooms do; after 电话 it is masked"),
    ("23812345", "numbers of the place begin with 5 to 8; a date begins with 2; after 电话 it is masked"),
    ("5551234", "seven digits are a telephone only after a word that says so"),
    ("138123456789", "a digit too many is a code of a grid or a meter; after 电话 it is masked"),
    ("0701-6234567", "the few area codes 0N0N look like rooms; after 电话 it is masked"),
    ("l38O0I38OOO", "letters for digits"),
    ("138***1234***5678", "three stars are what was masked before"),
    ("138 one 1234 two 5678", "words between digits"),
    ("157×2086×3394", "× stands between the sides of a thing"),
    ("157¥2086¥3394", "what stands beside ¥ is a sum"),
    ("157+2086+3394=5637", "a sum that is added up"),
    ("E20863394", "a passport without its name is the code of a thing"),
    ("今年86752109", "eight digits after a time or an amount are a reading; after 电话 they are masked"),
    ("图号86752109", "a word with 号 names a thing, but for those of people (手机号, 的号, 备用号)"),
    ("8675+2109", "the sum of two numbers; after 电话 with any other sign it is masked"),
    ("157,20863394", "a list of two"),
    ("80000000", "a round sum; after 电话 it is masked"),
    ("八八七七六六五五", "pairs in words are a way of speaking; after 电话 they are masked"),
    ("\u216057ⅡⅧ63394", "Roman numerals are letters: phases of buildings and classes of roads"),
    ("400-620-6620", "the line of a company is nobody's"),
    ("157!!!!!2086!!!!!3394", "more than four signs are no gap in a number"),
    ("86 75 21 09", "four times two digits are measured values or houses; after 电话 it is masked"),
    ("867 52109", "a room and a hot line: 508 12345; after 电话 it is masked"),
    ("867 52 109", "three groups are rooms; after 电话 it is masked"),
    ("8675.2109", "a decimal number; after 电话 it is masked"),
    ("8675，2109", "a list of two, after 电话 as well"),
    ("8675/2109", "one or the other of two rooms; after 电话 it is masked"),
    (
        "40215720863394",
        "fourteen digits are the code of a grid or a manhole, also when a room and a mobile are in it",
    ),
    ("157208633940", "a digit too many"),
    ("157******94", "who masks it himself has said little; what is left of it says no more"),
    (
        "老人卡号 370202863394",
        "twelve digits after a card's number that no bank has: cards of buses and water",
    ),
    ("微信：老王1986", "a name at a messenger in Chinese is what neighbours call each other"),
    ("加微信fang", "names at a messenger have six signs and more"),
    ("一百三十八", "numbers in words are no rows of digits"),
    ("一百七十六六四零二一九三七", "nor is what is half of it"),
    ("一柒六陸四零弍壹玖叄七", "弍 is a numeral of no list"),
    ("3+852-91234567", "what is added right to a number is a sum; with a space before + it is masked"),
    ("370203199001011234岁", "a wrong check digit and a unit; after 身份证 it is masked"),
    ("水卡6222021234567890128", "cards of things have numbers as long"),
)
# Masked, though it is nobody's: recall is worth more.
TAKEN = (
    ("设备编号 8600 1234 5678 9012", "a word reaches as far as the next space"),
    ("样品66012345", "eight digits that nothing stands beside"),
    ("150*1200*3000", "three, four and four digits are how a mobile is written; with mm it stays"),
    ("阀门 RX-8675-2109", "letters before may be of a name; after a word of things they are not"),
    ("共受理86752109", "eight digits beside a word that is in no list"),
    ("水表（15720863394）", "a mobile after a meter is more often of the one who knows about it"),
    ("https://a.example/?id=15720863394", "a mobile in a link is a mobile"),
    ("sha256:86752109", "eight digits after a sign; a real sum has letters between"),
    ("1301130213031304室", "sixteen digits in one row may be a card"),
    (
        "3702030142026001",
        "sixteen digits with a right check digit are a card, also when an area and a year are in it",
    ),
    ("3702030012345678901", "fifteen digits and more that nothing stands beside may be a card"),
)


def cases(table: str) -> list[str]:
    for name, value in _FILLED.items():
        table = table.replace(name, value)
    return table.strip().split("\n")


OF_PEOPLE = cases(PEOPLE) + cases(DISGUISED) + cases(BESIDE_PEOPLE)
OF_THINGS = cases(THINGS) + cases(ALIKE) + cases(BESIDE_THINGS)
EVERY = OF_PEOPLE + OF_THINGS


def unmarked(case: str) -> str:
    return case.replace("⟦", "").replace("⟧", "")


@pytest.mark.parametrize(
    "text", ["今年电话86752109", "电话80000000", "电话八八七七六六五五", "图号1电话：86752109"]
)
def test_what_is_lost_is_found_after_the_word(text: str) -> None:
    assert mask(text).endswith("电话***") or mask(text).endswith("电话：***")


def test_the_table_is_long_and_has_both_sides() -> None:
    assert len(EVERY) == len(set(EVERY)) >= 500
    assert all("⟦" in case for case in OF_PEOPLE)
    assert not any("⟦" in case for case in OF_THINGS)


@pytest.mark.parametrize("case", EVERY)
def test_a_persons_number_goes_and_all_else_stays(case: str) -> None:
    assert mask(unmarked(case)) == _MARKED.sub("***", case)


def test_precision_and_recall_are_whole(capsys: pytest.CaptureFixture[str]) -> None:
    right = missed = wrong = 0
    for case in EVERY:
        wanted = _MARKED.findall(case)
        masked = mask(unmarked(case))
        gone = sum(number not in masked for number in wanted)
        right, missed = right + gone, missed + len(wanted) - gone
        wrong += max(0, len(_STARS.findall(masked)) - len(_STARS.findall(unmarked(case))) - gone)
    precision, recall = right / (right + wrong), right / (right + missed)
    with capsys.disabled():
        print(f"\nmask: {len(EVERY)} cases, precision {precision:.3f}, recall {recall:.3f}")
    assert (precision, recall) == (1, 1)


@pytest.mark.parametrize(("text", "why"), LOST)
def test_what_is_lost_is_known(text: str, why: str) -> None:
    assert mask(text) == text, why


@pytest.mark.parametrize(("text", "why"), TAKEN)
def test_what_is_taken_wrongly_is_known(text: str, why: str) -> None:
    assert "***" in mask(text), why


@given(
    st.text(
        st.characters(categories=["P", "S", "Z", "M", "Cf", "Co"], exclude_characters="*○%‰°℃℉㎡㎥×÷"),
        min_size=1,
        max_size=4,
    ).filter(lambda gap: not {"Sc"} & {unicodedata.category(each) for each in gap})
)
@example("\u202e")
@example("👉👉")
def test_whatever_is_no_letter_and_no_digit_may_stand_in_a_number(gap: str) -> None:
    assert mask(f"找{gap.join(['157', '2086', '3394'])}谢") == "找***谢"


@given(
    st.lists(st.sampled_from([unmarked(case) for case in EVERY]), max_size=6),
    st.sampled_from(["", " ", "，", "\n"]),
)
def test_masking_cases_twice_is_masking_them_once(some: list[str], between: str) -> None:
    text = between.join(some)
    assert mask(mask(text)) == mask(text)


@given(
    st.text(
        alphabet="158302X一三八五户元电表话号.-,、 *<b>/'&;\u200b#+=…\"「」。%!丨洞护照E\u0336㊀☎",
        max_size=80,
    )
)
def test_masking_anything_twice_is_masking_it_once(text: str) -> None:
    assert mask(mask(text)) == mask(text)


@pytest.mark.parametrize("id", ["receipt-83812345", "2-301", "grid-worker-370203014008-06"])
def test_eight_digits_in_an_id_are_nobodys(id: str) -> None:
    assert names_nobody(id) == id


def lines_run(work: Callable[[], Any]) -> int:
    """How many lines of Python are run: a measure that a busy machine does not change."""
    lines = 0

    def trace(frame: Any, event: str, arg: Any) -> Any:
        nonlocal lines
        lines += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(before)
    return lines


@pytest.mark.parametrize(
    "piece",
    [
        "1",
        "13",
        "13 ",
        "1一",
        "1301、",
        "138 ",
        "8381 2345 ",
        "<a 1",
        "1<b>",
        "电表1、",
        "1.",
        "&#49;",
        "0532-",
        "** 1",
        "…1",
        "%31",
        "1%",
        "<!--1",
        "<!-- 1 -->",
        "1\u0336",
        "护照E1",
        "&amp;#49;",
        "微信a",
        "加我的",
        "vx a-",
        "139的",
        "身份证尾号1",
        "1年",
        "/a/8381234",
        "编号 abc 1",
        "+1",
        "+852 ",
        " +1 ",
        "0 5 3 2 8 ",
        "01391234",
        "4367 4200 ",
        "卡4",
    ],
)
def test_the_work_grows_with_the_length_of_the_text(piece: str) -> None:
    short, long = (piece * (size // len(piece)) for size in (5_000, 20_000))
    assert lines_run(lambda: mask(long)) < 6 * lines_run(lambda: mask(short))


@pytest.mark.timeout(60)
@pytest.mark.parametrize("piece", ["1", "1一", "13 ", "<a 1", "1<b>", "微信a", "139的"])
def test_a_hundred_thousand_digits_are_masked(piece: str) -> None:
    assert len(mask(piece * 100_000)) <= 100_000 * len(piece)
