"""A period as whole months and days, whose sums are kept, and what is left over at its ends.

Days are those of the jurisdiction (`zone`): who asks for its days or months has nothing left over.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo
from typing import NamedTuple
from uuid import UUID

_A_DAY = re.compile(r"d\d{4}-\d\d-\d\d")
_DAY, _MORE_THAN_A_MONTH = timedelta(days=1), timedelta(days=32)

Stretch = tuple[datetime, datetime]  # [since, until)

_LAST_MS = 253_402_300_799_000 - 86_400_000  # the last day but one of the year 9999, wherever one is


def first_id(at: datetime) -> UUID:
    """The lowest id of what began then: ids begin with the time (UUIDv7)."""
    return UUID(int=max(0, int(at.timestamp() * 1000)) << 80)


def begun_at(id: UUID) -> datetime:
    return datetime.fromtimestamp(min(id.int >> 80, _LAST_MS) / 1000, UTC)


def month_of(at: datetime, zone: tzinfo) -> str:
    """As keys of sums name it."""
    return f"m{at.astimezone(zone).date().isoformat()[:7]}"


def year_of(month: str) -> str:
    return f"y{month[1:5]}"


def day_of(at: datetime, zone: tzinfo) -> str:
    return f"d{at.astimezone(zone).date().isoformat()}"


def month_of_day(name: str) -> str | None:
    """The month in which a day is; None for what is no day."""
    return f"m{name[1:8]}" if _A_DAY.fullmatch(name) else None


def month_before(at: datetime, zone: tzinfo) -> Stretch:
    """The whole month before the one in which this is."""
    end = _month(midnight(at, zone))
    return _month(midnight(end - _DAY, zone)), end


def midnight(at: datetime, zone: tzinfo) -> datetime:
    """With which that day begins."""
    return at.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)


class Parts(NamedTuple):
    """A period: what is in the `sums` named in these ranges, and what is in `more`, without what is in `less`."""

    sums: list[tuple[str, str]]
    more: list[Stretch]
    less: list[Stretch]


def parts_of(since: datetime | None, until: datetime | None, zone: tzinfo) -> Parts:
    """Each end is moved to the nearest begin of a day: half a day at most. None: no end."""
    first, last = since and _nearest(since, zone), until and _nearest(until, zone)
    if since and until and first and last and first >= last:
        return Parts([], [(since, until)], [])
    ends = [(since, first), (last, until)]
    more = [(begin, end) for begin, end in ends if begin and end and begin < end]
    less = [(end, begin) for begin, end in ends if begin and end and end < begin]
    return Parts(_sums(first, last, zone), more, less)


def _sums(first: datetime | None, last: datetime | None, zone: tzinfo) -> list[tuple[str, str]]:
    def days(begin: datetime, end: datetime) -> tuple[str, str]:
        return day_of(begin, zone), day_of(end, zone)

    month, months_end = first and _month(first), last and _month(last)
    if first and month != first:
        month = _month(first + _MORE_THAN_A_MONTH)  # the next one
    if first and last and month and months_end and month >= months_end:
        return [days(first, last)]  # no whole month
    ranges = [(month_of(month, zone) if month else "m", month_of(months_end, zone) if months_end else "m~")]
    if first and month and first < month:
        ranges.append(days(first, month))
    if last and months_end and months_end < last:
        ranges.append(days(months_end, last))
    return ranges


def _month(day: datetime) -> datetime:
    return day.replace(day=1)


def _nearest(at: datetime, zone: tzinfo) -> datetime:
    begin = midnight(at, zone)
    return begin if at - begin <= begin + _DAY - at else begin + _DAY
