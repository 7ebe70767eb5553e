"""The district has seen to it → `supervision_closed`."""

from __future__ import annotations

from uuid import UUID

from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.supervision import CloseSupervision
from services.dispatch.domain.supervision import close_supervision as decide
from services.dispatch.store import Dispatches
from shared.asked import Asked
from shared.entry import Entry
from shared.store import retry_lost_races


@retry_lost_races
async def close_supervision(
    order_id: UUID, command: CloseSupervision, dispatches: Dispatches, asked: Asked
) -> Entry[Dispatch]:
    entry = await dispatches.load(order_id, asked)
    decision = decide(entry.state, command, by=asked.caller, at=asked.now)
    return await dispatches.save(entry, decision, asked)
