"""An order gets a grid, and its clocks run from the moment it was placed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.dispatch.domain.clocks.limits import Limit, Limits, Special
from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.ladder.referral import AnswerReferral, respond
from services.dispatch.domain.place.opening import receive
from services.dispatch.domain.states import DispatchState, Level
from services.dispatch.settings import Settings
from shared.contracts.from_dispatch.place import DispatchOpenedV1
from shared.contracts.from_intake.orders import Place
from shared.problems import NotFound, RuleBroken, WrongState
from tests.unit.dispatch.situations import commands, situations
from tests.unit.dispatch.stories import (
    AREA,
    LIMITS,
    NOW,
    SEWAGE,
    WORKDAY_15,
    heard,
    later,
    only,
    opened,
    order,
)  # fmt: skip

GROUND = Settings().first_ground()
COMMUNITY = "370203/370203014/370203014008"


@pytest.mark.parametrize(
    ("urgency", "hours"), [("emergency", 1), ("urgent", 2), ("general", 24), ("odd", 24)]
)
def test_the_dispatch_limit_is_that_of_the_urgency(urgency: str, hours: int) -> None:
    dispatch = opened(urgency=urgency)
    assert dispatch.answer_by == NOW + timedelta(hours=hours)
    assert dispatch.close_by == WORKDAY_15


def test_opening_tells_the_grid_and_the_limits() -> None:
    message = heard(order(urgency="urgent"))
    decision = receive(Dispatch(), message, ground=GROUND, limits=LIMITS)
    assert decision.state.state is DispatchState.RECEIVED
    assert only(decision, DispatchOpenedV1) == DispatchOpenedV1(
        area=AREA,
        category="sewage_pipe",
        urgency="urgent",
        answer_by=NOW + timedelta(hours=2),
        close_by=WORKDAY_15,
    )


def test_a_category_may_have_a_limit_of_its_own() -> None:
    special = Special(limit=Limit.CLOSE, category="sewage_pipe", within=timedelta(days=3))
    limits = Limits(special=(special,))
    decision = receive(Dispatch(), heard(order()), ground=GROUND, limits=limits)
    assert decision.state.close_by == NOW + timedelta(days=3)


GIVES_TIME = frozenset({"time-requests/answer", "resumption", "unbinding"})  # nothing else moves the end


@pytest.mark.parametrize("command", sorted(commands().keys() - GIVES_TIME))
def test_the_end_is_counted_from_the_placing_whoever_signs_or_does_what(command: str) -> None:
    """A day later, in every situation in which it may be done."""
    act, tried = commands(at=later(days=1))[command], 0
    for name, dispatch in situations().items():
        try:
            after = act(dispatch).state
        except (RuleBroken, WrongState, NotFound):
            continue
        tried += 1
        assert after.close_by == dispatch.close_by == WORKDAY_15, name
        assert after.due.get("close_by", WORKDAY_15) == WORKDAY_15, name
    assert tried, "it was allowed nowhere"


def test_the_end_is_counted_from_the_placing_when_a_department_accepts_it() -> None:
    yes = AnswerReferral(accepted=True)
    signed = respond(situations()["referred"], yes, by=SEWAGE, at=later(days=1), limits=LIMITS).state
    assert signed.close_by == signed.due["close_by"] == WORKDAY_15


def test_an_order_is_opened_once() -> None:
    once = receive(Dispatch(), heard(order()), ground=GROUND, limits=LIMITS).state
    again = receive(once, heard(order()), ground=GROUND, limits=LIMITS)
    assert again.state is once
    assert not again.events


def test_who_it_was_ordered_for_counts_before_who_placed_it() -> None:
    for_her = heard(order(ordered_for="resident-2"))
    assert receive(Dispatch(), for_her, ground=GROUND, limits=LIMITS).state.ordered_by == "resident-2"
    own = heard(order())
    assert receive(Dispatch(), own, ground=GROUND, limits=LIMITS).state.ordered_by == "resident-harbin-1"


def test_in_no_grid_the_nearest_community_has_it_and_it_is_marked() -> None:
    between = Place(longitude=120.3601, latitude=36.095)
    message = heard(order().model_copy(update={"place": between}))
    decision = receive(Dispatch(), message, ground=GROUND, limits=LIMITS)
    assert (decision.state.area, decision.state.in_no_grid) == (COMMUNITY, True)
    assert decision.state.level is Level.COMMUNITY
    assert only(decision, DispatchOpenedV1).in_no_grid
