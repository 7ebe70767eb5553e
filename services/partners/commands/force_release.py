"""The staff take a claim from its partner → `claim_released`."""

from __future__ import annotations

from uuid import UUID

from services.partners.domain.asks import ForceRelease
from services.partners.domain.call import Call
from services.partners.domain.lead import force_release as decide
from services.partners.domain.terms import Terms
from services.partners.store import Calls
from shared.asked import Asked
from shared.entry import Entry
from shared.store import retry_lost_races


@retry_lost_races
async def force_release(
    order_id: UUID, claim_id: UUID, command: ForceRelease, calls: Calls, terms: Terms, asked: Asked
) -> Entry[Call]:
    entry = await calls.load(order_id, asked)
    decision = decide(entry.state, claim_id, command, by=asked.caller, at=asked.now, terms=terms)
    return await calls.save(entry, decision, asked)
