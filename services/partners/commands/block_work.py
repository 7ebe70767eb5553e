"""Something keeps a partner from its work → `work_blocked`."""

from __future__ import annotations

from uuid import UUID

from services.partners.domain.asks import BlockWork
from services.partners.domain.blocking import block
from services.partners.domain.call import Call
from services.partners.domain.partner import partner_of
from services.partners.domain.terms import Terms
from services.partners.store import Calls
from shared.asked import Asked
from shared.entry import Entry
from shared.store import retry_lost_races


@retry_lost_races
async def block_work(
    order_id: UUID, claim_id: UUID, command: BlockWork, calls: Calls, terms: Terms, asked: Asked
) -> Entry[Call]:
    me = partner_of(asked.caller)  # first: whoever is no partner is told so of any call
    entry = await calls.load(order_id, asked)
    decision = block(entry.state, claim_id, command, partner_id=me, at=asked.now, terms=terms)
    return await calls.save(entry, decision, asked)
