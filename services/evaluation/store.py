"""The collection `evaluations`, its indexes and its queries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from services.evaluation.domain.evaluation import Evaluation, EvaluationState, Verdict
from services.evaluation.domain.rates import Counts
from shared.entry import Entry
from shared.store import Entries, Index, Page, under

INDEXES = (
    Index("state.area", "state.dispatched_at"),
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

    async def counts(self, among: Among, *, now: datetime) -> Counts:
        """What the rates are made of, counted by the database in one pass over an index range."""
        found = await self.aggregate([{"$match": among.filter()}, {"$group": {"_id": None, **_counted(now)}}])
        return Counts.model_validate(found[0]) if found else Counts()


def _counted(now: datetime) -> dict[str, Any]:
    def how_many(condition: Any) -> dict[str, Any]:
        return {"$sum": {"$cond": [condition, 1, 0]}}

    def verdict(*which: Verdict) -> dict[str, Any]:
        return {"$in": ["$state.verdict", [one.value for one in which]]}

    answered = {"$gt": ["$state.answered_at", None]}
    closed = {"$gt": ["$state.closed_at", None]}
    return {
        "dispatched": {"$sum": 1},
        "answered_in_time": how_many(
            {"$and": [answered, {"$lte": ["$state.answered_at", "$state.answer_by"]}]}
        ),
        "evaluated": how_many(verdict(*Verdict)),
        "solved": how_many({"$and": [verdict(*Verdict), {"$eq": ["$state.outcome", "solved"]}]}),
        "satisfied": how_many(verdict(Verdict.SATISFIED)),
        "mostly": how_many(verdict(Verdict.MOSTLY)),
        "unsatisfied": how_many(verdict(Verdict.UNSATISFIED)),
        "lapsed": how_many({"$eq": ["$state.state", EvaluationState.LAPSED.value]}),
        "due": how_many({"$or": [closed, {"$lte": ["$state.close_by", now]}]}),
        "deferred": how_many(
            {
                "$and": [
                    {"$not": closed},
                    {"$lte": ["$state.close_by", now]},
                    {"$gt": ["$state.deferred", None]},
                ]
            }
        ),
        "closed_in_time": how_many({"$and": [closed, {"$eq": ["$state.in_time", True]}]}),
    }
