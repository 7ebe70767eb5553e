"""What households say to a proposal is written down; it is told with the result of the round."""

from __future__ import annotations

from uuid import UUID

from services.dispatch.domain.consent import RecordConsents, record
from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.store import Dispatches
from shared.asked import Asked
from shared.entry import Entry
from shared.store import retry_lost_races


@retry_lost_races
async def record_consents(
    order_id: UUID, number: int, command: RecordConsents, dispatches: Dispatches, asked: Asked
) -> Entry[Dispatch]:
    entry = await dispatches.load(order_id, asked)
    decision = record(entry.state, number, command, by=asked.caller, at=asked.now)
    return await dispatches.save(entry, decision, asked)
