"""A partner takes lines of a call, or asks for what another one holds: only what it can carry besides the rest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

from services.partners.books import Registry
from services.partners.domain.call import Call
from services.partners.domain.claims.claimant import Claimant
from services.partners.domain.terms import Terms
from services.partners.store import Calls
from shared.asked import Asked
from shared.entry import Decision, Entry
from shared.store import Guards, retry_lost_races


@retry_lost_races  # losing means reading what the winner wrote, and answering by the rule
async def take_on(
    calls: Calls,
    order_id: UUID,
    asked: Asked,
    rule: Callable[[Call, Claimant], Decision[Call]],
    *,
    registry: Registry,
    holders: Guards,
    terms: Terms,
) -> Entry[Call]:
    """Like `decide`, but what the partner carries is counted, and saved only if it is still so.

    Raises whatever the rule refuses, NotAPartner, NotVerified and Suspended.
    """
    by = await registry.claimant(asked.caller)
    async with holders.turn(order_id):
        entry = await calls.load(order_id, asked)
        # Most who race lose by what the call shows: only for the others is it counted what they carry.
        decision = rule(entry.state, by)
        if decision.state is entry.state:
            return await calls.save(entry, decision, asked)
        guard = await holders.read(by.partner.id)  # before anything is counted
        by = replace(by, carries=await calls.carried_by(by.partner, asked.now, terms))
        return await calls.save(entry, rule(entry.state, by), asked, guard=guard)
