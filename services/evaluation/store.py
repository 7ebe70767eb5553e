"""The collection `evaluations`, its indexes and its queries."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from services.evaluation.domain.evaluation import Evaluation, EvaluationState
from services.evaluation.domain.rates import Counts, counted, counts_of
from shared.entry import Entry
from shared.periods import begun_at, day_of, first_id
from shared.store import Entries, Index, Page, under
from shared.store.sums import SUMMED, Sums, adds

INDEXES = (
    Index("state.area", "_id", partial={"state.dispatched_at": {"$type": "date"}}),
    *SUMMED,
    Index("state.orderer", "state.state", "_id", partial={"state.orderer": {"$type": "string"}}),
)


@dataclass(frozen=True, slots=True)
class Among:
    """Which orders count: those placed in [since, until) in an area, all of it or a category or a department."""

    area: str
    since: datetime | None = None
    until: datetime | None = None
    category: str | None = None
    department: str | None = None

    def filter(self) -> dict[str, Any]:
        placed = {
            **({"$gte": first_id(self.since)} if self.since else {}),
            **({"$lt": first_id(self.until)} if self.until else {}),
        }
        return {
            "state.area": under(self.area),
            "state.dispatched_at": {"$type": "date"},  # what only intake has told of lies nowhere yet
            **({"_id": placed} if placed else {}),
            **({"state.category": self.category} if self.category else {}),
            **({"state.department": self.department} if self.department else {}),
        }


class Evaluations(Entries[Evaluation]):
    async def waiting_for(self, person: str, *, cursor: str | None, limit: int) -> Page[Entry[Evaluation]]:
        """The open evaluations that wait for this resident, newest order first."""
        mine = {"state.orderer": person, "state.state": EvaluationState.OPEN.value}
        return await self.page(mine, cursor=cursor, limit=limit)

    def found_by(self, entry: Entry[Evaluation]) -> dict[str, Any]:
        if entry.state.dispatched_at is None:
            return {}
        day = day_of(begun_at(entry.id), self.zone)
        return adds({f"{entry.state.area}|{day}": counted(entry.state)})

    @cached_property
    def sums(self) -> Sums:
        """What the rates are made of, by area and time of placing: see `domain/rates.py`."""
        return Sums(self._collection, self._reads)

    async def counts(self, among: Among) -> Counts:
        """What the rates are made of."""
        await self.sums.count()

        async def added(since: datetime, until: datetime) -> Counter[str]:
            return await self.sums.of_entries(Among(among.area, since, until).filter())

        its = await self.sums.between(among.area, among.since, among.until, added, self.zone)
        return counts_of(its, among.category, among.department)

    async def counts_of_month(self, month: str) -> dict[str, Counts]:
        """By area, of all that had anything counted until the end of that month. It counts first all that waits."""
        while not await self.sums.count():
            pass
        areas = {area for area, when in await self.sums.months() if when <= month}
        found = await self.sums.these(f"{area}|{month}" for area in areas)
        return {area: counts_of(found.get(f"{area}|{month}", {})) for area in sorted(areas)}
