"""Figures of an area: whistles, refusals, supervision, and how long each level and unit takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Self

from async_lru import alru_cache
from pydantic import BaseModel

from services.dispatch.store import Dispatches

_FRESH_SECONDS = 60


class AskedOut(BaseModel):
    """What a unit was asked by whistle, referral or task. `mean_seconds`: from being asked to its answer."""

    what: str
    unit: str  # a level, the area path of one that has a task, or the id of a department
    asked: int
    answered: int
    in_time: int
    mean_seconds: float | None

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        return cls(
            what=row["_id"]["what"],
            unit=row["_id"]["unit"],
            asked=row["asked"],
            answered=row["answered"],
            in_time=row["in_time"],
            mean_seconds=rate(row["seconds"], row["answered"]),
        )


class FiguresOut(BaseModel):
    """Of the orders that were placed in the period. Rates are None where there is nothing to divide by.

    `whistle_rate`: dispatches that were whistled ÷ dispatches; `refusal_rate`: refusals ÷ referrals.
    """

    area: str
    since: datetime
    until: datetime
    dispatches: int = 0
    whistled: int = 0
    whistles: int = 0
    whistle_rate: float | None = None
    referrals: int = 0
    refusals: int = 0
    refusal_rate: float | None = None
    supervised: int = 0
    overdue: int = 0
    closed: int = 0
    mean_seconds_to_close: float | None = None
    units: list[AskedOut] = []


def rate(part: float, whole: int) -> float | None:
    """None where there is nothing to divide by."""
    return round(part / whole, 4) if whole else None


def figures_of(
    area: str,
    since: datetime,
    until: datetime,
    sums: Sequence[Mapping[str, Any]],
    asks: Sequence[Mapping[str, Any]],
) -> FiguresOut:
    if not sums:
        return FiguresOut(area=area, since=since, until=until)
    total = dict(sums[0])
    del total["_id"]
    seconds = total.pop("closing_seconds")
    units = sorted((AskedOut.of(row) for row in asks), key=lambda one: (one.what, one.unit))
    return FiguresOut(
        area=area,
        since=since,
        until=until,
        **total,
        whistle_rate=rate(total["whistled"], total["dispatches"]),
        refusal_rate=rate(total["refusals"], total["referrals"]),
        mean_seconds_to_close=rate(seconds, total["closed"]),
        units=units,
    )


class Figures:
    """A year of a whole district takes seconds to add up (about 30 µs an order): each is made once a minute at most."""

    def __init__(self, dispatches: Dispatches) -> None:
        self._dispatches = dispatches
        self.of = alru_cache(maxsize=256, ttl=_FRESH_SECONDS)(self._made)

    async def _made(self, area: str, since: datetime, until: datetime) -> FiguresOut:
        """Of the orders of an area placed in [since, until)."""
        return figures_of(area, since, until, *await self._dispatches.sums(area, since, until))
