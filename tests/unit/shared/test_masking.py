"""Text that leaves its service carries no telephone number, no identity number and no mail address."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.from_intake.orders import OrderWithdrawnV1
from shared.contracts.message import mask, names_nobody

DIGITS = "0123456789"
WORDS = st.text(
    st.characters(exclude_categories=["Cs", "Nd", "Nl", "No", "Sc"], exclude_characters="+-_.@Xx%°<&"),
    max_size=30,
)


def around(*middle: st.SearchStrategy[str]) -> st.SearchStrategy[tuple[str, str, str]]:
    return st.tuples(WORDS, st.one_of(*middle), WORDS)


MOBILE = st.from_regex(
    r"(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}", fullmatch=True, alphabet=DIGITS + "+- "
)
LANDLINE = st.from_regex(r"0(10|2\d|[3-9][1-9]\d)[- ]?[2-8]\d{6,7}", fullmatch=True, alphabet=DIGITS + "- ")
IDENTITY = st.from_regex(r"[3-8]\d{16}[\dXx]|[3-8]\d{14}", fullmatch=True, alphabet=DIGITS + "Xx")


@given(around(MOBILE, LANDLINE, IDENTITY))
def test_no_number_of_a_person_survives_between_words(text: tuple[str, str, str]) -> None:
    before, number, after = text
    masked = mask(f"{before} {number} {after}")
    assert masked == f"{before} *** {after}"


@given(st.from_regex(r"[a-z0-9._+-]{1,20}@[a-z0-9-]{1,20}\.(com|cn|com\.cn)", fullmatch=True))
def test_no_mail_address_survives(address: str) -> None:
    assert mask(f"请联系 {address} 谢谢") == "请联系 *** 谢谢"


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("电话13812345678,晚上打", "电话***,晚上打"),
        ("张三：13812345678；李四：13912345678", "张三：***；李四：***"),
        ("+86 138 1234 5678", "***"),
        ("86-138-1234-5678", "***"),
        ("0532-88886666", "***"),
        ("身份证370203199001011234", "身份证***"),
        ("身份证37020319900101123X住", "身份证***住"),
        ("id 370203900101123", "id ***"),
        ("mail zhang.san+home@example.com.cn now", "mail *** now"),
        ("mail zhang\uff20example.cn now", "mail *** now"),
        ("电话\uff11\uff13\uff18\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18,晚上打", "电话***,晚上打"),
        ("138.1234.5678", "***"),
        ("138 12 34 56 78", "***"),
        ("1 3 8 1 2 3 4 5 6 7 8", "***"),
        ("138\uff0d1234\uff0d5678", "***"),
        ("0532 8888 6666", "***"),
        ("370203 19900101 123X", "***"),
        ("370203-19800101-1234", "***"),
        ("138 - 1234 - 5678", "***"),
        ("138\uff0c1234\uff0c5678", "***"),
        ("138\u200b1234\u200b5678", "***"),
        ("1\u20603\u20608\u20601\u20602\u20603\u20604\u20605\u20606\u20607\u20608", "***"),
        ("138/1234/5678、138_1234_5678", "***、***"),
        ("138*1234*5678 138|1234|5678 138:1234:5678", "*** *** ***"),
        ("138   1234   5678", "***"),
        ("1381234567813912345678", "***"),
        ("卡号 6222021234567890123", "卡号 ***"),
        ("0532 - 88888888", "***"),
        ("foo@bar\u3002cn", "***"),
    ],
)
def test_what_people_really_write_is_masked(text: str, masked: str) -> None:
    assert mask(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "3号楼2单元501室",
        "2026-03-01 08:30",
        "费用 12345.67 元",
        "社区 370203014004",
        "12345 热线",
        "1-301 2-302 301",
        "120.3638, 36.0927",
        "2026.03.01 2026.03.15",
        "2026-03-01 08:30 2026-03-02 18:00",
        "1301、1302、1303、1304 室",
        "12, 120, 1300, 15000",
        "路灯坏了@门口",
    ],
)
def test_what_is_nobodys_number_stays(text: str) -> None:
    assert mask(text) == text


@given(st.text(max_size=300))
def test_masking_twice_is_masking_once(text: str) -> None:
    assert mask(mask(text)) == mask(text)


@given(st.text(max_size=500))
def test_masking_never_makes_a_text_longer_than_its_type_allows(text: str) -> None:
    assert len(mask(text)) <= max(len(text), 500)


@pytest.mark.parametrize(
    "id", ["13812345678", "tel_13812345678", "p-0532-88886666", "a@b.cn", "unit.138.1234.5678"]
)
def test_an_id_is_no_number_of_a_person(id: str) -> None:
    with pytest.raises(ValueError, match="do not belong here"):
        names_nobody(id)


@pytest.mark.parametrize(
    "id", ["grid-worker-370203014008-06", "01900000-0000-7000-8000-000000000001", "2-301"]
)
def test_an_id_stays_as_it_is(id: str) -> None:
    assert names_nobody(id) == id


@given(st.uuids())
def test_a_uuid_is_an_id_whatever_digits_it_has(id: UUID) -> None:
    assert names_nobody(str(id)) == str(id)


@given(st.text(alphabet="13580Xx.- @+a", max_size=60))
def test_masking_numbers_twice_is_masking_them_once(text: str) -> None:
    assert mask(mask(text)) == mask(text)


def test_the_type_masks_by_itself() -> None:
    assert OrderWithdrawnV1(reason="call 13812345678").reason == "call ***"
    assert OrderWithdrawnV1.model_validate({"reason": "a@b.cn"}).reason == "***"


def test_an_id_may_hold_a_uuid_and_no_number_of_a_person() -> None:
    racer = "racer-of-01900000-0000-7000-8000-000000100000"
    assert names_nobody(racer) == racer
    with pytest.raises(ValueError, match="do not belong"):
        names_nobody("racer-13812345678")
