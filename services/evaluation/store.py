"""The collection `evaluations`, its indexes and its queries."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from services.evaluation.domain.evaluation import Evaluation, EvaluationState
from services.evaluation.domain.rates import Counts, counted, counts_of, open_until
from shared.entry import Entry
from shared.periods import day_of, midnight
from shared.store import Entries, Index, Page, under
from shared.store.sums import SUMMED, Sums, adds

INDEXES = (
    Index("state.area", "state.dispatched_at"),
    Index("find.close_by", "state.area", partial={"find.close_by": {"$exists": True}}),
    *SUMMED,
    Index("state.orderer", "state.state", "_id", partial={"state.orderer": {"$type": "string"}}),
)


@dataclass(frozen=True, slots=True)
class Among:
    """Which orders count: those dispatched in [since, until) in an area, all of it or a category or a department."""

    area: str
    since: datetime | None = None
    until: datetime | None = None
    category: str | None = None
    department: str | None = None

    def filter(self) -> dict[str, Any]:
        # Always with a lower end: what only intake has told of has no time, and a range of times leaves it out.
        when = {"$gte": self.since or datetime.fromtimestamp(0, UTC)}
        if self.until is not None:
            when["$lt"] = self.until
        return {
            "state.area": under(self.area),
            "state.dispatched_at": when,
            **({"state.category": self.category} if self.category else {}),
            **({"state.department": self.department} if self.department else {}),
        }


class Evaluations(Entries[Evaluation]):
    async def waiting_for(self, person: str, *, cursor: str | None, limit: int) -> Page[Entry[Evaluation]]:
        """The open evaluations that wait for this resident, newest order first."""
        mine = {"state.orderer": person, "state.state": EvaluationState.OPEN.value}
        return await self.page(mine, cursor=cursor, limit=limit)

    def found_by(self, entry: Entry[Evaluation]) -> dict[str, Any]:
        at, its = entry.state.dispatched_at, counted(entry.state, self.zone)
        if at is None:
            return {}
        ends = open_until(entry.state)
        found = adds({f"{entry.state.area}|{day_of(at, self.zone)}": its})
        return found | {"close_by": ends} if ends else found

    @cached_property
    def sums(self) -> Sums:
        """What the rates are made of, by area and time of dispatch: see `domain/rates.py`."""
        return Sums(self._collection, self._reads)

    async def counts(self, among: Among, *, now: datetime) -> Counts:
        """What the rates are made of."""
        await self.sums.count()

        async def added(since: datetime, until: datetime) -> Counter[str]:
            return await self.sums.of_entries(Among(among.area, since, until).filter())

        its = await self.sums.between(among.area, among.since, among.until, added, self.zone)
        today = {"find.close_by": {"$gte": midnight(now, self.zone), "$lte": now}, **among.filter()}
        late = Counter(due=0)
        for row in await self.every_row(today, ("state.deferred",), most=0):
            late.update(due=1, deferred=int(row["state"]["deferred"] is not None))
        return counts_of(its, among.category, among.department, today=day_of(now, self.zone), late=late)
