"""The staff choose who leads, or the lead hands it on → `lead_chosen`."""

from __future__ import annotations

from uuid import UUID

from services.partners.domain.asks import ChooseLead
from services.partners.domain.call import Call
from services.partners.domain.lead import choose_lead as decide
from services.partners.store import Calls
from shared.asked import Asked
from shared.entry import Entry
from shared.store import retry_lost_races


@retry_lost_races
async def choose_lead(order_id: UUID, command: ChooseLead, calls: Calls, asked: Asked) -> Entry[Call]:
    entry = await calls.load(order_id, asked)
    decision = decide(entry.state, command, by=asked.caller)
    return await calls.save(entry, decision, asked)
