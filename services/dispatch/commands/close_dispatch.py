"""It ends without an evaluation, and honestly → `dispatch_closed`; or it repeats another order → `dispatch_merged`."""

from __future__ import annotations

from uuid import UUID

from services.dispatch.domain.clocks.limits import Limits
from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.duty import must_see, sees
from services.dispatch.domain.works.binding import CircleOfDuplicates, can_be_repeated
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
    original = await _original(order_id, command, dispatches, limits, asked)
    decision = close(entry.state, command, original=original, by=asked.caller, at=asked.now, limits=limits)
    return await dispatches.save(entry, decision, asked)


async def _original(
    order_id: UUID, command: CloseDispatch, dispatches: Dispatches, limits: Limits, asked: Asked
) -> Dispatch | None:
    """The order that it repeats, if that can be repeated. Raises CircleOfDuplicates, TooManyDuplicates."""
    if command.duplicate_of in (None, order_id):
        return None
    try:
        found = await dispatches.peek(command.duplicate_of)
    except NotFound:
        return None
    if not sees(found.state, asked.caller) or not can_be_repeated(found.state, at=asked.now, limits=limits):
        return None
    chain = await dispatches.chain(found, most=limits.chain)
    if len(chain) > limits.chain or order_id in chain:
        raise CircleOfDuplicates
    return found.state
