"""Opening an order again: who may, until when, how often, and what residents see of it."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.intake.domain.order import NotYourOrder, Order, OrderClosed, WithdrawOrder, withdraw
from services.intake.domain.reopening import (
    Again,
    NotClosed,
    ReopenedTooOften,
    ReopeningTerms,
    ReopeningTooLate,
    ReopenOrder,
    reopen,
)
from services.intake.domain.timeline import Progress
from services.intake.queries import live_lines
from shared.caller import Caller
from shared.contracts import from_dispatch as dispatch
from shared.contracts.from_intake import OrderReopenedV1
from shared.contracts.message import Heard
from shared.entry import Decision, Entry
from shared.problems import NotFound
from tests.unit.intake.given import (
    AREA,
    COMMUNITY,
    ELSEWHERE,
    LEADER,
    NEIGHBOUR,
    NOON,
    ORDER,
    RESIDENT,
    golden_a,
    hear,
    heard,
    placed,
    told,
)
from tests.unit.intake.test_timeline import interleavings, reopened, without_arrival

ASK = ReopenOrder(reason=Again.CAME_BACK, words="3-201 张三家又漏水")
TERMS = ReopeningTerms()
GOLDEN = told(*golden_a())
LAST = 26  # minutes after noon
AGAIN_AT = NOON + timedelta(minutes=60)


def closed(outcome: str = "solved", order: Order | None = None, at: datetime = NOON) -> Order:
    opened = dispatch.DispatchOpenedV1(
        area=AREA, category="x", urgency="urgent", answer_by=NOON, close_by=NOON
    )
    said = (opened, dispatch.DispatchClosedV1(outcome=outcome, in_time=True))
    return hear(order or placed(), *(heard(one, n=n, at=at) for n, one in enumerate(said, 1)))


def asked(order: Order, by: Caller = RESIDENT, after: timedelta = timedelta(days=1)) -> Decision[Order]:
    return reopen(order, ASK, by=by, at=NOON + after, terms=TERMS)


def test_a_closed_order_is_open_again_and_only_a_code_is_told() -> None:
    decision = asked(closed())
    assert decision.events == (OrderReopenedV1(number=1, reason="came_back"),)
    order = decision.state
    assert (order.progress, order.outcome, order.closed_at) == (Progress.ACCEPTED, None, None)
    assert [(one.outcome, one.words) for one in order.reopenings] == [("solved", ASK.words)]
    assert "张三" not in json.dumps([line.model_dump(mode="json") for line in order.timeline])
    assert Order.model_validate(order.model_dump()) == order
    assert asked(order).state is order  # asking twice changes nothing


@pytest.mark.parametrize("outcome", ["solved", "partly", "not_solved", "out_of_remit", "duplicate"])
def test_whatever_it_was_closed_as(outcome: str) -> None:
    assert asked(closed(outcome)).events


CALLER = {"name": "王奶奶", "phone": "053282860000"}
FOR_LI = placed(LEADER, ordered_for="r-li")
OF_NOBODY = placed(COMMUNITY, contact=CALLER)
OTHER = Caller("s-7", COMMUNITY.role, area=COMMUNITY.area)


@pytest.mark.parametrize(
    ("order", "by", "refusal"),
    [
        (placed(), RESIDENT, None),
        (placed(), NEIGHBOUR, NotFound),
        (placed(), ELSEWHERE, NotFound),
        (placed(), COMMUNITY, NotYourOrder),
        (FOR_LI, RESIDENT, None),
        (FOR_LI, LEADER, None),
        (FOR_LI, COMMUNITY, NotYourOrder),
        (OF_NOBODY, COMMUNITY, None),
        (OF_NOBODY, OTHER, None),  # she calls again, and somebody else answers
        (OF_NOBODY, ELSEWHERE, NotFound),
        (OF_NOBODY, RESIDENT, NotFound),
    ],
)
def test_who_may(order: Order, by: Caller, refusal: type[Exception] | None) -> None:
    if refusal is None:
        assert asked(closed(order=order), by).events
    else:
        with pytest.raises(refusal):
            asked(closed(order=order), by)


def test_an_order_that_is_open_or_was_withdrawn_is_not_opened_again() -> None:
    withdrawn = withdraw(placed(), WithdrawOrder(), by=RESIDENT, at=NOON).state
    for order in (placed(), withdrawn, closed("withdrawn", withdrawn)):
        with pytest.raises(NotClosed):
            asked(order)


@pytest.mark.parametrize(("after", "in_time"), [(0, True), (1, False)])
def test_ten_days_and_not_a_second_more(after: int, in_time: bool) -> None:
    when = timedelta(days=10, seconds=after)
    if in_time:
        assert asked(closed(), after=when).events
    else:
        with pytest.raises(ReopeningTooLate):
            asked(closed(), after=when)


def test_three_times_and_not_once_more() -> None:
    order = placed()
    for number in range(1, 5):
        order = closed(order=order, at=NOON + timedelta(days=number))
        if number == 4:
            with pytest.raises(ReopenedTooOften):
                asked(order, after=timedelta(days=number, hours=1))
        else:
            decision = asked(order, after=timedelta(days=number, hours=1))
            assert decision.events == (OrderReopenedV1(number=number, reason="came_back"),)
            order = decision.state


def test_a_reopened_order_may_be_withdrawn() -> None:
    order = asked(closed()).state
    assert withdraw(order, WithdrawOrder(), by=RESIDENT, at=NOON + timedelta(days=2)).state.progress is (
        Progress.WITHDRAWN
    )
    with pytest.raises(OrderClosed):
        withdraw(closed(), WithdrawOrder(), by=RESIDENT, at=AGAIN_AT)


def second_life() -> dict[str, list[Heard[Any]]]:
    """What is said after it was opened again, numbered on from the first life."""
    said = told(
        (61, reopened(taken=True, calls=1)),
        (62, dispatch.HandlingReportedV1(note="they dig")),
        (63, dispatch.WorkReportedV1(note="done again")),
        (64, dispatch.WorkCheckedV1(passed=True, done_by=("g-06",))),
        (66, dispatch.DispatchClosedV1(outcome="partly", in_time=False)),
    )
    before = len(GOLDEN["dispatch"])
    return {
        "dispatch": [heard(one.data, n=before + n, at=one.at) for n, one in enumerate(said["dispatch"], 1)]
    }


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_the_second_life_reads_the_same_however_late_the_first_is_heard(data: st.DataObject) -> None:
    """Partners and evaluation may be heard after it was opened again; they set nothing back and pay nothing twice."""
    late = {name: GOLDEN[name] for name in ("partners", "evaluation")}
    early = {name: data.draw(st.integers(0, len(some))) for name, some in late.items()}
    first = {"dispatch": GOLDEN["dispatch"], **{name: some[: early[name]] for name, some in late.items()}}
    rest = second_life() | {name: some[early[name] :] for name, some in late.items()}
    order = hear(placed(), *data.draw(interleavings({name: some for name, some in first.items() if some})))
    order = reopen(order, ASK, by=RESIDENT, at=AGAIN_AT, terms=TERMS).state
    order = hear(order, *data.draw(interleavings({name: some for name, some in rest.items() if some})))
    assert (order.progress, order.outcome) == (Progress.CLOSED, "partly")
    assert (order.funding.cost, order.funding.pledged, order.funding.gap) == (0, 0, 0)
    usual = hear(placed(), *(one for some in GOLDEN.values() for one in some))
    usual = reopen(usual, ASK, by=RESIDENT, at=AGAIN_AT, terms=TERMS).state
    usual = hear(usual, *second_life()["dispatch"])
    assert without_arrival(order) == without_arrival(usual)
    events = live_lines(Entry(ORDER, order))
    assert events[-1].data["progress"] == "closed"


def test_the_steps_of_the_second_life_are_shown() -> None:
    order = hear(placed(), *(one for some in GOLDEN.values() for one in some))
    order = reopen(order, ASK, by=RESIDENT, at=AGAIN_AT, terms=TERMS).state
    seen = [order.progress]
    for one in second_life()["dispatch"]:
        order = hear(order, one)
        seen.append(order.progress)
    assert [str(one) for one in seen] == [
        "accepted", "dispatched", "dispatched", "to_be_checked", "to_be_evaluated", "closed",
    ]  # fmt: skip


def test_a_clock_of_another_list_that_is_ahead_does_not_keep_it_closed() -> None:
    order = closed(at=NOON + timedelta(seconds=2))
    again = reopen(order, ASK, by=RESIDENT, at=NOON + timedelta(seconds=1), terms=TERMS).state
    assert again.progress is Progress.ACCEPTED
