"""The holder agrees that another takes over, or refuses → `takeover_ended`."""

from __future__ import annotations

from uuid import UUID

from services.partners.books import Registry
from services.partners.domain.asks import AnswerTakeover
from services.partners.domain.call import Call
from services.partners.domain.partner import partner_of
from services.partners.domain.takeover import answer
from services.partners.domain.terms import Terms
from services.partners.store import Calls
from shared.asked import Asked
from shared.entry import Entry
from shared.store import retry_lost_races


@retry_lost_races
async def answer_takeover(
    order_id: UUID,
    claim_id: UUID,
    command: AnswerTakeover,
    calls: Calls,
    registry: Registry,
    terms: Terms,
    asked: Asked,
) -> Entry[Call]:
    me = partner_of(asked.caller)  # first: whoever is no partner is told so of any call
    entry = await calls.load(order_id, asked)
    decision = answer(
        entry.state, claim_id, command, partner_id=me, at=asked.now, terms=terms, able=registry.may_claim
    )
    return await calls.save(entry, decision, asked)
