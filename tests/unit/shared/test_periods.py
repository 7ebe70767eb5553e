"""A period taken apart is the same period: every moment counts in it once, or not at all."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta, timezone

import pytest

from shared.periods import Parts, Stretch, day_of, month_of, parts_of

BEGIN = datetime(2024, 1, 20, tzinfo=UTC)
HOURS = 24 * 500


def times_counted(parts: Parts, at: datetime) -> int:
    def within(stretches: list[Stretch]) -> int:
        return sum(since <= at < until for since, until in stretches)

    summed = sum(first <= of < end for first, end in parts.sums for of in (month_of(at), day_of(at)))
    return summed + within(parts.more) - within(parts.less)


@pytest.mark.parametrize("days", [True, False])
@pytest.mark.parametrize("seed", range(40))
def test_every_moment_counts_once_inside_and_never_outside(seed: int, days: bool) -> None:
    chance = random.Random(seed)
    zone = timezone(timedelta(hours=chance.choice((0, 8, -11))))

    def some() -> datetime | None:
        at = BEGIN + timedelta(minutes=chance.choice((1, 60, 24 * 60)) * chance.randrange(HOURS))
        return None if chance.random() < 0.2 else at.astimezone(zone)

    since, until = some(), some()
    parts = parts_of(since, until, days=days)
    assert days or all(first.startswith("m") for first, _ in parts.sums)
    for hour in range(-40, HOURS, 7):
        at = BEGIN + timedelta(hours=hour, minutes=chance.randrange(60))
        inside = (since is None or since <= at) and (until is None or at < until)
        assert times_counted(parts, at) == inside, (since, until, at, parts)


def test_what_is_left_over_is_half_a_day_at_most() -> None:
    for minutes in range(0, 3000, 7):
        since = BEGIN + timedelta(minutes=minutes)
        for begin, end in (
            *(parts := parts_of(since, since + timedelta(days=90), days=True)).more,
            *parts.less,
        ):
            assert end - begin <= timedelta(hours=12)


@pytest.mark.parametrize("year", [1, 9999])
def test_years_beyond_all_sense_are_no_fault(year: int) -> None:
    far = datetime(
        year,
        12 if year > 1 else 1,
        31 if year > 1 else 1,
        tzinfo=timezone(timedelta(hours=8 if year == 1 else -8)),
    )
    assert parts_of(far, far, days=True).sums == []
