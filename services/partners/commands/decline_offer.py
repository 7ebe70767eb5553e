"""A partner does not want what it was offered → `offer_declined`, and `call_offered` when everybody has declined."""

from __future__ import annotations

from uuid import UUID

from services.partners.domain.call import Call
from services.partners.domain.offering import DeclineOffer, Rank, decline
from services.partners.domain.partner import partner_of
from services.partners.domain.terms import Terms
from services.partners.store import Calls
from shared.asked import Asked
from shared.entry import Entry
from shared.store import retry_lost_races


@retry_lost_races
async def decline_offer(
    order_id: UUID, command: DeclineOffer, calls: Calls, rank: Rank, terms: Terms, asked: Asked
) -> Entry[Call]:
    me = partner_of(asked.caller)
    entry = await calls.load(order_id, asked)
    decision = decline(entry.state, command, partner_id=me, at=asked.now, terms=terms, rank=rank)
    return await calls.save(entry, decision, asked)
