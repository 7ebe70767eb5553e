"""The limits of this jurisdiction. Each is a setting; no rule has a number of its own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


@dataclass(frozen=True, slots=True)
class Terms:
    """What the rules are bound by."""

    call_default: timedelta = timedelta(days=14)  # when the named end has passed already
    call_maximum: timedelta = timedelta(days=90)
    plan_maximum: timedelta = timedelta(days=730)  # how far away a plan may end
    claims_most: int = 500  # of one call, ended ones included: an entry stays small
    reports_most: int = 200  # of one claim

    def until(self, wanted: datetime, at: datetime) -> datetime:
        """When a call that (re)opens now ends: as wanted, but in the future, and within the maximum."""
        end = wanted if wanted.tzinfo is not None else wanted.replace(tzinfo=UTC)
        if end <= at:
            end = at + self.call_default
        return min(end, at + self.call_maximum)
