"""Being late, and clocks that have lost their reason."""

from __future__ import annotations

from services.dispatch.clock import strike
from services.dispatch.domain.states import DispatchState
from tests.unit.dispatch.situations import situations
from tests.unit.dispatch.stories import LIMITS, NOW, later


def test_being_late_is_noted_once_and_the_dispatch_goes_on() -> None:
    dispatch = situations()["in_handling"]
    decision = strike(dispatch, "close_by", later(days=15), limits=LIMITS)
    assert decision.state.overdue
    assert decision.state.state is DispatchState.IN_HANDLING
    assert strike(decision.state, "close_by", later(days=16), limits=LIMITS).state is decision.state


def test_a_clock_nobody_knows_is_stopped() -> None:
    odd = situations()["received"].with_clock("moon", NOW)
    decision = strike(odd, "moon", NOW, limits=LIMITS)
    assert "moon" not in decision.state.due
    assert decision.state.due == situations()["received"].due


def test_a_clock_that_outlived_its_reason_only_stops() -> None:
    odd = situations()["in_handling"].with_clock("whistle", NOW)
    decision = strike(odd, "whistle", NOW, limits=LIMITS)
    assert not decision.events
    assert decision.state == situations()["in_handling"]
