"""What it is about or how urgent it is was corrected: every end is where it would be from the placing on."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from services.dispatch.clock import strike
from services.dispatch.domain.clocks.changed_calendar import by_calendar
from services.dispatch.domain.clocks.limits import Limit, Limits, Special
from services.dispatch.domain.clocks.question import AskResident, ask_resident
from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.ladder.whistle import BlowWhistle, blow
from services.dispatch.domain.place.amending import amend
from services.dispatch.domain.states import Clock, Level
from shared.calendar import Calendar, Workdays
from shared.contracts.from_intake.orders import OrderAmendedV2
from tests.unit.dispatch.place.test_amending import GROUND, HERE, again
from tests.unit.dispatch.situations import situations
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
    heard,
    in_community,
    later,
    opened,
    told,
)

QUICK = Limits(
    special=(Special(limit=Limit.CLOSE, urgency="urgent", within=timedelta(days=3)),),
)


@pytest.mark.parametrize(("urgency", "hours"), [("emergency", 1), ("urgent", 2), ("general", 24)])
def test_who_has_to_take_it_has_the_time_of_the_urgency_from_the_placing(urgency: str, hours: int) -> None:
    decision = again(opened(urgency="general"), urgency=urgency, at=0.5)
    assert decision.state.due[Clock.DISPATCH] == later(hours=hours)
    assert ("clocks_recounted" in told(decision)) == (urgency != "general")


def test_the_end_of_the_whole_moves_with_its_limit_and_keeps_what_was_granted() -> None:
    ground = GROUND
    message = OrderAmendedV2(category="sewage_pipe", place=HERE, reason="so", urgency="urgent")

    def urgent(dispatch: Dispatch, at: float) -> Dispatch:
        return amend(dispatch, heard(message, at=later(hours=at)), ground=ground, limits=QUICK).state

    first = in_community()
    assert first.close_by is not None
    usual = first.close_by
    assert urgent(first, 1).close_by == urgent(first, 1).due[Clock.CLOSE_BY] == later(days=3)
    longer = first.but(close_by=usual + timedelta(days=1)).with_clock("close_by", usual + timedelta(days=1))
    assert urgent(longer, 1).close_by == later(days=4)
    paused = situations()["in_handling, paused"]
    changed = urgent(paused, 1)
    assert changed.paused is not None
    assert changed.paused.stopped[Clock.CLOSE_BY] == changed.close_by == later(days=3)
    late = strike(first, "close_by", usual, limits=LIMITS).state
    assert late.overdue
    back = amend(
        urgent(late, 500),
        heard(OrderAmendedV2(category="sewage_pipe", place=HERE, reason="so", urgency="general")),
        ground=ground,
        limits=QUICK,
    ).state
    assert (back.overdue, back.close_by, back.due.get(Clock.CLOSE_BY)) == (False, usual, usual)
    assert Clock.OVERDUE not in back.due


def test_who_was_asked_meanwhile_is_not_late_for_what_nobody_knew() -> None:
    asked = situations()["whistled"]
    sooner = again(asked, urgency="emergency", at=3).state
    assert sooner.whistle is not None
    assert sooner.due[Clock.WHISTLE] == sooner.whistle.answer_by == later(hours=3.5)
    referred = again(situations()["referred"], urgency="urgent", at=3).state
    assert referred.due[Clock.REFERRAL] == referred.referrals[-1].answer_by == later(hours=5)
    together = again(situations()["whistled, together"], urgency="urgent", at=3).state
    assert together.due["unit/sewage"] == later(hours=5)
    handling = again(in_community(), urgency="emergency", at=3).state
    assert handling.due[Clock.HANDLING] == later(hours=7)


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


def test_a_new_list_of_holidays_moves_a_corrected_end_too() -> None:
    """As it moves the end of an order that was urgent from the beginning."""
    workdays = replace(LIMITS, special=(Special(limit=Limit.CLOSE, urgency="urgent", within=Workdays(3)),))
    first = in_community()
    assert first.close_by is not None
    ground, message = (
        GROUND,
        OrderAmendedV2(category="sewage_pipe", place=HERE, reason="so", urgency="urgent"),
    )
    corrected = amend(first, heard(message, at=later(hours=1)), ground=ground, limits=workdays).state
    free = Calendar(holidays=[later(days=days).date() for days in range(1, 5)], years=[NOW.year])
    moved = by_calendar(corrected, limits=replace(workdays, calendar=free)).state
    assert moved.close_by == moved.due[Clock.CLOSE_BY] == free.after(NOW, Workdays(3))
    assert corrected.close_by == workdays.calendar.after(NOW, Workdays(3)) < moved.close_by
