"""A partner claims lines of a call → `claim_made`, and `call_covered` when nothing is missing."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from services.partners.books import Registry
from services.partners.domain.asks import ClaimCall
from services.partners.domain.call import Call
from services.partners.domain.claiming import claim
from services.partners.domain.terms import Terms
from services.partners.store import Calls
from shared.asked import Asked
from shared.entry import Entry
from shared.store import Guards, retry_lost_races


@retry_lost_races  # losing means reading what the winner wrote, and answering by the rule
async def claim_call(
    order_id: UUID,
    command: ClaimCall,
    calls: Calls,
    registry: Registry,
    holders: Guards,
    terms: Terms,
    asked: Asked,
) -> Entry[Call]:
    by = await registry.claimant(asked.caller)
    async with holders.turn(order_id):
        entry = await calls.load(order_id, asked)
        # Most who race lose by what the call shows: only for the others is it counted what they carry.
        decision = claim(entry.state, command, order_id=order_id, by=by, at=asked.now, terms=terms)
        if decision.state is entry.state:
            return await calls.save(entry, decision, asked)
        guard = await holders.read(by.partner.id)  # before anything is counted
        by = replace(by, carries=await calls.carried_by(by.partner.id))
        decision = claim(entry.state, command, order_id=order_id, by=by, at=asked.now, terms=terms)
        return await calls.save(entry, decision, asked, guard=guard)
