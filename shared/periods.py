"""A period as whole months and days (UTC), whose sums are kept, and what is left over at its ends."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

_FIRST, _LAST = datetime(1970, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)
_A_DAY = re.compile(r"d\d{4}-\d\d-\d\d")
_DAY, _MORE_THAN_A_MONTH = timedelta(days=1), timedelta(days=32)

Stretch = tuple[datetime, datetime]  # [since, until)


def month_of(at: datetime) -> str:
    """As keys of sums name it."""
    return f"m{at.astimezone(UTC).date().isoformat()[:7]}"


def day_of(at: datetime) -> str:
    return f"d{at.astimezone(UTC).date().isoformat()}"


def month_of_day(name: str) -> str | None:
    """The month in which a day is; None for what is no day."""
    return f"m{name[1:8]}" if _A_DAY.fullmatch(name) else None


class Parts(NamedTuple):
    """A period: what is in the `sums` named in these ranges, and what is in `more`, without what is in `less`."""

    sums: list[tuple[str, str]]
    more: list[Stretch]
    less: list[Stretch]


def parts_of(since: datetime | None, until: datetime | None, *, days: bool) -> Parts:
    """In sums by month, and with `days` also by day. Each end is moved to the nearest begin of one. None: no end.

    That is half a day at most; without days eight hours for months of Shanghai.
    """
    since = since and min(max(since, _FIRST), _LAST)
    until = until and min(max(until, _FIRST), _LAST)
    first, last = since and _nearest(since, days=days), until and _nearest(until, days=days)
    if since and until and first and last and first >= last:
        return Parts([], [(since, until)], [])
    ends = [(since, first), (last, until)]
    more = [(begin, end) for begin, end in ends if begin and end and begin < end]
    less = [(end, begin) for begin, end in ends if begin and end and end < begin]
    return Parts(_sums(first, last), more, less)


def _sums(first: datetime | None, last: datetime | None) -> list[tuple[str, str]]:
    month, months_end = first and _month(first), last and _month(last)
    if first and month != first:
        month = _month(first + _MORE_THAN_A_MONTH)  # the next one
    if first and last and month and months_end and month >= months_end:
        return [(day_of(first), day_of(last))]  # no whole month
    ranges = [(month_of(month) if month else "m", month_of(months_end) if months_end else "m~")]
    if first and month and first < month:
        ranges.append((day_of(first), day_of(month)))
    if last and months_end and months_end < last:
        ranges.append((day_of(months_end), day_of(last)))
    return ranges


def _month(at: datetime) -> datetime:
    return midnight(at).replace(day=1)


def midnight(at: datetime) -> datetime:
    """With which that day begins."""
    return at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def _nearest(at: datetime, *, days: bool) -> datetime:
    begin = midnight(at) if days else _month(at)
    after = begin + _DAY if days else _month(begin + _MORE_THAN_A_MONTH)
    return begin if at - begin <= after - at else after
