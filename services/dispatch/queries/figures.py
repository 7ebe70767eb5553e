"""Figures of an area: whistles, refusals, supervision, and how long each level and unit takes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Self

from async_lru import alru_cache
from pydantic import BaseModel, Field

from services.dispatch.queries.names import WithNames
from services.dispatch.store import Dispatches

_FRESH_SECONDS = 60


class AskedOut(BaseModel):
    """What a unit was asked by whistle, referral or task: `answered`, of these `in_time`; `missed`: its limit passed
    without an answer. The others are not yet due, or the matter went on without the answer before its limit.

    `mean_seconds`: from being asked to its answer. A task counts as answered when it is done; one that was cancelled
    was not asked.
    """

    what: str
    unit: str  # a level, the area path of one that has a task, or the id of a department
    asked: int
    answered: int
    in_time: int
    mean_seconds: float | None
    missed: int = 0

    @classmethod
    def of(cls, what: str, unit: str, counts: Mapping[str, int]) -> Self:
        names = ("asked", "answered", "in_time", "missed", "ms")
        its = {name: counts.get(f"{name}|{what}|{unit}", 0) for name in names}
        seconds = its.pop("ms") / 1000
        return cls(what=what, unit=unit, mean_seconds=rate(seconds, its["answered"]), **its)


class FiguresOut(WithNames):
    """Of the orders that were placed in the period. Rates are None where there is nothing to divide by.

    `dispatches` are all but those that were withdrawn or repeat another order, which count as `withdrawn` and
    `duplicates` and nowhere else. `answer_due`: somebody answered, or the limit of one who was asked has passed;
    `answered_in_time`: the first answer came before any such limit had passed. `overdue`: the limit of the whole
    passed before it was done, and no more time was given; `closed`: ended. `whistle_rate`: dispatches that were
    whistled ÷ dispatches; `refusal_rate`: refusals ÷ referrals that were answered.
    """

    area: str
    since: datetime
    until: datetime
    dispatches: int = 0
    withdrawn: int = 0
    duplicates: int = 0
    answer_due: int = 0
    answered_in_time: int = 0
    whistled: int = 0
    whistles: int = 0
    whistle_rate: float | None = None
    referrals: int = 0
    referrals_answered: int = 0
    refusals: int = 0
    refusal_rate: float | None = None
    supervised: int = 0
    overdue: int = 0
    closed: int = 0
    reopened: int = 0  # dispatches that were opened again; `reopenings`: how often
    reopenings: int = 0
    mean_seconds_to_close: float | None = None
    units: list[AskedOut] = Field(default=[])


def rate(part: float, whole: int) -> float | None:
    """None where there is nothing to divide by."""
    return round(part / whole, 4) if whole else None


_COUNTED = (
    "dispatches", "withdrawn", "answer_due", "answered_in_time", "whistled", "whistles", "referrals",
    "referrals_answered", "refusals", "supervised", "overdue", "closed", "reopened", "reopenings",
)  # fmt: skip


def figures_of(area: str, since: datetime, until: datetime, counts: Mapping[str, int]) -> FiguresOut:
    """`counts`: what all of them add up to, see `domain/counting.py`."""
    total = {name: counts.get(name, 0) for name in _COUNTED}
    asked = sorted(name.split("|", 2)[1:] for name in counts if name.startswith("asked|"))
    return FiguresOut(
        area=area,
        since=since,
        until=until,
        names={},
        **total,
        duplicates=counts.get("duplicate", 0),
        whistle_rate=rate(total["whistled"], total["dispatches"]),
        refusal_rate=rate(total["refusals"], total["referrals_answered"]),
        mean_seconds_to_close=rate(counts.get("closing_ms", 0) / 1000, total["closed"]),
        units=[AskedOut.of(what, unit, counts) for what, unit in asked],
    )


class Figures:
    """Each is made once a minute at most."""

    def __init__(self, dispatches: Dispatches) -> None:
        self._dispatches = dispatches
        self.of = alru_cache(maxsize=256, ttl=_FRESH_SECONDS)(self._made)

    async def _made(self, area: str, since: datetime, until: datetime) -> FiguresOut:
        """Of the orders of an area placed in [since, until)."""
        return figures_of(area, since, until, await self._dispatches.counts(area, since, until))
