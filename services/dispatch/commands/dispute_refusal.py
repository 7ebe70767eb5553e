"""The level that asked does not accept the refusal → `refusal_disputed`."""

from __future__ import annotations

from uuid import UUID

from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.dispute import DisputeRefusal, dispute
from services.dispatch.domain.limits import Limits
from services.dispatch.store import Dispatches
from shared.asked import Asked
from shared.entry import Entry
from shared.store import retry_lost_races


@retry_lost_races
async def dispute_refusal(
    order_id: UUID, command: DisputeRefusal, dispatches: Dispatches, limits: Limits, asked: Asked
) -> Entry[Dispatch]:
    entry = await dispatches.load(order_id, asked)
    decision = dispute(entry.state, command, by=asked.caller, at=asked.now, limits=limits)
    return await dispatches.save(entry, decision, asked)
