"""A month, a quarter or a year, in the time of the jurisdiction."""

from __future__ import annotations

import re
from datetime import datetime
from typing import NamedTuple, Self
from zoneinfo import ZoneInfo

from services.partners.domain.standing.rules import Period

PATTERN = r"^20[0-9]{2}(-(0[1-9]|1[0-2]|Q[1-4]))?$"
_PARTS = re.compile(r"(\d{4})(?:-(?:Q(\d)|(\d{2})))?")


class Span(NamedTuple):
    """From `since` on, before `until`."""

    kind: Period
    since: datetime
    until: datetime

    @classmethod
    def of(cls, text: str, timezone: str) -> Self:
        """Of `2026`, `2026-Q1` or `2026-03`. Raises ValueError."""
        found = _PARTS.fullmatch(text)
        if found is None:
            raise ValueError("a period is a year, a quarter or a month: 2026, 2026-Q1, 2026-03")
        year, quarter, month = (int(part) if part else None for part in found.groups())
        assert year is not None
        if quarter is not None:
            return cls("quarter", *_months(year, 3 * quarter - 2, 3, timezone))
        if month is not None:
            return cls("month", *_months(year, month, 1, timezone))
        return cls("year", *_months(year, 1, 12, timezone))


def _months(year: int, first: int, many: int, timezone: str) -> tuple[datetime, datetime]:
    zone, end = ZoneInfo(timezone), first - 1 + many
    return datetime(year, first, 1, tzinfo=zone), datetime(year + end // 12, end % 12 + 1, 1, tzinfo=zone)
