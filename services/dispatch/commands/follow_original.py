"""It is bound to another order, or not any more, and that one hears it → it knows what repeats it.

What has ended meanwhile, and a circle, is settled at once → `dispatch_closed`, `dispatch_unmerged`.
"""

from __future__ import annotations

from uuid import UUID

from services.dispatch.domain.clocks.limits import Limits
from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.ground.territory import Territory
from services.dispatch.domain.states import DispatchState
from services.dispatch.domain.works.binding import CIRCLE, come_back, note_duplicate
from services.dispatch.domain.works.closing import what_follows
from services.dispatch.store import Dispatches
from shared.asked import Asked
from shared.entry import Decision, Entry, decided


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
            found = territory.find(it.longitude, it.latitude)
            back = come_back(it, CIRCLE, found=found, at=at, limits=limits)
            return Decision(back.state.with_clock(name, at), back.events)  # and the other one forgets it
    decision = decided(it)
    if bound and original.state.state is DispatchState.CLOSED:
        decision = what_follows(it, original.state, territory=territory, at=at, limits=limits)
        bound = decision.state.duplicate_of is not None
    await dispatches.save(original, note_duplicate(original.state, str(entry.id), bound=bound), asked)
    return Decision(decision.state.with_clock(name, None), decision.events)
