"""The read side: dispatches as each caller may see them, and the queue."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.duty import must_see
from services.dispatch.domain.part import part_of
from services.dispatch.domain.states import DispatchState
from services.dispatch.domain.worklist import units_of
from services.dispatch.queries.told import happened_for
from services.dispatch.queries.views import CountsOut, HistoryOut
from services.dispatch.store import Dispatches, Queue, WorkList
from shared.caller import Caller, Role, lies_in
from shared.entry import Entry
from shared.problems import NotFound

MOST_COUNTED = 1000


async def dispatch_for(dispatches: Dispatches, order_id: UUID, caller: Caller) -> Entry[Dispatch]:
    """Raises NotFound for what is not there and for what is not the caller's alike."""
    entry = await dispatches.peek(order_id)
    must_see(entry.state, caller)
    return entry


async def history_for(dispatches: Dispatches, entry: Entry[Dispatch], caller: Caller) -> HistoryOut:
    """What was told of a dispatch that the caller sees, and may read of it."""
    last = math.inf
    if caller.role is Role.DEPARTMENT:
        part = part_of(entry.state, caller.department)
        last = part.until if part else 0
    told = [one for one in await dispatches.history(entry.id) if one["n"] <= last]
    return HistoryOut(items=[happened_for(one, caller) for one in told])


def within(caller: Caller, area: str | None, *absent: Caller) -> Queue:
    """What the caller may list at all: staff their area or a part of it, a department what it was asked.

    `absent`: the caller as those for whom they stand in; what they may list stands in the same lists.
    Raises NotFound for an area that is not the caller's, nor theirs.
    """
    units = tuple(one for each in (caller, *absent) for one in (each.seat, *units_of(each)))
    if caller.role is Role.DEPARTMENT:
        if caller.department is None:
            raise NotFound
        return Queue(department=caller.department, area=area, units=units)
    if area is None:
        return Queue(area=area_of(caller, area), units=units, also=_widest(caller, absent))
    can = next((each for each in (caller, *absent) if each.covers(area)), caller)
    return Queue(area=area_of(can, area), units=units)


def _widest(caller: Caller, absent: Sequence[Caller]) -> tuple[str, ...]:
    """The areas of those who are away, each once, but for what lies in the caller's own or in another of them."""
    areas = dict.fromkeys(each.area for each in absent if each.area and not caller.covers(each.area))
    return tuple(one for one in areas if not any(lies_in(one, other) for other in areas if other != one))


def area_of(caller: Caller, area: str | None) -> str:
    """The area that staff ask for: their own, or a part of it. Raises NotFound for another."""
    area = area or caller.area
    if area is None or not caller.covers(area):
        raise NotFound
    return area


async def counts(dispatches: Dispatches, allowed: Queue, *, until: datetime) -> CountsOut:
    """How much there is in each of the caller's lists."""
    lists = [replace(allowed, of=one, until=until if one is WorkList.DUE else None) for one in WorkList]
    states = [state for state in DispatchState if state not in (DispatchState.UNKNOWN, DispatchState.CLOSED)]
    found = await dispatches.count_each(
        [*lists, *(replace(allowed, state=state) for state in states)], most=MOST_COUNTED
    )
    named = dict(zip(WorkList, found, strict=False))
    by_state: dict[DispatchState, int] = dict(zip(states, found[len(lists) :], strict=True))
    return CountsOut(**{name.value: n for name, n in named.items()}, by_state=by_state)
