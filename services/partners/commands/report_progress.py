"""A partner says how far its work is → `progress_reported`."""

from __future__ import annotations

from uuid import UUID

from services.partners.domain.asks import ReportProgress
from services.partners.domain.call import Call
from services.partners.domain.partner import partner_of
from services.partners.domain.terms import Terms
from services.partners.domain.working import progress
from services.partners.store import Calls
from shared.asked import Asked
from shared.entry import Entry
from shared.store import retry_lost_races


@retry_lost_races
async def report_progress(
    order_id: UUID, claim_id: UUID, command: ReportProgress, calls: Calls, terms: Terms, asked: Asked
) -> Entry[Call]:
    me = partner_of(
        asked.caller
    )  # first: whoever is no partner is told so of any call, and learns nothing of it
    entry = await calls.load(order_id, asked)
    decision = progress(
        entry.state,
        claim_id,
        command,
        partner_id=me,
        person=asked.caller.id,
        at=asked.now,
        terms=terms,
    )
    return await calls.save(entry, decision, asked)
