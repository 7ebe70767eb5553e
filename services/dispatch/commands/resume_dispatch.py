"""The unit goes on before the pause is over → `dispatch_resumed`."""

from __future__ import annotations

from uuid import UUID

from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.limits import Limits
from services.dispatch.domain.pause import Resume, resume
from services.dispatch.store import Dispatches
from shared.asked import Asked
from shared.entry import Entry
from shared.store import retry_lost_races


@retry_lost_races
async def resume_dispatch(
    order_id: UUID, command: Resume, dispatches: Dispatches, limits: Limits, asked: Asked
) -> Entry[Dispatch]:
    entry = await dispatches.load(order_id, asked)
    decision = resume(entry.state, command, by=asked.caller, at=asked.now, limits=limits)
    return await dispatches.save(entry, decision, asked)
