"""A unit says that its own work is done → `work_reported`."""

from __future__ import annotations

from uuid import UUID

from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.work import DeliverWork, deliver
from services.dispatch.store import Dispatches
from shared.asked import Asked
from shared.entry import Entry
from shared.store import retry_lost_races


@retry_lost_races
async def deliver_work(
    order_id: UUID, command: DeliverWork, dispatches: Dispatches, asked: Asked
) -> Entry[Dispatch]:
    entry = await dispatches.load(order_id, asked)
    decision = deliver(entry.state, command, by=asked.caller)
    return await dispatches.save(entry, decision, asked)
