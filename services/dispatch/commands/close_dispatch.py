"""It ends without an evaluation, and honestly → `dispatch_closed`."""

from __future__ import annotations

from uuid import UUID

from services.dispatch.domain.clocks.limits import Limits
from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.duty import must_see, sees
from services.dispatch.domain.works.closing import CloseDispatch, close
from services.dispatch.store import Dispatches
from shared.asked import Asked
from shared.entry import Entry
from shared.problems import NotFound
from shared.store import retry_lost_races


@retry_lost_races
async def close_dispatch(
    order_id: UUID, command: CloseDispatch, dispatches: Dispatches, limits: Limits, asked: Asked
) -> Entry[Dispatch]:
    entry = await dispatches.load(order_id, asked)
    must_see(entry.state, asked.caller)  # before anything is said about the original
    original = await _original(order_id, command, dispatches, asked)
    decision = close(entry.state, command, original=original, by=asked.caller, at=asked.now, limits=limits)
    return await dispatches.save(entry, decision, asked)


async def _original(
    order_id: UUID, command: CloseDispatch, dispatches: Dispatches, asked: Asked
) -> Dispatch | None:
    if command.duplicate_of in (None, order_id):
        return None
    try:
        found = (await dispatches.peek(command.duplicate_of)).state
    except NotFound:
        return None
    return found if sees(found, asked.caller) else None
