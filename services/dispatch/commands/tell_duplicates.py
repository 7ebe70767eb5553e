"""An order has ended, and those that repeat it hear it → `dispatch_closed`, or `dispatch_unmerged`."""

from __future__ import annotations

import asyncio
from uuid import UUID

from services.dispatch.domain.clocks.limits import Limits
from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.ground.territory import Territory
from services.dispatch.domain.states import Clock
from services.dispatch.domain.works.closing import what_follows
from services.dispatch.store import Dispatches
from shared.asked import Asked
from shared.entry import Decision, Entry, decided, unchanged


async def tell_duplicates(
    entry: Entry[Dispatch], dispatches: Dispatches, territory: Territory, limits: Limits, asked: Asked
) -> Decision[Dispatch]:
    """What becomes of the one that has ended. Raises LostRace; may be done again."""
    it = entry.state

    async def tell(id: str) -> bool:
        """Whether it has ended with this one."""
        other = await dispatches.peek(UUID(id))
        decision = unchanged(other.state)
        if other.state.duplicate_of == str(entry.id):
            decision = what_follows(other.state, it, territory=territory, at=asked.now, limits=limits)
        told = await dispatches.save(other, decision, asked)
        return told.state.duplicate_of == str(entry.id)

    with_it = await asyncio.gather(*(tell(id) for id in it.duplicates))
    kept = tuple(id for id, ended in zip(it.duplicates, with_it, strict=True) if ended)
    return decided(it.but(duplicates=kept).with_clock(Clock.DUPLICATES, None))
