"""The collection `dispatches`, its indexes and its queries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.ladder import DispatchState, Level
from shared.entry import Entry
from shared.store import Entries, Index, Page, under

INDEXES = (
    Index("state.area", "state.state", "_id"),
    Index("state.departments", "_id", partial={"state.departments.0": {"$exists": True}}),
)


@dataclass(frozen=True, slots=True)
class Queue:
    """Which dispatches: of an area (staff) or once referred to a department, and only those that fit the rest."""

    area: str | None = None
    department: str | None = None
    state: DispatchState | None = None
    level: Level | None = None
    category: str | None = None
    urgency: str | None = None
    overdue: bool | None = None

    def filter(self) -> dict[str, Any]:
        wanted: dict[str, Any] = {}
        if self.area is not None:
            wanted["state.area"] = under(self.area)
        if self.department is not None:
            wanted["state.departments"] = self.department
            wanted["state.departments.0"] = {"$exists": True}  # so that the partial index serves it
        for name in ("state", "level", "category", "urgency", "overdue"):
            value = getattr(self, name)
            if value is not None:
                wanted[f"state.{name}"] = value
        return wanted


class Dispatches(Entries[Dispatch]):
    """The list that this service keeps."""

    async def queue(self, queue: Queue, *, cursor: str | None, limit: int) -> Page[Entry[Dispatch]]:
        """Newest first. Raises Malformed for a foreign cursor."""
        return await self.page(queue.filter(), cursor=cursor, limit=limit)
