"""What a partner has in hand on all calls; what it has, what of it is promised or given, and what is free."""

from __future__ import annotations

from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import BaseModel

from services.partners.books import Registry
from services.partners.domain.claim import Claim
from services.partners.domain.claims.claimant import Claimant
from services.partners.domain.claims.reserve import Stock, reserve_of
from services.partners.domain.registry.partner import partner_of
from services.partners.domain.registry.resource import Name, Resource
from services.partners.domain.states import CallState
from services.partners.domain.terms import Terms
from services.partners.queries.calls import ClaimOut
from services.partners.store import Calls
from shared.caller import STAFF, Caller, Role
from shared.contracts.message import copied
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
        return copied(
            cls, own, declared=own.quantity, reserved=stock.reserved, used=stock.used, free=stock.free
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
    """For its own members and for staff, as long as it is public for these. Raises NotFound for everybody else."""
    its = (await registry.get(id)).value
    near = (caller.role is Role.PARTNER and caller.partner == str(id)) or its.is_decided_by(caller)
    if not (near or (caller.role in STAFF and its.is_public)):
        raise NotFound
    partner = its if near else its.public()
    by = Claimant(partner, await calls.carried_by(partner, at, terms))
    return ReserveOut(
        partner_id=id,
        held=by.held,
        held_most=terms.held_most,
        resources=[
            StockOut.of(stock) for stock in reserve_of(partner, by.carries, at.astimezone(terms.zone))
        ],
    )


class MyClaimOut(BaseModel):
    """A claim that you have in hand. `next_at`: when something of it is due next; null: nothing is."""

    order_id: UUID
    title: str
    category: str
    area: str
    state: CallState
    next_at: datetime | None
    claim: ClaimOut


class MyClaimsOut(BaseModel):
    """What is due first comes first."""

    items: list[MyClaimOut]


async def claims_of(calls: Calls, caller: Caller) -> MyClaimsOut:
    """Everything that a partner has in hand; the limit of what it may hold bounds it. Raises NotAPartner."""
    me = partner_of(caller)
    items = [
        copied(
            MyClaimOut,
            call,
            order_id=id,
            next_at=_next_at(claim),
            claim=ClaimOut.of(call, claim, caller, follows=True),  # its own
        )
        for id, call in await calls.held_by(me)
        for claim in call.active
        if claim.partner_id == me
    ]
    items.sort(key=lambda one: (one.next_at is None, one.next_at or one.claim.at, one.order_id))
    return MyClaimsOut(items=items)


def _next_at(claim: Claim) -> datetime | None:
    """A plan or a word on progress, the end of a block, or the answer to whoever asks for it."""
    ends = [one.until for one in (claim.block, claim.takeover) if one]
    return min([*ends, *([claim.due] if claim.due else [])], default=None)
