"""A dispatch comes to another area: handed over, or found anew in another version of the territory or at another place.

Where the unit that answers for it stays the same (the community of both grids, say), only the area changes. Otherwise
it is received there as if it were new, and the clock for taking it runs anew: from now on, or after a correction from
the placing on. The end of the whole stays.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import StringConstraints

from services.dispatch.domain.clocks.limits import Limit, Limits
from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.duty import NotYourLevel, must_answer, must_see
from services.dispatch.domain.ground.territory import AreaUnknown, Found, Territory
from services.dispatch.domain.place.opening import begins_at
from services.dispatch.domain.place.titling import named
from services.dispatch.domain.states import Clock, DispatchState, Level
from services.dispatch.domain.words import Reason
from shared.caller import Caller
from shared.command import Command
from shared.contracts.from_dispatch import DispatchMovedV1
from shared.entry import Decision, decided, unchanged

AMENDED = "amended"

# Nobody else's answer, no discussion and no work of partners is under way.
_MOVABLE = (DispatchState.RECEIVED, DispatchState.ASSIGNED, DispatchState.IN_HANDLING)

GridPath = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}(/[0-9]{1,12}){3}$")]


class TransferDispatch(Command):
    """`to` is the area path of a grid."""

    to: GridPath
    reason: Reason


def transfer(
    dispatch: Dispatch,
    command: TransferDispatch,
    *,
    by: Caller,
    territory: Territory,
    at: datetime,
    limits: Limits,
) -> Decision[Dispatch]:
    """Hand it to another grid. Only a level that has both under it may; a grid asks for it with the whistle.

    Raises AreaUnknown, NotYourLevel, TasksOpen.
    """
    must_see(dispatch, by)
    if dispatch.area == command.to:
        return unchanged(dispatch)
    dispatch.must_be(*_MOVABLE)
    dispatch.must_have_no_open_task()
    must_answer(dispatch, by, least=Level.COMMUNITY)
    if not by.covers(command.to):
        raise NotYourLevel("A level that has both grids under it has to do this.")
    grid = territory.areas.get(command.to)
    if grid is None or grid.kind != Level.GRID:
        raise AreaUnknown(command.to)
    return _to(
        dispatch, territory.found(command.to), cause="transfer", reason=command.reason, at=at, limits=limits
    )


def find_again(
    dispatch: Dispatch, found: Found, *, cause: str, at: datetime, limits: Limits
) -> Decision[Dispatch]:
    """Where it lies by now. What another unit has in hand already stays with it, and keeps the area it was given."""
    if dispatch.state is DispatchState.CLOSED or (found.area, found.version) == (
        dispatch.area,
        dispatch.territory_version,
    ):
        return unchanged(dispatch)
    if found.area == dispatch.area:
        return decided(dispatch.but(territory_version=found.version, in_no_grid=found.in_no_grid))
    free = (
        dispatch.state in (*_MOVABLE, DispatchState.MERGED)
        and dispatch.paused is None
        and all(task.ended is not None for task in dispatch.tasks)
    )
    if not (free or _same_unit(dispatch, found)):
        return unchanged(dispatch)
    return _to(dispatch, found, cause=cause, reason="", at=at, limits=limits)


def _same_unit(dispatch: Dispatch, found: Found) -> bool:
    """Whether the same level of the same area answers for it there; or a department has it, which has no area."""
    if dispatch.handled_by is not None and dispatch.handled_by in dispatch.departments:
        return True
    return dispatch.level.of(dispatch.area) == dispatch.level.of(found.area)


def _to(
    dispatch: Dispatch, found: Found, *, cause: str, reason: str, at: datetime, limits: Limits
) -> Decision[Dispatch]:
    there = {"area": found.area, "in_no_grid": found.in_no_grid, "territory_version": found.version}
    take_by = None
    if _same_unit(dispatch, found):
        moved = dispatch.but(**there)
    elif (
        dispatch.state is DispatchState.MERGED
    ):  # whoever answers for it there hears of it when it comes back
        moved = dispatch.but(level=begins_at(found, None), **there)
    else:
        level = begins_at(found, None)
        since = dispatch.opened_at if cause == AMENDED else None
        take_by = limits.term(
            Limit.TAKE, since or at, urgency=dispatch.urgency, category=dispatch.category, level=level
        )
        moved = dispatch.moved(
            DispatchState.RECEIVED, level=level, assigned_to=None, handled_by=None, **there
        ).with_limit(Clock.DISPATCH, take_by, at=at, reminder=limits.reminder)
    told = DispatchMovedV1(
        area=found.area,
        from_area=dispatch.area,
        level=moved.level,
        in_no_grid=found.in_no_grid,
        cause=cause,
        reason=reason,
        answer_by=take_by.end if take_by else None,
    )
    renamed = named(moved, moved.about, found)
    return decided(renamed.state, told, *renamed.events)
