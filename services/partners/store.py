"""The collections `calls` and `partners`, their indexes and their queries."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from services.partners.domain.call import Call
from services.partners.domain.partner import Partner, PartnerKind, ResourceKind
from services.partners.domain.states import CallState
from shared.entry import Entry
from shared.store import Database, Documents, Entries, Index, Page, under

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


class Registry:
    """The partners. Read only: they come from a file."""

    def __init__(self, documents: Documents[Partner]) -> None:
        self._documents = documents

    @classmethod
    async def filled(cls, database: Database, partners: Iterable[Partner]) -> Registry:
        """The registry of this database, with those of these partners that it lacks. Twice at once does no harm."""
        documents = database.documents("partners", Partner)
        for partner in partners:
            await documents.put_new(partner.id, partner)
        return cls(documents)

    async def get(self, partner_id: UUID) -> Partner:
        """Raises NotFound."""
        return await self._documents.get(partner_id)

    async def page(
        self,
        *,
        kind: PartnerKind | None,
        resource: ResourceKind | None,
        area: str | None,
        cursor: str | None,
        limit: int,
    ) -> Page[Partner]:
        """Partners by id. `area`: those that serve all of it, or something in it."""
        wanted: dict[str, Any] = {}
        if kind is not None:
            wanted["value.kind"] = kind.value
        if resource is not None:
            wanted["value.resources.kind"] = resource
        if area is not None:
            codes = area.split("/")
            above = ["/".join(codes[: depth + 1]) for depth in range(len(codes))]
            wanted["$or"] = [
                {"value.areas": {"$in": above}},
                {"value.areas": {"$elemMatch": under(area)}},
            ]
        return await self._documents.page(wanted, cursor=cursor, limit=limit)
