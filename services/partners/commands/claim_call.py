"""A partner claims lines of a call → `claim_made`, and `call_covered` when nothing is missing."""

from __future__ import annotations

from uuid import UUID

from services.partners.books import Registry
from services.partners.domain.asks import ClaimCall
from services.partners.domain.call import Call
from services.partners.domain.claiming import claim
from services.partners.domain.partner import partner_of
from services.partners.domain.refusals import NotAPartner
from services.partners.domain.terms import Terms
from services.partners.store import Calls
from shared.asked import Asked
from shared.entry import Entry
from shared.problems import NotFound
from shared.store import retry_lost_races


@retry_lost_races  # losing means reading what the winner wrote, and answering by the rule
async def claim_call(
    order_id: UUID, command: ClaimCall, calls: Calls, registry: Registry, terms: Terms, asked: Asked
) -> Entry[Call]:
    try:
        partner = (await registry.get(partner_of(asked.caller))).value.public()
    except NotFound as error:
        raise NotAPartner from error
    entry = await calls.load(order_id, asked)
    decision = claim(entry.state, command, order_id=order_id, partner=partner, at=asked.now, terms=terms)
    return await calls.save(entry, decision, asked)
