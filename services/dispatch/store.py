"""The collection `dispatches`, its indexes and its queries."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Any
from uuid import UUID

from services.dispatch.domain.clocks.judging import judged
from services.dispatch.domain.counting import counted
from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.notes import numbered
from services.dispatch.domain.part import parts_ended, with_officer
from services.dispatch.domain.states import DispatchState, Level
from services.dispatch.domain.worklist import OURS, found_by
from shared.asked import Asked
from shared.contracts.message import Heard
from shared.entry import Decision, Entry
from shared.periods import begun_at, day_of, first_id
from shared.store import Entries, Guard, Index, Page
from shared.store.listing import Row
from shared.store.sums import SUMMED, Sums, adds

_OPEN = {"find.open": True}

# What one unit has in hand, or is waited for.
_FEW = {
    field: Index(field, "_id", partial={field: {"$exists": True}}) for field in ("find.has", "find.waits_for")
}
# What is open in an area.
_OPEN_IN = Index("find.areas", "state.overdue", "_id", partial=_OPEN)
# Every list begins with one area, one unit or one department, and a range of what it is ordered by.
INDEXES = (
    Index("find.areas", "_id"),
    Index("find.areas", "state.state", "_id"),
    Index("find.areas", "state.category", "_id"),
    _OPEN_IN,
    Index("find.areas", "find.next_at", "_id", partial={"find.next_at": {"$exists": True}}),
    *_FEW.values(),
    Index("find.areas", "-_id", partial={"state.supervisions.0": {"$exists": True}}),  # the register
    Index("state.departments", "_id", partial={"state.departments.0": {"$exists": True}}),
    *SUMMED,
)

# What a row of a list shows.
SHOWN = (
    "version", "state.state", "state.level", "state.area", "state.in_no_grid", "state.title", "state.kind",
    "state.category", "state.urgency", "state.longitude", "state.latitude", "state.address", "state.opened_at",
    "state.close_by", "state.overdue", "state.supervised", "state.whistles", "state.refusals", "state.reworks",
    "state.assigned_to", "state.handled_by", "state.due", "find.next_at", "find.has",
    "find.waits_for", "find.directed",
)  # fmt: skip
PLACED = ("state.state", "state.level", "state.category", "state.urgency", "state.overdue", "state.longitude",
          "state.latitude")  # fmt: skip

_LYING = ("state.area", "state.in_no_grid", "state.state", "state.longitude", "state.latitude")


def _had_by(person: str) -> dict[str, Any]:
    return {"find.has": person, "state.assigned_to": person, **_OPEN}


class WorkList(StrEnum):
    """The lists that everybody has."""

    ALL = "all"  # of the area, newest first
    OURS = "ours"  # what my unit answers for now: each open dispatch is on this list of exactly one unit
    MINE = "mine"  # what I or my unit have in hand
    WAITING = "waiting"  # what waits for my unit's answer
    OVERDUE = "overdue"
    DUE = "due"  # a clock ends soon; the soonest first


@dataclass(frozen=True, slots=True)
class Queue:
    """Which dispatches: of an area (staff) or once referred to a department, and only those that fit the rest.

    `units` are who the caller is and answers as; `until` bounds the list of what is due. `also` are the areas of those
    for whom the caller stands in. `assigned_to`: the person who has it, of what is open.
    """

    area: str | None = None
    department: str | None = None
    units: tuple[str, ...] = ()
    of: WorkList = WorkList.ALL
    until: datetime | None = None
    state: DispatchState | None = None
    level: Level | None = None
    category: str | None = None
    urgency: str | None = None
    overdue: bool | None = None
    also: tuple[str, ...] = ()
    assigned_to: str | None = None

    def filter(self) -> dict[str, Any]:
        wanted: dict[str, Any] = {}
        match self.of:
            case WorkList.OURS:
                wanted["find.has"] = {"$in": [f"{OURS}{unit}" for unit in self.units]}
            case WorkList.MINE:
                wanted["find.has"] = {"$in": list(self.units)}
            case WorkList.WAITING:
                wanted["find.waits_for"] = {"$in": list(self.units)}
            case WorkList.OVERDUE:
                wanted |= {"state.overdue": True, **_OPEN}
            case WorkList.DUE:
                wanted["find.next_at"] = {"$exists": True} if self.until is None else {"$lte": self.until}
            case WorkList.ALL:
                pass
        if self.area is not None:
            wanted["find.areas"] = {"$in": [self.area, *self.also]} if self.also else self.area
        if self.department is not None:
            wanted["state.departments"] = self.department
            wanted["state.departments.0"] = {"$exists": True}  # so that the partial index serves it
        if self.assigned_to is not None:
            wanted |= {"find.has": self.assigned_to, **wanted}  # so that its index serves it
        for name in ("state", "level", "category", "urgency", "overdue", "assigned_to"):
            value = getattr(self, name)
            if value is not None:
                wanted[f"state.{name}"] = value
        return wanted


class Dispatches(Entries[Dispatch]):
    """The list that this service keeps."""

    few = _FEW

    async def save(
        self,
        entry: Entry[Dispatch],
        decision: Decision[Dispatch],
        asked: Asked,
        heard: Sequence[Heard[Any]] = (),
        guard: Guard | None = None,
    ) -> Entry[Dispatch]:
        """With what it settles about the limits, and whose part is over: see `domain/clocks/judging.py`, `part.py`."""
        settled = judged(entry.state, decision, by=asked.caller, at=asked.now)
        if decision.events:
            first = entry.said + 1 + len(settled.events) - len(decision.events)
            settled = replace(settled, state=numbered(entry.state, settled.state, first))
            settled = replace(settled, state=with_officer(settled.state, asked.caller))
        ended = parts_ended(entry.state, settled.state, entry.said + len(settled.events))
        settled = replace(settled, state=ended)
        return await super().save(entry, settled, asked, heard, guard)

    def found_by(self, entry: Entry[Dispatch]) -> dict[str, Any]:
        found = found_by(entry.state)
        if not found:
            return found
        return found | adds(
            {f"{entry.state.area}|{day_of(begun_at(entry.id), self.zone)}": counted(entry.state)}
        )

    async def chain(self, entry: Entry[Dispatch], *, most: int) -> list[UUID]:
        """The ids from this one on, each repeating the next, down to one that repeats none; or `most` and one more."""
        found = [entry.id]
        while entry.state.state is DispatchState.MERGED and entry.state.duplicate_of and len(found) <= most:
            entry = await self.peek(UUID(entry.state.duplicate_of))
            found.append(entry.id)
        return found

    async def queue(self, queue: Queue, *, cursor: str | None, limit: int) -> Page[Row]:
        """Newest first; what is due, the soonest first. Raises Malformed for a foreign cursor."""
        soonest_by = "find.next_at" if queue.of is WorkList.DUE else None
        return await self.rows(queue.filter(), SHOWN, soonest_by=soonest_by, cursor=cursor, limit=limit)

    async def open_under(self, area: str, *, cursor: str | None, limit: int) -> Page[Row]:
        """What is open in an area, newest first, without anything else of it."""
        return await self.rows({"find.areas": area, **_OPEN}, ("state.area",), cursor=cursor, limit=limit)

    async def open_with(self, department: str, *, cursor: str | None, limit: int) -> Page[Entry[Dispatch]]:
        """What is open and was ever asked of a department, newest first."""
        asked = {"state.departments": department, "state.departments.0": {"$exists": True}}
        return await self.page({**asked, **_OPEN}, cursor=cursor, limit=limit)

    async def count_of(self, person: str, *, outside: str | None = None) -> int:
        """How much that is open this person has; of that only what lies outside an area."""
        return await self.count(_had_by(person) | ({"find.areas": {"$ne": outside}} if outside else {}))

    async def had_by(self, person: str, *, most: int) -> list[Row]:
        """Of what this person has that is open, so many, without anything else of it."""
        return await self.every_row(_had_by(person), ("_id",), most=most)

    async def holders(self, queue: Queue, *, most: int) -> list[Row]:
        """`_id`: each person who has something that is open in an area; how much, and what of it is `overdue`."""
        group = {
            "_id": "$state.assigned_to",
            "open": {"$sum": 1},
            "overdue": {"$sum": {"$cond": ["$state.overdue", 1, 0]}},
        }
        wanted = {**queue.filter(), **_OPEN, "state.assigned_to": {"$ne": None}}
        order = ({"$sort": {"open": -1, "_id": 1}}, {"$limit": most})
        return await self.aggregate([{"$match": wanted}, {"$group": group}, *order], by=_OPEN_IN)

    async def lying_in(self, areas: Sequence[str], *, cursor: str | None, limit: int) -> Page[Row]:
        """What lies in any of these areas, open or not, newest first: where, and in which state."""
        return await self.rows({"find.areas": {"$in": list(areas)}}, _LYING, cursor=cursor, limit=limit)

    async def places(self, queue: Queue, *, most: int) -> list[Row]:
        """Where they are, for a map."""
        return await self.every_row(queue.filter(), PLACED, most=most)

    async def supervised(
        self, area: str, *, still: bool, cursor: str | None, limit: int
    ) -> Page[Entry[Dispatch]]:
        """What the district supervises (`still`) or ever did, newest order first. Raises Malformed."""
        wanted: dict[str, Any] = {"find.areas": area, "state.supervisions.0": {"$exists": True}}
        if still:
            wanted["state.supervisions"] = {"$elemMatch": {"closed_at": None}}
        return await self.page(wanted, cursor=cursor, limit=limit)

    @cached_property
    def sums(self) -> Sums:
        """What figures are made of, by area and the time of placing: see `domain/counting.py`."""
        return Sums(self._collection, self._reads)

    async def counts(self, area: str, since: datetime, until: datetime) -> Counter[str]:
        """What the orders of an area placed in [since, until) add up to."""
        await self.sums.count()

        async def added(since: datetime, until: datetime) -> Counter[str]:
            placed = {"$gte": first_id(since), "$lt": first_id(until)}
            return await self.sums.of_entries({"find.areas": area, "_id": placed})

        return await self.sums.between(area, since, until, added, self.zone)

    async def count_each(self, queues: Iterable[Queue], *, most: int) -> list[int]:
        """How many there are in each; `most` stands for that many or more."""
        return await asyncio.gather(*(self.count(queue.filter(), most=most) for queue in queues))
