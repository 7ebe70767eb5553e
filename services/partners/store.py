"""The collection `calls`, its indexes and its queries."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from services.partners.domain.call import Call
from services.partners.domain.states import CallState
from shared.entry import Entry
from shared.store import Entries, Index, Page, under

INDEXES = (
    Index("state.state", "_id"),
    Index("state.area", "state.state", "_id"),
    Index("state.claims.partner_id", "_id"),
)


class Calls(Entries[Call]):
    async def of_partner(
        self,
        partner_id: UUID,
        *,
        mine: bool,
        state: CallState | None,
        area: str | None,
        cursor: str | None,
        limit: int,
    ) -> Page[Entry[Call]]:
        """The board of a partner, newest order first: what is open to it, and what it has or had a part in."""
        own = {"state.claims.partner_id": partner_id}
        to_take = {"state.state": CallState.OPEN.value, "state.offered_to": {"$in": [[], str(partner_id)]}}
        which: dict[str, Any] = own if mine else {"$or": [to_take, own]}
        return await self.page({**which, **_narrowed(state, area)}, cursor=cursor, limit=limit)

    async def of_area(
        self, area: str, *, state: CallState | None, cursor: str | None, limit: int
    ) -> Page[Entry[Call]]:
        """The calls of an area and everything below it, newest order first."""
        return await self.page(_narrowed(state, area), cursor=cursor, limit=limit)


def _narrowed(state: CallState | None, area: str | None) -> dict[str, Any]:
    found: dict[str, Any] = {} if state is None else {"state.state": state.value}
    return found if area is None else {**found, "state.area": under(area)}
