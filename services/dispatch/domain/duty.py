"""Who may do what: the level that answers for a dispatch, or a higher one of the same area in its stead."""

from __future__ import annotations

from collections.abc import Mapping

from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.states import DispatchState, Level
from shared.caller import Caller, Role
from shared.problems import NotAllowed, NotFound

LEVEL_OF: Mapping[Role, Level] = {
    Role.GRID_WORKER: Level.GRID,
    Role.COMMUNITY: Level.COMMUNITY,
    Role.STREET: Level.STREET,
    Role.DISTRICT: Level.DISTRICT,
}


class NotYourLevel(NotAllowed):
    """Another level answers for this now."""


def at_least(level: Level, least: Level) -> Level:
    """The higher of the two. Whoever uses a power of a higher level has the matter at that level."""
    return max(level, least, key=lambda one: one.rank)


def sees(dispatch: Dispatch, by: Caller) -> bool:
    """Staff see what lies in their area, a department what it has or had a part in, nobody else anything."""
    if dispatch.state is DispatchState.UNKNOWN:
        return False
    if by.role is Role.DEPARTMENT:
        return by.department in dispatch.departments
    return by.role in LEVEL_OF and by.covers(dispatch.area)


def must_see(dispatch: Dispatch, by: Caller) -> None:
    """Raises NotFound: what is not yours looks like what is not there."""
    if not sees(dispatch, by):
        raise NotFound


def must_answer(dispatch: Dispatch, by: Caller, *, least: Level = Level.GRID) -> Level:
    """The caller's own level, when it is the one that answers for the dispatch, or higher; and at least `least`.

    Raises NotYourLevel.
    """
    level = LEVEL_OF.get(by.role)
    needed = at_least(dispatch.level, least)
    if level is None or level.rank < needed.rank:
        raise NotYourLevel(f"The {needed} level has to do this.", level=needed.value)
    return level


def must_be_staff(by: Caller) -> None:
    """For what staff of any level write down. Raises NotYourLevel for a department."""
    if by.role not in LEVEL_OF:
        raise NotYourLevel("The staff of the area have to do this.", level=Level.GRID.value)


def must_have(dispatch: Dispatch, by: Caller) -> None:
    """Raises NotYourLevel for all but the one who has it in hand, and the levels that answer for it."""
    hand = dispatch.handled_by or dispatch.assigned_to
    if hand is None or hand not in by.ids or dispatch.hand_rests:
        must_answer(dispatch, by)
