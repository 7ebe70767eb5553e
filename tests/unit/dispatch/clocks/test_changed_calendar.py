"""Another calendar: every end is where it would be if that calendar had been known from the beginning."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from services.dispatch.clock import strike
from services.dispatch.domain.clocks.changed_calendar import by_calendar
from services.dispatch.domain.clocks.pause import Resume, resume
from services.dispatch.domain.clocks.question import AskResident, ask_resident
from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.states import Clock
from shared.calendar import Calendar
from shared.contracts.from_dispatch import EndMovedV1
from tests.unit.dispatch.situations import situations
from tests.unit.dispatch.stories import COMMUNITY, LIMITS, NOW, later, only

FREE = {date(2026, 3, 2) + timedelta(days=n) for n in range(1, 21)}
HOLIDAYS = replace(LIMITS, calendar=Calendar(holidays=FREE))
MADE_UP = replace(LIMITS, calendar=Calendar(workdays={date(2026, 3, 7), date(2026, 3, 8)}))
OPEN = [name for name in situations() if name not in ("unknown", "closed")]


def ends(dispatch: Dispatch) -> dict[str, datetime]:
    return {name: end for name, end in dispatch.due.items() if not name.startswith("reminder/")}


@pytest.mark.parametrize("situation", OPEN)
def test_the_same_calendar_changes_nothing(situation: str) -> None:
    it = situations()[situation]
    assert by_calendar(it, limits=LIMITS).state is it


@pytest.mark.parametrize("situation", OPEN)
def test_every_end_that_a_calendar_has_a_say_in_moves_and_back_again(situation: str) -> None:
    it = situations()[situation]
    moved = by_calendar(it, limits=HOLIDAYS).state
    for name, end in ends(it).items():
        counted = name in it.spans
        assert (moved.due[name] > end) is counted, name
    assert by_calendar(moved, limits=LIMITS).state.due == it.due
    assert by_calendar(moved, limits=HOLIDAYS).state is moved


def test_the_end_of_the_whole_is_told() -> None:
    moved = by_calendar(situations()["in_handling"], limits=HOLIDAYS)
    assert only(moved, EndMovedV1) == EndMovedV1(close_by=moved.state.due["close_by"], cause="calendar")
    assert moved.state.close_by == moved.state.due["close_by"]


def test_make_up_workdays_bring_an_end_nearer() -> None:
    it = situations()["in_handling"]
    assert by_calendar(it, limits=MADE_UP).state.due["handling"] < it.due["handling"]


@pytest.mark.parametrize(
    ("situation", "shown"),
    [
        ("whistled", lambda it: (it.whistle.answer_by, it.due["whistle"])),
        ("referred", lambda it: (it.referrals[-1].answer_by, it.due["referral"])),
        ("referred, disputed", lambda it: (it.dispute.answer_by, it.due["dispute"])),
        ("in_handling, supervised", lambda it: (it.supervision.due, it.due["supervision"])),
        ("in_deliberation, discussing", lambda it: (it.open_round.until, it.due["round"])),
        ("in_deliberation, on notice", lambda it: (it.on_notice.notice.until, it.due["notice"])),
        ("in_deliberation, objected", lambda it: (it.on_notice.notice.lasts_until, it.due["notice"])),
    ],
)
def test_what_the_record_shows_of_an_end_moves_with_it(situation: str, shown: object) -> None:
    assert callable(shown)
    before = shown(situations()[situation])
    after = shown(by_calendar(situations()[situation], limits=HOLIDAYS).state)
    assert before[0] == before[1] < after[0] == after[1]


def test_what_stood_still_does_not_count() -> None:
    """Paused for two weeks and counted anew: as if the calendar had been known before the pause."""
    question = AskResident(question="since when?")

    def lived(it: Dispatch, known: bool) -> Dispatch:
        limits = HOLIDAYS if known else LIMITS
        it = by_calendar(it, limits=limits).state
        it = ask_resident(it, question, by=COMMUNITY, at=later(days=1), limits=limits).state
        return resume(it, Resume(), by=COMMUNITY, at=later(days=3), limits=limits).state

    it = situations()["in_handling"]
    assert ends(by_calendar(lived(it, known=False), limits=HOLIDAYS).state) == ends(lived(it, known=True))


def test_what_stands_still_now_is_counted_too() -> None:
    paused = situations()["in_handling, paused"]
    moved = by_calendar(paused, limits=HOLIDAYS).state
    assert paused.paused
    assert moved.paused
    assert moved.due == paused.due
    assert moved.paused.stopped["handling"] > paused.paused.stopped["handling"]


def test_a_clock_that_would_strike_too_early_is_set_anew_instead() -> None:
    it = situations()["in_handling"]
    early = strike(it, "handling", it.due["handling"], limits=HOLIDAYS)
    assert early.state.state is it.state
    assert early.state.due["handling"] > it.due["handling"]
    late = strike(early.state, "handling", early.state.due["handling"], limits=HOLIDAYS)
    assert late.state.state is not it.state


def test_a_day_that_somebody_named_stays() -> None:
    split = situations()["in_handling, split"]
    assert by_calendar(split, limits=HOLIDAYS).state.due["task/1"] == split.due["task/1"]
    named = situations()["in_handling"].with_limit(
        Clock.CLOSE_BY, later(days=3), at=NOW, reminder=LIMITS.reminder
    )
    assert by_calendar(named, limits=HOLIDAYS).state.due["close_by"] == later(days=3)
