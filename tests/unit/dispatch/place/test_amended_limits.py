"""What it is about or how urgent it is was corrected: every end is where it would be from the placing on."""

from __future__ import annotations

import pytest

from services.dispatch.clock import strike
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
