"""A part is not needed any more → `task_ended`."""

from __future__ import annotations

from uuid import UUID

from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.tasks import CancelTask
from services.dispatch.domain.tasks import cancel_task as decide
from services.dispatch.store import Dispatches
from shared.asked import Asked
from shared.entry import Entry
from shared.store import retry_lost_races


@retry_lost_races
async def cancel_task(
    order_id: UUID, number: int, command: CancelTask, dispatches: Dispatches, asked: Asked
) -> Entry[Dispatch]:
    entry = await dispatches.load(order_id, asked)
    decision = decide(entry.state, number, command, by=asked.caller, at=asked.now)
    return await dispatches.save(entry, decision, asked)
