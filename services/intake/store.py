"""The collection `orders`, its indexes and its queries."""

from __future__ import annotations

from typing import Any

from services.intake.domain.order import Order
from services.intake.domain.timeline import Progress
from shared.entry import Entry
from shared.store import Entries, Index, Page, under

INDEXES = (
    Index("state.owners", "_id"),
    Index("state.area", "state.progress", "_id"),
)


class Orders(Entries[Order]):
    async def of_person(
        self, person: str, *, progress: Progress | None, cursor: str | None, limit: int
    ) -> Page[Entry[Order]]:
        """The orders that somebody placed or that were placed for them, newest first."""
        return await self.page({"state.owners": person, **_at(progress)}, cursor=cursor, limit=limit)

    async def of_area(
        self, area: str, *, progress: Progress | None, cursor: str | None, limit: int
    ) -> Page[Entry[Order]]:
        """The orders of an area and everything below it, newest first."""
        return await self.page({"state.area": under(area), **_at(progress)}, cursor=cursor, limit=limit)


def _at(progress: Progress | None) -> dict[str, Any]:
    return {} if progress is None else {"state.progress": progress.value}
