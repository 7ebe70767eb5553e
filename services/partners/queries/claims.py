"""What a partner has, what of it is promised or given, and what is free."""

from __future__ import annotations

from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import BaseModel

from services.partners.books import Registry
from services.partners.domain.claims.claimant import Claimant
from services.partners.domain.claims.reserve import Stock, reserve_of
from services.partners.domain.registry.resource import Name, Resource
from services.partners.domain.terms import Terms
from services.partners.store import Calls
from shared.caller import STAFF, Caller, Role
from shared.problems import NotFound


class StockOut(BaseModel):
    """One resource today: `free = declared - reserved - used`. Fen for funds, whole units for everything else."""

    id: str
    kind: str
    name: Name
    unit: str
    per: str
    declared: int
    reserved: int  # promised by claims that are active
    used: int  # given in this period; goods for ever
    free: int

    @classmethod
    def of(cls, stock: Stock) -> Self:
        own: Resource = stock.resource
        return cls(
            id=own.id,
            kind=own.kind,
            name=own.name,
            unit=own.unit,
            per=own.per,
            declared=own.quantity,
            reserved=stock.reserved,
            used=stock.used,
            free=stock.free,
        )


class ReserveOut(BaseModel):
    """What a partner can still promise. Counted from its claims at this moment."""

    partner_id: UUID
    held: int  # active claims, on all calls
    held_most: int
    resources: list[StockOut]


async def reserve_for(
    calls: Calls, registry: Registry, id: UUID, caller: Caller, terms: Terms, at: datetime
) -> ReserveOut:
    """For its own members and for staff. Raises NotFound for everybody else."""
    if not (caller.role in STAFF or (caller.role is Role.PARTNER and caller.partner == str(id))):
        raise NotFound
    partner = (await registry.get(id)).value.public()
    by = Claimant(partner, await calls.carried_by(id))
    return ReserveOut(
        partner_id=id,
        held=by.held,
        held_most=terms.held_most,
        resources=[StockOut.of(stock) for stock in reserve_of(partner, by.carries, at)],
    )
