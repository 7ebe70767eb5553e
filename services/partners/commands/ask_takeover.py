"""A partner asks for what another one holds, and carries it from now on → `takeover_asked`."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from services.partners.books import Registry
from services.partners.domain.asks import AskTakeover
from services.partners.domain.call import Call
from services.partners.domain.takeover import ask_for
from services.partners.domain.terms import Terms
from services.partners.store import Calls
from shared.asked import Asked
from shared.entry import Entry
from shared.store import Guards, retry_lost_races


@retry_lost_races  # losing means reading what the winner wrote, and answering by the rule
async def ask_takeover(
    order_id: UUID,
    claim_id: UUID,
    command: AskTakeover,
    calls: Calls,
    registry: Registry,
    holders: Guards,
    terms: Terms,
    asked: Asked,
) -> Entry[Call]:
    by = await registry.claimant(asked.caller)
    entry = await calls.load(order_id, asked)
    decision = ask_for(entry.state, claim_id, command, by=by, at=asked.now, terms=terms)
    if decision.state is entry.state:
        return await calls.save(entry, decision, asked)
    guard = await holders.read(by.partner.id)  # before anything is counted
    by = replace(by, carries=await calls.carried_by(by.partner.id))
    decision = ask_for(entry.state, claim_id, command, by=by, at=asked.now, terms=terms)
    return await calls.save(entry, decision, asked, guard=guard)
