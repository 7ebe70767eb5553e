"""Placing an order: who may, where, about what, and what leaves intake."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from services.intake.domain.order import (
    CHANNELS,
    Channel,
    ChannelNotYours,
    ForWhomMissing,
    OnlyForYourself,
    OutsideJurisdiction,
    UnknownCategory,
    place,
    title_of,
)
from services.intake.domain.timeline import Progress
from shared.caller import By, Caller, Role
from shared.contracts.from_intake.orders import OrderPlacedV1
from tests.unit.intake.given import BODY, CATEGORIES, LEADER, NOON, OUTLINE, RESIDENT, body, placed


def test_an_order_that_is_placed_is_told_once() -> None:
    decision = place(
        body(), by=RESIDENT, at=NOON, categories=CATEGORIES, outline=OUTLINE, jurisdiction="370203"
    )
    (said,) = decision.events
    assert isinstance(said, OrderPlacedV1)
    assert (said.kind, said.category, said.urgency, said.channel) == (
        "problem",
        "sewage_pipe",
        "urgent",
        "app",
    )
    order = decision.state
    assert order.progress is Progress.PLACED
    assert order.placed_by == By("resident", "r-li")
    assert [line.event for line in order.timeline] == ["order_placed"]
    assert order.area == "370203"  # the whole jurisdiction, until dispatch finds the grid


def test_contact_and_words_of_the_resident_never_leave() -> None:
    decision = place(
        body(title="电话 13812345678", contact={"name": "李四", "phone": "13812345678"}, ordered_for="r-li"),
        by=RESIDENT, at=NOON, categories=CATEGORIES, outline=OUTLINE, jurisdiction="370203",
    )  # fmt: skip
    public = decision.events[0].model_dump_json() + "".join(
        line.model_dump_json() for line in decision.state.timeline
    )
    for secret in ("13812345678", "李四", "请打电话"):
        assert secret not in public
    assert decision.state.contact is not None
    assert decision.state.contact.phone == "13812345678"


def test_a_stored_order_reads_back_the_same() -> None:
    order = placed(contact={"name": "李四", "phone": "+86 138-1234-5678"})
    assert type(order).model_validate(order.model_dump()) == order


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("污水管破了。水流到路上", "污水管破了"),
        ("！！！\n路灯不亮了", "路灯不亮了"),
        ("Pipe No. 3.5 is broken. Please come", "Pipe No"),
        ("Write to a.b@example.org! Soon", "Write to ***"),
        ("打13812345678找我", "打***找我"),
        ("。", "。"),
        ("长" * 500, "长" * 59 + "…"),
    ],
)
def test_without_a_title_the_first_sentence_serves_as_one(text: str, title: str) -> None:
    assert title_of(text) == title


@given(st.text(alphabet="1380。. 长a@b", min_size=1), st.integers(13_000_000_000, 19_999_999_999))
def test_no_title_shows_a_telephone_number(around: str, phone: int) -> None:
    assert f" {phone} " not in f" {title_of(f'{around} {phone} {around}')} "


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("channel", list(Channel))
def test_every_role_orders_on_its_own_channels_only(role: Role, channel: Channel) -> None:
    someone = Caller("x-1", role, area="370203")
    wanted: dict[str, Any] = {"channel": channel}
    if channel is not Channel.APP:
        wanted["ordered_for"] = "r-li"
    if channel in CHANNELS.get(role, ()):
        assert placed(someone, **wanted).channel == channel
    else:
        with pytest.raises(ChannelNotYours):
            placed(someone, **wanted)


def test_without_a_channel_it_is_that_of_the_role() -> None:
    assert placed(LEADER, ordered_for="r-li").channel == "building_leader"


def test_a_building_leader_says_for_whom() -> None:
    with pytest.raises(ForWhomMissing):
        placed(LEADER, channel="building_leader")
    order = placed(LEADER, channel="building_leader", ordered_for="r-li")
    assert order.owners == ("l-26", "r-li")
    assert order.is_of(RESIDENT)
    assert order.is_of(LEADER)


@pytest.mark.parametrize("role", [role for role in CHANNELS if role is not Role.RESIDENT])
@pytest.mark.parametrize("ordered_for", [None, "x-1"])
def test_who_takes_orders_of_others_says_for_whom_and_it_is_somebody_else(
    role: Role, ordered_for: str | None
) -> None:
    with pytest.raises(ForWhomMissing):
        placed(Caller("x-1", role, area="370203"), ordered_for=ordered_for)


def test_a_resident_orders_for_nobody_else() -> None:
    with pytest.raises(OnlyForYourself):
        placed(RESIDENT, ordered_for="r-wang")


def test_an_unknown_category_is_refused_by_its_own_type() -> None:
    with pytest.raises(UnknownCategory):
        placed(category="dragons")


@pytest.mark.parametrize(
    ("longitude", "latitude", "inside"),
    [
        (120.38, 36.1, True),
        (120.3, 36.05, True),  # on the edge
        (120.4, 36.1, True),  # where two areas of the outline meet
        (120.29, 36.1, False),
        (36.1, 120.38 - 90, False),  # mixed up
        (0, 0, False),
    ],
)
def test_orders_are_taken_inside_the_outline(longitude: float, latitude: float, inside: bool) -> None:
    where = {"longitude": longitude, "latitude": latitude}
    if inside:
        assert placed(place=where).place is not None
    else:
        with pytest.raises(OutsideJurisdiction):
            placed(place=where)


@pytest.mark.parametrize(
    "wrong",
    [
        {"place": {"longitude": 181, "latitude": 36}},
        {"place": {"longitude": 120, "latitude": -91}},
        {"place": {"longitude": float("nan"), "latitude": 36}},
        {"place": {"longitude": "1e999", "latitude": 36}},
        {"text": ""},
        {"text": "   "},
        {"text": "x" * 4001},
        {"text": "a\x00b"},
        {"title": {"$ne": None}},
        {"category": "a.b"},
        {"category": "$where"},
        {"kind": "wish"},
        {"urgency": "yesterday"},
        {"channel": "pigeon"},
        {"ordered_for": "13812345678"},
        {"ordered_for": "a b"},
        {"contact": {"name": "李四", "phone": "call me"}},
        {"contact": {"name": "李四", "phone": "13812345678", "age": 3}},
        {"colour": "red"},
    ],
)
def test_malformed_orders_are_no_orders(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        body(**{**BODY, **wrong})
