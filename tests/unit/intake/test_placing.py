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


@pytest.mark.parametrize("role", list(CHANNELS))
def test_a_title_is_the_category_s_words_or_written_by_staff(role: Role) -> None:
    """Whatever a resident or a building leader writes is read with the text, and told to nobody."""
    wanted: dict[str, Any] = {"title": "张三家 3-201，电话 13812345678", "ordered_for": "r-li"}
    if role is Role.RESIDENT:
        del wanted["ordered_for"]
    order = placed(Caller("x-1", role, area="370203"), **wanted)
    if role in (Role.RESIDENT, Role.BUILDING_LEADER):
        assert (order.title, order.subject) == ("下水管道 Sewage pipe", wanted["title"])
    else:
        assert (order.title, order.subject) == ("张三家 3-201，电话 ***", "")
    assert (
        placed(Caller("x-1", role, area="370203"), **{**wanted, "title": None}).title
        == CATEGORIES["sewage_pipe"].title
    )


@pytest.mark.parametrize("channel", ["open311", "import"])
def test_what_others_wrote_is_no_title_whoever_brings_it(channel: str) -> None:
    brought = placed(Caller("x-1", Role.OPERATOR), title="张三家", channel=channel, ordered_for="r-li")
    assert (brought.title, brought.subject) == ("下水管道 Sewage pipe", "张三家")


@given(st.text(min_size=1).filter(str.strip), st.text(min_size=1).filter(str.strip))
def test_nothing_of_what_a_resident_writes_is_told(title: str, text: str) -> None:
    try:
        command = body(title=title, text=text)
    except ValidationError:
        return
    (said,) = place(
        command, by=RESIDENT, at=NOON, categories=CATEGORIES, outline=OUTLINE, jurisdiction="370203"
    ).events
    assert isinstance(said, OrderPlacedV1)
    assert said.title == "下水管道 Sewage pipe"


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


TAKERS = [role for role in CHANNELS if role is not Role.RESIDENT]
CALLER = {"name": "王奶奶", "phone": "053282860000"}


@pytest.mark.parametrize("role", TAKERS)
def test_who_takes_orders_of_others_does_not_name_themselves(role: Role) -> None:
    for more in ({}, {"contact": CALLER}):
        with pytest.raises(ForWhomMissing):
            placed(Caller("x-1", role, area="370203"), ordered_for="x-1", **more)


@pytest.mark.parametrize("role", TAKERS)
def test_who_has_no_account_is_named_by_a_contact_and_a_find_by_nobody(role: Role) -> None:
    """Nobody with an account will evaluate it: least of all whoever wrote it down."""
    taker = Caller("x-1", role, area="370203")
    if role is Role.GRID_WORKER:
        assert placed(taker).is_of_nobody
    else:
        with pytest.raises(ForWhomMissing):
            placed(taker)
    order = placed(taker, contact=CALLER)
    in_person = (taker.id,) if role is Role.BUILDING_LEADER else ()  # staff took it in their office
    assert (order.is_of_nobody, order.owners, order.ordered_for) == (True, in_person, None)
    assert order.contact is not None
    assert not placed(taker, ordered_for="r-li").is_of_nobody
    assert not placed(RESIDENT).is_of_nobody


def test_whose_evaluation_counts_is_for_whom_it_was_ordered_or_who_ordered_for_themselves() -> None:
    def evaluated_by(by: Caller, **more: Any) -> str:
        (said,) = place(
            body(**more), by=by, at=NOON, categories=CATEGORIES, outline=OUTLINE, jurisdiction="370203"
        ).events
        assert isinstance(said, OrderPlacedV1)
        return said.evaluated_by(by.by)

    assert evaluated_by(RESIDENT) == "r-li"
    assert evaluated_by(LEADER, ordered_for="r-li") == "r-li"
    assert evaluated_by(LEADER, channel="app") == "l-26"
    assert evaluated_by(LEADER, contact=CALLER) == ""
    assert evaluated_by(Caller("g-6", Role.GRID_WORKER, area="370203")) == ""


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


def test_what_staff_placed_in_their_office_is_not_theirs_as_persons() -> None:
    """Who was of the staff and is a resident now reads and withdraws nothing that was ordered at their desk."""
    clerk = Caller("x-1", Role.COMMUNITY, area="370203")
    order = placed(clerk, ordered_for="r-li")
    at_home = Caller("x-1", Role.RESIDENT)
    assert not order.is_seen_by(at_home)
    assert not order.is_of(clerk)
    assert order.is_of(Caller("r-li", Role.RESIDENT))
    leader = Caller("x-2", Role.BUILDING_LEADER, area="370203")
    assert placed(leader, ordered_for="r-li").is_of(leader)
    assert not placed(leader, ordered_for="r-li").is_of(Caller("x-2", Role.RESIDENT))
