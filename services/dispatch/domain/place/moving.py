"""A dispatch comes to another area: handed over, or found anew in another version of the territory or at another place.

Where the unit that answers for it stays the same (the community of both grids, say), only the area changes. Otherwise
it is received there as if it were new, and the clock for taking it runs anew: from now on, or after a correction from
the placing on. The end of the whole stays. What is in other hands meanwhile, or comes from an area that is no more,
goes on as it was: under the names of the units there.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import StringConstraints

from services.dispatch.domain.clocks.limits import Limit, Limits
from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.duty import NotYourLevel, must_answer, must_see
from services.dispatch.domain.ground.ground import Ground
from services.dispatch.domain.ground.territory import AreaUnknown, Found
from services.dispatch.domain.ladder.assignment import may_keep
from services.dispatch.domain.notes import keeps_note
from services.dispatch.domain.place.amended_limits import ending
from services.dispatch.domain.place.opening import begins_at
from services.dispatch.domain.place.succeeding import followed
from services.dispatch.domain.place.titling import named
from services.dispatch.domain.record import Said
from services.dispatch.domain.states import Clock, DispatchState, Level
from services.dispatch.domain.words import Noted, PublicReason
from shared.caller import Caller
from shared.contracts.from_dispatch import AreaSucceededV1, DispatchMovedV1
from shared.entry import Decision, decided, unchanged
from shared.problems import RuleBroken

AMENDED = "amended"

# Nobody else's answer, no discussion and no work of partners is under way.
_MOVABLE = (DispatchState.RECEIVED, DispatchState.ASSIGNED, DispatchState.IN_HANDLING)

GridPath = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}(/[0-9]{1,12}){3}$")]


class LiesThereAlready(RuleBroken):
    """It lies in this grid already."""


class TransferDispatch(Noted):
    """`to` is the area path of a grid."""

    to: GridPath
    reason: PublicReason


@keeps_note
def transfer(
    dispatch: Dispatch,
    command: TransferDispatch,
    *,
    by: Caller,
    ground: Ground,
    at: datetime,
    limits: Limits,
) -> Decision[Dispatch]:
    """Hand it to another grid. Only a level that has both under it may; a grid asks for it with the whistle.

    Raises AreaUnknown, NotYourLevel, TasksOpen, LiesThereAlready.
    """
    must_see(dispatch, by)
    said = Said(by=by.id, text=command.reason, of=command.to)
    if dispatch.area == command.to and dispatch.transferred == said:
        return unchanged(dispatch)
    dispatch.must_be(*_MOVABLE)
    dispatch.must_have_no_open_task()
    must_answer(dispatch, by, least=Level.COMMUNITY)
    if not by.covers(command.to):
        raise NotYourLevel("A level that has both grids under it has to do this.")
    if dispatch.area == command.to:
        raise LiesThereAlready(area=command.to)
    territory = ground.territory
    grid = territory.areas.get(command.to)
    if grid is None or grid.kind != Level.GRID:
        raise AreaUnknown(command.to)
    found, reason = territory.found(command.to), command.reason
    handed = dispatch.but(transferred=said)
    return _to(handed, found, ground, cause="transfer", reason=reason, at=at, limits=limits)


def settle_in(dispatch: Dispatch, ground: Ground, *, at: datetime, limits: Limits) -> Decision[Dispatch]:
    """Where it lies in the newest territory. What has ended stays where it is as long as its area is there.

    Of that only the services hear: residents are not told of what they have behind them.
    """
    found = ground.territory.find_from(dispatch.area, dispatch.longitude, dispatch.latitude)
    is_gone = dispatch.area not in ground.territory.areas
    if dispatch.state is DispatchState.CLOSED and is_gone:
        told = AreaSucceededV1(area=found.area, from_area=dispatch.area)
        return decided(followed(with_holder(dispatch, found, ground), found), told)
    return find_again(dispatch, found, ground, cause="territory", at=at, limits=limits, is_gone=is_gone)


def find_again(
    dispatch: Dispatch,
    found: Found,
    ground: Ground | None,
    *,
    cause: str,
    at: datetime,
    limits: Limits,
    is_gone: bool = False,
) -> Decision[Dispatch]:
    """Where it lies by now, in whatever state it is. `is_gone`: the area it was in is no more.

    What nobody has to answer for meanwhile is received anew; everything else goes on as it was, without whoever had it
    if they do not see what lies there. What only they had is received by the same level of the area that came after.
    """
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
    if free and not is_gone:
        return _to(dispatch, found, ground, cause=cause, reason="", at=at, limits=limits)
    there, answer_by = followed(with_holder(dispatch, found, ground), found), None
    if dispatch.state is DispatchState.WHISTLED and not (is_gone or _same_unit(dispatch, found)):
        there, answer_by = _asked_anew(there, at=at, limits=limits)
    elif free and there.state is DispatchState.ASSIGNED and dispatch.assigned_to and not there.assigned_to:
        there, answer_by = _received(there, since=at, at=at, limits=limits)
    return _told(there, dispatch.area, found, cause=cause, answer_by=answer_by)


def with_holder(dispatch: Dispatch, found: Found, ground: Ground | None) -> Dispatch:
    """Whoever has it keeps it if they see what lies there. Without `ground` it is not asked."""
    kept = ground is None or may_keep(dispatch, found.area, ground)
    return dispatch if kept else dispatch.but(assigned_to=None)


def _asked_anew(dispatch: Dispatch, *, at: datetime, limits: Limits) -> tuple[Dispatch, datetime | None]:
    """Another level's answer is waited for than before: it has the whole time for it."""
    if dispatch.whistle is None or Clock.WHISTLE not in dispatch.due:
        return dispatch, None
    term = limits.term(
        Limit.ANSWER, at, urgency=dispatch.urgency, category=dispatch.category, level=dispatch.level
    )
    asked = dispatch.but(whistle=dispatch.whistle.but(answer_by=term.end))
    return asked.with_limit(Clock.WHISTLE, term, at=at, reminder=limits.reminder), term.end


def _same_unit(dispatch: Dispatch, found: Found) -> bool:
    """Whether the same level of the same area answers for it there; or a department has it, which has no area."""
    if dispatch.handled_by is not None and dispatch.handled_by in dispatch.departments:
        return True
    return dispatch.level.of(dispatch.area) == dispatch.level.of(found.area)


def _to(
    dispatch: Dispatch,
    found: Found,
    ground: Ground | None,
    *,
    cause: str,
    reason: str,
    at: datetime,
    limits: Limits,
) -> Decision[Dispatch]:
    there = {"area": found.area, "in_no_grid": found.in_no_grid, "territory_version": found.version}
    answer_by, same = None, _same_unit(dispatch, found)
    kept = with_holder(dispatch, found, ground)
    if same and (kept is dispatch or dispatch.state is not DispatchState.ASSIGNED):
        moved = kept.but(**there)
    elif (
        dispatch.state is DispatchState.MERGED
    ):  # whoever answers for it there hears of it when it comes back
        moved = dispatch.but(level=begins_at(found, None), **there)
    else:
        level = dispatch.level if same else begins_at(found, None)
        # Another unit has what is left of the time from the placing; the same one has already taken it once.
        since = dispatch.opened_at if cause == AMENDED and not same else None
        moved, answer_by = _received(
            dispatch.but(level=level, **there), since=since or at, at=at, limits=limits
        )
    return _told(moved, dispatch.area, found, cause=cause, reason=reason, answer_by=answer_by)


def _received(
    dispatch: Dispatch, *, since: datetime, at: datetime, limits: Limits
) -> tuple[Dispatch, datetime]:
    """Nobody has it, and its level has the time to take it, counted from then."""
    urgency, category = dispatch.urgency, dispatch.category
    take_by = limits.term(Limit.TAKE, since, urgency=urgency, category=category, level=dispatch.level)
    free = dispatch.moved(DispatchState.RECEIVED, assigned_to=None, handled_by=None)
    timed = ending(free, Clock.DISPATCH, take_by.end, at, limits)
    return timed.with_span(Clock.DISPATCH, take_by, at=since), take_by.end


def _told(
    there: Dispatch,
    before: str,
    found: Found,
    *,
    cause: str,
    reason: str = "",
    answer_by: datetime | None = None,
) -> Decision[Dispatch]:
    told = DispatchMovedV1(
        area=there.area,
        from_area=before,
        level=there.level,
        in_no_grid=there.in_no_grid,
        cause=cause,
        reason=reason,
        answer_by=answer_by,
    )
    renamed = named(there, there.about, found)
    return decided(renamed.state, told, *renamed.events)
