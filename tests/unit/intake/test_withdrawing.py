"""Withdrawing an order: who may, and until when."""

from __future__ import annotations

import pytest

from services.intake.domain.order import (
    NEXT,
    NotYourOrder,
    OrderClosed,
    SayWhyWithdrawn,
    WithdrawOrder,
    withdraw,
)
from services.intake.domain.timeline import Progress
from shared.caller import Caller, Role
from shared.contracts.from_dispatch.place import DispatchClosedV1
from shared.contracts.from_intake.orders import OrderWithdrawnV1
from shared.problems import NotFound
from tests.unit.intake.given import (
    COMMUNITY,
    DISTRICT,
    ELSEWHERE,
    LEADER,
    NEIGHBOUR,
    NOON,
    RESIDENT,
    hear,
    placed,
    told,
)

ASK = WithdrawOrder(reason="自己修好了，电话13812345678")


def test_whoever_placed_it_withdraws_it_and_the_reason_stays_here() -> None:
    decision = withdraw(placed(), ASK, by=RESIDENT, at=NOON)
    assert decision.events == (OrderWithdrawnV1(),)
    assert decision.state.withdrawn_because == "自己修好了，电话13812345678"
    assert decision.state.progress is Progress.WITHDRAWN
    last = decision.state.timeline[-1]
    assert (last.number, last.n, last.event, last.data) == (
        2,
        2,
        "order_withdrawn",
        {"reason": ""},
    )


@pytest.mark.parametrize("owner", [RESIDENT, LEADER])
def test_placer_and_resident_may_both_withdraw(owner: Caller) -> None:
    assert withdraw(placed(LEADER, ordered_for="r-li"), ASK, by=owner, at=NOON).events


@pytest.mark.parametrize(
    ("caller", "refusal"),
    [(NEIGHBOUR, NotFound), (ELSEWHERE, NotFound), (COMMUNITY, NotFound), (DISTRICT, NotYourOrder)],
)
def test_nobody_else_may_and_strangers_are_told_nothing(caller: Caller, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):  # the community does not see it before dispatch has found the grid
        withdraw(placed(), ASK, by=caller, at=NOON)


def test_for_whom_has_no_account_whoever_wrote_it_down_withdraws_it_and_says_why() -> None:
    called = placed(COMMUNITY, contact={"name": "王", "phone": "0532-82860000"}).but(
        area=COMMUNITY.area or ""
    )
    assert withdraw(called, ASK, by=COMMUNITY, at=NOON).events == (OrderWithdrawnV1(),)
    with pytest.raises(SayWhyWithdrawn):
        withdraw(called, WithdrawOrder(), by=COMMUNITY, at=NOON)
    with pytest.raises(NotYourOrder):
        withdraw(called, ASK, by=DISTRICT, at=NOON)
    with pytest.raises(NotYourOrder):
        withdraw(placed().but(area=COMMUNITY.area or ""), ASK, by=COMMUNITY, at=NOON)


@pytest.mark.parametrize("progress", list(Progress))
def test_every_progress_allows_what_the_table_says(progress: Progress) -> None:
    order = placed().but(progress=progress)
    if progress is Progress.WITHDRAWN:
        order = withdraw(placed(), ASK, by=RESIDENT, at=NOON).state
        assert withdraw(order, ASK, by=RESIDENT, at=NOON).state is order  # asking twice changes nothing
        with pytest.raises(OrderClosed):  # Before (28d5448): 200, and the other reason was lost
            withdraw(order, WithdrawOrder(reason="修好了"), by=RESIDENT, at=NOON)
    elif Progress.WITHDRAWN in NEXT[progress]:
        after = withdraw(order, ASK, by=RESIDENT, at=NOON).state
        assert after.progress is Progress.WITHDRAWN
    else:
        with pytest.raises(OrderClosed):
            withdraw(order, ASK, by=RESIDENT, at=NOON)


def test_what_was_withdrawn_stays_so_where_another_end_was_on_its_way_and_the_dispatch_says_so_last() -> None:
    """Before (e41bcb1): it was closed as solved, though its withdrawal had been acknowledged."""
    order = withdraw(placed(), ASK, by=RESIDENT, at=NOON).state
    ends = [DispatchClosedV1(outcome=one, in_time=True) for one in ("solved", "withdrawn")]
    for closing in told(*zip((-1, 1), ends, strict=True))["dispatch"]:
        order = hear(order, closing)
        assert (order.progress, order.outcome, order.closed_at) == (
            Progress.WITHDRAWN,
            closing.data.outcome,
            closing.at,
        )


def test_an_operator_withdraws_the_call_that_they_took_down() -> None:
    operator = Caller("hotline-1", Role.OPERATOR)
    called = placed(operator, contact={"name": "王", "phone": "0532-82860000"})
    assert withdraw(called, ASK, by=operator, at=NOON).events == (OrderWithdrawnV1(),)
    with pytest.raises(NotFound):
        withdraw(called, ASK, by=Caller("hotline-2", Role.OPERATOR), at=NOON)
