"""A partner says that a verdict, or the loss of a claim, should not count against it."""

from __future__ import annotations

from uuid import UUID

from services.partners.domain.appeals import AppealTo, appeal
from services.partners.domain.call import Call
from services.partners.domain.partner import partner_of
from services.partners.domain.terms import Terms
from services.partners.store import Calls
from shared.asked import Asked
from shared.entry import Entry
from shared.store import retry_lost_races


@retry_lost_races
async def make_appeal(
    order_id: UUID, command: AppealTo, calls: Calls, terms: Terms, asked: Asked
) -> Entry[Call]:
    """Raises NotFound, NotAPartner, NothingToAppeal, AppealDecided, AppealTooLate."""
    me = partner_of(asked.caller)
    entry = await calls.load(order_id, asked)
    decision = appeal(
        entry.state,
        command,
        order_id=order_id,
        partner_id=me,
        person=asked.caller.id,
        at=asked.now,
        terms=terms,
    )
    return await calls.save(entry, decision, asked)
