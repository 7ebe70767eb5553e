"""A period taken apart is the same period: every moment counts in it once, or not at all."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

import pytest

from shared.periods import Parts, Stretch, day_of, midnight, month_of, month_of_day, parts_of, year_of

BEGIN = datetime(2024, 1, 20, tzinfo=UTC)
HOURS = 24 * 500


ZONES = [UTC, ZoneInfo("Asia/Shanghai"), ZoneInfo("America/New_York"), ZoneInfo("Australia/Lord_Howe")]


def times_counted(parts: Parts, at: datetime, zone: tzinfo) -> int:
    def within(stretches: list[Stretch]) -> int:
        return sum(since <= at < until for since, until in stretches)

    summed = sum(
        first <= of < end for first, end in parts.sums for of in (month_of(at, zone), day_of(at, zone))
    )
    return summed + within(parts.more) - within(parts.less)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("seed", range(40))
def test_every_moment_counts_once_inside_and_never_outside(seed: int, zone: tzinfo) -> None:
    chance = random.Random(seed)
    said_in = timezone(timedelta(hours=chance.choice((0, 8, -11))))

    def some() -> datetime | None:
        at = BEGIN + timedelta(minutes=chance.choice((1, 60, 24 * 60)) * chance.randrange(HOURS))
        return None if chance.random() < 0.2 else at.astimezone(said_in)

    since, until = some(), some()
    parts = parts_of(since, until, zone)
    for hour in range(-40, HOURS, 7):
        at = BEGIN + timedelta(hours=hour, minutes=chance.randrange(60))
        inside = (since is None or since <= at) and (until is None or at < until)
        assert times_counted(parts, at, zone) == inside, (since, until, at, parts)


@pytest.mark.parametrize("zone", ZONES)
def test_what_is_left_over_is_half_a_day_at_most_and_nothing_of_whole_days(zone: tzinfo) -> None:
    for minutes in range(0, 3000, 7):
        since = BEGIN + timedelta(minutes=minutes)
        parts = parts_of(since, since + timedelta(days=90), zone)
        for begin, end in (*parts.more, *parts.less):
            assert end - begin <= timedelta(hours=13)  # of the day on which clocks are put back
    for day in range(400):
        since = midnight(BEGIN + timedelta(days=day), zone)
        parts = parts_of(since, midnight(since + timedelta(days=45), zone), zone)
        assert (parts.more, parts.less) == ([], [])


def test_a_day_is_in_its_month_and_nothing_else_is_a_day() -> None:
    assert month_of_day(day_of(BEGIN, UTC)) == month_of(BEGIN, UTC) == "m2024-01"
    assert year_of(month_of(BEGIN, UTC)) == "y2024"
    assert month_of_day("m2024-01") is None
    assert month_of_day("d2024-01-2f1-4111") is None


def test_the_night_in_which_an_hour_comes_twice_begins_once() -> None:
    """In Havana midnight itself comes twice."""
    zone = ZoneInfo("America/Havana")
    first, second = (datetime(2025, 11, 2, 0, 30, tzinfo=zone, fold=fold) for fold in (0, 1))
    assert second.astimezone(UTC) - first.astimezone(UTC) == timedelta(hours=1)
    begins = {midnight(at.astimezone(UTC), zone).astimezone(UTC) for at in (first, second)}
    assert begins == {datetime(2025, 11, 2, 4, tzinfo=UTC)}
