"""It ends without an evaluation, and honestly → `dispatch_closed`."""

from __future__ import annotations

from uuid import UUID

from services.dispatch.domain.closing import CloseDispatch, close
from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.store import Dispatches
from shared.asked import Asked
from shared.entry import Entry
from shared.store import retry_lost_races


@retry_lost_races
async def close_dispatch(
    order_id: UUID, command: CloseDispatch, dispatches: Dispatches, asked: Asked
) -> Entry[Dispatch]:
    entry = await dispatches.load(order_id, asked)
    decision = close(entry.state, command, by=asked.caller, at=asked.now)
    return await dispatches.save(entry, decision, asked)
