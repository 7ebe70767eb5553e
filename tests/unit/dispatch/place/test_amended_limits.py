"""What it is about or how urgent it is was corrected: every end is where it would be from the placing on."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from services.dispatch.clock import strike
from services.dispatch.domain.clocks.limits import Limit, Limits, Special
from services.dispatch.domain.clocks.question import AskResident, ask_resident
from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.ladder.whistle import BlowWhistle, blow
from services.dispatch.domain.states import Clock, Level
from tests.unit.dispatch.place.test_amending import again
from tests.unit.dispatch.stories import (
    COMMUNITY,
    DEPARTMENTS,
    DISTRICT,
    GRID_WORKER,
    LIMITS,
    NOW,
    STREET,
    TOGETHER,
    WORKDAY_15,
    in_community,
    later,
    opened,
)


@pytest.mark.parametrize(
    ("before", "urgency"),
    [("emergency", "general"), ("urgent", "general"), ("general", "urgent"), ("general", "emergency")],
)
def test_who_was_silent_at_the_top_has_missed_the_end_that_it_had(before: str, urgency: str) -> None:
    """It is waited for again, and was late all the same."""
    waits = blow(opened(urgency=before), BlowWhistle(), by=GRID_WORKER, at=NOW, limits=LIMITS).state
    at = NOW
    for _ in ("community", "street", "district"):
        at = waits.due[Clock.WHISTLE]
        waits = strike(waits, Clock.WHISTLE, at, limits=LIMITS).state
    assert waits.level is Level.DISTRICT
    assert waits.whistle is not None
    assert (waits.whistle.silent, waits.whistle.answer_by) == (True, at)
    after = again(waits, urgency=urgency, at=(at - NOW).total_seconds() / 3600 + 0.1).state
    assert after.urgency == urgency
    assert after.whistle == waits.whistle
    assert after.due[Clock.WHISTLE] == waits.due[Clock.WHISTLE] > at


@pytest.mark.parametrize(
    ("before", "urgency", "at", "called", "besides"),
    [
        ("emergency", "urgent", 0.75, 2, 2.5),  # two hours since each was called
        (
            "urgent",
            "emergency",
            3,
            2,
            3.5,
        ),  # half an hour since it is known; who had to come before that had to
    ],
)
def test_a_unit_that_was_called_in_later_has_its_time_from_then(
    before: str, urgency: str, at: float, called: float, besides: float
) -> None:
    first = in_community(opened(urgency=before))
    waits = blow(first, TOGETHER, departments=DEPARTMENTS, by=COMMUNITY, at=NOW, limits=LIMITS).state
    street, district = (f"{Clock.UNIT}/{one.area}" for one in (STREET, DISTRICT))
    missed = waits.due[street]
    climbed = strike(waits, street, missed, limits=LIMITS).state
    assert district in climbed.due
    after = again(climbed, urgency=urgency, at=at).state
    ends = {
        "sewage": later(hours=called),
        "urban_management": later(hours=called),
        STREET.area: missed,  # in vain
        DISTRICT.area: later(hours=besides),
    }
    assert after.whistle is not None
    assert {one.unit: one.answer_by for one in after.whistle.units} == ends
    assert after.whistle.answer_by == later(hours=besides)
    running = {unit: after.due.get(f"{Clock.UNIT}/{unit}") for unit in ends}
    assert running == {**ends, STREET.area: None}


SHORT = Limits(
    special=tuple(
        Special(limit=Limit.CLOSE, urgency=urgency, within=timedelta(days=days))
        for urgency, days in (("emergency", 3), ("urgent", 4))
    ),
)


@pytest.mark.parametrize("before", ["general", "emergency"])
@pytest.mark.parametrize(("urgency", "ends"), [("general", WORKDAY_15), ("urgent", later(days=4))])
@pytest.mark.parametrize("since", [2, 3.5, 5])  # days: in time, over by the shorter limit, over by both
def test_while_it_is_paused_its_end_is_that_of_the_new_limit(
    before: str, urgency: str, ends: datetime, since: float
) -> None:
    """As if it had been corrected a moment before the clocks stood still."""

    def corrected(dispatch: Dispatch, to: str, days: float) -> Dispatch:
        return again(dispatch, urgency=to, at=24 * days, limits=SHORT).state

    def asked(dispatch: Dispatch) -> Dispatch:
        question, at = AskResident(question="since when?"), later(days=since)
        return ask_resident(dispatch, question, by=COMMUNITY, at=at, limits=SHORT).state

    running = corrected(in_community(), before, 0.1)
    if running.due[Clock.CLOSE_BY] < later(days=since):
        running = strike(running, Clock.CLOSE_BY, running.due[Clock.CLOSE_BY], limits=SHORT).state
        assert running.overdue
    known, late = asked(corrected(running, urgency, since)), corrected(asked(running), urgency, since + 0.5)
    is_late = running.overdue and ends < later(days=since)
    assert (late.close_by, late.overdue) == (known.close_by, known.overdue) == (ends, is_late)
    assert late.paused == known.paused
    assert (late.due, late.spans) == (known.due, known.spans)
    over = later(days=since + 5)
    went_on = strike(late, Clock.PAUSE, over, limits=SHORT).state
    clock = Clock.OVERDUE if is_late else Clock.CLOSE_BY
    assert went_on.due[clock] > over or ends < later(days=since)
    assert strike(went_on, clock, went_on.due[clock], limits=SHORT).state.overdue
