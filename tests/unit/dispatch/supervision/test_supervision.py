"""The district directs what it supervises, and closes it with a result."""

from __future__ import annotations

import pytest

from services.dispatch.clock import strike
from services.dispatch.domain.clocks.limits import Limits
from services.dispatch.domain.supervision.directing import (
    CloseSupervision,
    DirectSupervision,
    NotSupervised,
    close_supervision,
    direct,
)
from services.dispatch.domain.supervision.raising import supervise
from services.dispatch.domain.supervision.record import Cause
from shared.contracts.from_dispatch.supervision import SupervisionOverdueV1
from tests.unit.dispatch.situations import situations
from tests.unit.dispatch.stories import DEPARTMENTS, DISTRICT, LIMITS, NOW, later, only


def test_the_district_directs_a_unit_until_a_day_and_late_is_shown_in_the_register() -> None:
    command = DirectSupervision(unit="sewage", measures="a new pipe", due=later(days=2))
    watched = situations()["in_handling, supervised"]
    directed = direct(watched, command, departments=DEPARTMENTS, by=DISTRICT, at=NOW, limits=LIMITS).state
    assert directed.due["supervision"] == later(days=2)
    assert directed.departments == ("sewage",)
    decision = strike(directed, "supervision", later(days=2), limits=LIMITS)
    assert only(decision, SupervisionOverdueV1).unit == "sewage"
    assert decision.state.supervision is not None
    assert decision.state.supervision.overdue


def test_the_district_closes_the_supervision_with_a_result_and_another_cause_opens_a_new_one() -> None:
    watched = situations()["in_handling, supervised"]
    more = supervise(watched, Cause.REFUSALS, at=NOW, limits=LIMITS).state
    assert [one.causes for one in more.supervisions] == [(Cause.SILENCE, Cause.REFUSALS)]
    closed = close_supervision(more, CloseSupervision(result="it goes on"), by=DISTRICT, at=NOW).state
    assert "supervision" not in closed.due
    with pytest.raises(NotSupervised):
        close_supervision(closed, CloseSupervision(result="again"), by=DISTRICT, at=NOW)
    again = supervise(closed, Cause.REWORKS, at=NOW, limits=Limits()).state
    assert [one.is_open for one in again.supervisions] == [False, True]
