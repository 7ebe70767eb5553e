"""Which days are worked, and when an allowance of time is over."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.dispatch.domain.clocks.limits import Limit, Limits, Special
from services.dispatch.domain.states import Level
from services.dispatch.queries.clocks import calendar_of
from services.dispatch.settings import Settings
from shared.calendar import (
    Calendar,
    Override,
    Workdays,
    WorkingTime,
    allowance,
    calendar_with,
)
from tests.published_holidays import DAY, PUBLISHED, days

CALENDAR = Settings().calendar()


def shanghai(text: str) -> datetime:
    """A local time, in UTC."""
    return datetime.fromisoformat(f"{text}+08:00").astimezone(UTC)


@pytest.mark.parametrize("year", PUBLISHED)
def test_every_day_of_the_year_is_worked_or_free_as_the_state_council_published(year: int) -> None:
    holidays, made_up = PUBLISHED[year]
    assert CALENDAR.knows(year)
    for day in days(f"{year}-01-01…{year}-12-31"):
        worked = day in made_up or (day.weekday() < 5 and day not in holidays)
        assert CALENDAR.is_workday(day) is worked, day


def test_a_year_without_a_published_list_has_weekends_only_and_says_so() -> None:
    assert not CALENDAR.knows(2099)
    assert CALENDAR.is_workday(date(2099, 10, 1))
    assert not CALENDAR.is_workday(date(2099, 10, 3))
    assert CALENDAR.after(shanghai("2099-10-02T10:00"), Workdays(1)) == shanghai("2099-10-05T17:30")


@pytest.mark.parametrize(
    ("begun", "workdays", "over"),
    [
        ("2026-03-02T09:00", 1, "2026-03-03T17:30"),  # the day on which it begins does not count
        ("2026-03-02T00:00", 1, "2026-03-03T17:30"),
        ("2026-03-02T23:59", 1, "2026-03-03T17:30"),
        ("2026-03-06T16:00", 1, "2026-03-09T17:30"),  # a Friday
        ("2026-03-07T16:00", 1, "2026-03-09T17:30"),  # a Saturday
        ("2026-02-13T10:00", 1, "2026-02-14T17:30"),  # a Saturday that is worked
        ("2026-02-14T10:00", 1, "2026-02-24T17:30"),  # nine days of Spring Festival
        ("2026-02-13T10:00", 15, "2026-03-12T17:30"),
        ("2025-09-27T10:00", 2, "2025-09-29T17:30"),  # a Sunday that is worked
        ("2026-12-31T10:00", 2, "2027-01-04T17:30"),
    ],
)
def test_workdays_are_over_with_the_hours_of_the_last_one(begun: str, workdays: int, over: str) -> None:
    assert CALENDAR.after(shanghai(begun), Workdays(workdays)) == shanghai(over)


@pytest.mark.parametrize(
    ("begun", "hours", "over"),
    [
        ("2026-03-02T09:00", 2, "2026-03-02T11:00"),
        ("2026-03-02T11:00", 2, "2026-03-02T14:30"),  # noon
        ("2026-03-02T16:30", 4, "2026-03-03T12:00"),
        ("2026-03-06T17:00", 1, "2026-03-09T09:30"),
        ("2026-03-07T03:00", 7, "2026-03-09T17:30"),
    ],
)
def test_working_time_runs_in_working_hours_only(begun: str, hours: int, over: str) -> None:
    assert CALENDAR.after(shanghai(begun), WorkingTime(timedelta(hours=hours))) == shanghai(over)


def test_calendar_time_runs_through_nights_and_holidays() -> None:
    begun = shanghai("2026-02-14T20:00")
    assert CALENDAR.after(begun, timedelta(hours=24)) == begun + DAY


MOMENTS = st.integers(0, 60 * 24 * 650).map(
    lambda minutes: shanghai("2025-01-01T00:00") + timedelta(minutes=minutes)
)


@given(MOMENTS, st.integers(1, 40))
def test_a_workday_more_is_always_later_and_each_ends_on_a_workday(begun: datetime, count: int) -> None:
    over, next = (CALENDAR.after(begun, Workdays(n)) for n in (count, count + 1))
    assert begun < over < next
    assert CALENDAR.is_workday(over.astimezone(CALENDAR.zone).date())
    between = (begun.astimezone(CALENDAR.zone).date() + DAY * n for n in range(1, 200))
    assert sum(CALENDAR.is_workday(day) for day in between if day <= over.date()) == count


@given(MOMENTS, st.integers(1, 60 * 60 * 24 * 30))
def test_working_hours_are_used_up_exactly(begun: datetime, seconds: int) -> None:
    over = CALENDAR.after(begun, WorkingTime(timedelta(seconds=seconds)))
    half = CALENDAR.after(begun, WorkingTime(timedelta(seconds=seconds) / 2))
    assert CALENDAR.after(half, WorkingTime(timedelta(seconds=seconds) / 2)) == over


# ── time that stood still ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("due", "since", "until", "moved"),
    [
        ("2026-03-04T17:30", "2026-03-02T10:00", "2026-03-02T15:00", "2026-03-04T17:30"),  # within a day
        ("2026-03-04T17:30", "2026-03-02T10:00", "2026-03-04T08:00", "2026-03-06T17:30"),
        ("2026-03-04T17:30", "2026-03-02T10:00", "2026-03-06T20:00", "2026-03-10T17:30"),
        ("2026-03-04T17:30", "2026-03-04T10:00", "2026-03-05T10:00", "2026-03-05T17:30"),  # its last day
        ("2026-03-04T17:30", "2026-03-04T10:00", "2026-03-07T10:00", "2026-03-09T17:30"),
        ("2026-03-04T10:00", "2026-03-02T10:00", "2026-03-07T10:00", "2026-03-09T10:00"),  # calendar time
    ],
)
def test_after_a_pause_as_many_workdays_are_left_as_before(
    due: str, since: str, until: str, moved: str
) -> None:
    after = CALENDAR.moved(shanghai(due), since=shanghai(since), until=shanghai(until))
    assert after == shanghai(moved)


@given(MOMENTS, st.integers(1, 20), st.integers(0, 60 * 24 * 30), st.integers(0, 60 * 24 * 30))
def test_a_pause_never_brings_the_end_nearer(begun: datetime, count: int, passed: int, paused: int) -> None:
    due = CALENDAR.after(begun, Workdays(count))
    since = min(begun + timedelta(minutes=passed), due)
    until = since + timedelta(minutes=paused)
    assert CALENDAR.moved(due, since=since, until=until) >= due


# ── settings ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("PT30M", timedelta(minutes=30)),
        ("1.5", timedelta(seconds=1.5)),
        (2, timedelta(seconds=2)),
        ("1 workday", Workdays(1)),
        ("15 workdays", Workdays(15)),
        ("4 working hours", WorkingTime(timedelta(hours=4))),
    ],
)
def test_an_allowance_is_written_as_people_say_it(said: object, meant: object) -> None:
    assert allowance(said) == meant
    assert allowance(meant) == meant


@pytest.mark.parametrize("said", ["0 workdays", "-1 workday", "soon", "-5", "P3651D", "1000 workdays", None])
def test_an_allowance_that_makes_no_sense_is_refused(said: object) -> None:
    with pytest.raises(ValueError, match=r".+"):
        allowance(said)


def test_the_jurisdiction_may_say_otherwise(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "calendar.json"
    said = {
        "days": {"2026-10-10": "holiday", "2026-10-07": "workday", "2027-02-06": "holiday"},
        "years": [2027],
        "hours": [["08:30", "12:00"]],
    }
    file.write_text(json.dumps(said), "utf-8")
    monkeypatch.setenv("HEHUO_DISPATCH_CALENDAR", str(file))
    calendar = Settings().limits().calendar
    assert not calendar.is_workday(date(2026, 10, 10))
    assert calendar.is_workday(date(2026, 10, 7))
    assert calendar.knows(2027)
    assert calendar.knows(2026)
    assert calendar.after(shanghai("2026-10-06T10:00"), Workdays(1)) == shanghai("2026-10-07T12:00")


@pytest.mark.parametrize("hours", [(), ((time(9), time(9)),), ((time(9), time(12)), (time(11), time(17)))])
def test_hours_that_are_none_are_refused(hours: tuple[tuple[time, time], ...]) -> None:
    with pytest.raises(ValueError, match="hours"):
        calendar_with(Override(hours=hours), "Asia/Shanghai")


def test_of_several_special_limits_that_fit_the_first_counts() -> None:
    limits = Limits(
        special=(
            Special(limit=Limit.ANSWER, department="sewage", within=Workdays(3)),
            Special(limit=Limit.ANSWER, level=Level.STREET, category="elevator", within=timedelta(hours=4)),
            Special(limit=Limit.ANSWER, level=Level.STREET, within=timedelta(hours=8)),
        ),
        calendar=Calendar(),
    )
    begun = shanghai("2026-03-02T09:00")

    def answer_by(category: str, level: Level | None, department: str | None = None) -> datetime:
        return limits.end(
            Limit.ANSWER, begun, urgency="general", category=category, level=level, department=department
        )

    assert answer_by("elevator", Level.STREET) == begun + timedelta(hours=4)
    assert answer_by("noise", Level.STREET) == begun + timedelta(hours=8)
    assert answer_by("noise", Level.COMMUNITY) == shanghai("2026-03-03T17:30")
    assert answer_by("noise", None, "sewage") == shanghai("2026-03-05T17:30")


def test_the_calendar_of_a_year_is_shown_with_whether_its_list_is_known() -> None:
    shown = calendar_of(CALENDAR, 2026)
    assert (shown.timezone, shown.hours) == ("Asia/Shanghai", ["09:00–12:00", "13:30–17:30"])
    assert (set(shown.holidays), set(shown.workdays)) == PUBLISHED[2026]
    assert shown.known
    assert not calendar_of(CALENDAR, 2099).known
