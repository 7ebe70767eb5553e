"""The collection `calls`, its indexes and its queries."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from services.partners.domain.call import Call, Claim
from services.partners.domain.reserve import Carried
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

    async def carried_by(self, partner_id: UUID) -> tuple[Carried, ...]:
        """Every claim of a partner, on all calls, ended ones included."""
        its = {"$filter": {"input": "$state.claims", "cond": {"$eq": ["$$this.partner_id", partner_id]}}}
        found = await self.aggregate(
            [
                {"$match": {"state.claims.partner_id": partner_id}},
                {"$project": {"area": "$state.area", "claims": its}},
            ]
        )
        return tuple(
            Carried(row["_id"], row["area"], Claim.model_validate(claim))
            for row in found
            for claim in row["claims"]
        )


def _narrowed(state: CallState | None, area: str | None) -> dict[str, Any]:
    found: dict[str, Any] = {} if state is None else {"state.state": state.value}
    return found if area is None else {**found, "state.area": under(area)}
