"""It is bound to another order, or not any more, and that one hears it → it knows what repeats it.

What has ended meanwhile, and a circle, is settled at once → `dispatch_closed`, `dispatch_unmerged`. Of a circle, which
only those can make who bind in the same moment, the one placed first comes back, and the others stay bound to it.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from services.dispatch.domain.clocks.limits import Limits
from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.ground.territory import Territory
from services.dispatch.domain.states import DispatchState
from services.dispatch.domain.works.binding import CIRCLE, come_back, note_duplicate
from services.dispatch.domain.works.closing import what_follows
from services.dispatch.store import Dispatches
from shared.asked import Asked
from shared.entry import Decision, Entry, decided, unchanged


async def follow_original(
    entry: Entry[Dispatch],
    name: str,
    dispatches: Dispatches,
    territory: Territory,
    limits: Limits,
    asked: Asked,
) -> Decision[Dispatch]:
    """What becomes of the one whose clock `name` (`original/<id>`) has struck. Raises LostRace; may be done again."""
    original = await dispatches.peek(UUID(name.partition("/")[2]))
    it, at = entry.state.with_clock(name, None), asked.now
    bound = it.duplicate_of == str(original.id)
    if bound and it.state is DispatchState.MERGED:
        chain = await dispatches.chain(original, most=2 * limits.chain)
        if entry.id in chain:
            circle = chain[: chain.index(entry.id) + 1]
            known = {entry.id: entry, original.id: original}
            first = known.get(min(circle)) or await dispatches.peek(min(circle))
            back = _out_of(circle, first.state, territory, limits, at)
            if first is entry:
                return back
            saved = await dispatches.save(first, back, asked)  # whichever of them sees the circle first
            original = saved if first is original else original
    decision = decided(it)
    if bound and original.state.state is DispatchState.CLOSED:
        decision = what_follows(it, original.state, territory=territory, at=at, limits=limits)
        bound = decision.state.duplicate_of is not None
    await dispatches.save(original, note_duplicate(original.state, str(entry.id), bound=bound), asked)
    return Decision(decision.state.with_clock(name, None), decision.events)


def _out_of(
    circle: list[UUID], first: Dispatch, territory: Territory, limits: Limits, at: datetime
) -> Decision[Dispatch]:
    """It comes back, unless it has left the circle meanwhile; its original forgets it by a clock of its own."""
    if first.duplicate_of not in [str(id) for id in circle]:
        return unchanged(first)
    found = territory.find(first.longitude, first.latitude)
    return come_back(first, CIRCLE, found=found, at=at, limits=limits)
