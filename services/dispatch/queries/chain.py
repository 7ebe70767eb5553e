"""Which order an order repeats, and which that one."""

from __future__ import annotations

from uuid import UUID

from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.states import DispatchState
from services.dispatch.store import Dispatches
from shared.entry import Entry


async def chain_from(entry: Entry[Dispatch], dispatches: Dispatches, *, most: int) -> list[UUID]:
    """The ids from this one on, each repeating the next; the last repeats none, unless there are more than `most`."""
    chain = [entry.id]
    while entry.state.state is DispatchState.MERGED and entry.state.duplicate_of and len(chain) <= most:
        entry = await dispatches.peek(UUID(entry.state.duplicate_of))
        chain.append(entry.id)
    return chain
