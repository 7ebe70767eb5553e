"""A partner says that the money it pledged stands ready."""

from __future__ import annotations

from uuid import UUID

from services.partners.domain.asks import ConfirmPledge
from services.partners.domain.call import Call
from services.partners.domain.partner import partner_of
from services.partners.domain.pledges import confirm
from services.partners.store import Calls
from shared.asked import Asked
from shared.entry import Entry
from shared.store import retry_lost_races


@retry_lost_races
async def confirm_pledge(
    order_id: UUID, claim_id: UUID, command: ConfirmPledge, calls: Calls, asked: Asked
) -> Entry[Call]:
    me = partner_of(asked.caller)  # first: whoever is no partner learns nothing of any call
    entry = await calls.load(order_id, asked)
    decision = confirm(entry.state, claim_id, command, partner_id=me, at=asked.now, by=asked.caller)
    return await calls.save(entry, decision, asked)
