"""A person or a unit takes the dispatch, or is given it."""

from __future__ import annotations

from datetime import datetime

from services.dispatch.domain.clocks.limits import Limits
from services.dispatch.domain.clocks.watch import watched
from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.duty import must_answer, must_see
from services.dispatch.domain.ground.ground import Ground
from services.dispatch.domain.ground.staff import Person, must_see_what_lies_in
from services.dispatch.domain.states import DispatchState, Level
from services.dispatch.domain.words import PersonOrUnit
from shared.caller import Caller, above
from shared.command import Command
from shared.contracts.from_dispatch import DispatchAssignedV1, WorkHandedOverV1
from shared.entry import Decision, decided, unchanged
from shared.problems import RuleBroken


class TakenAlready(RuleBroken):
    """Somebody of your level has this already."""


class AssignDispatch(Command):
    """`to` is the id of a person of the staff, who sees what lies there; left out, the caller takes it."""

    to: PersonOrUnit | None = None


def assign(
    dispatch: Dispatch, command: AssignDispatch, *, by: Caller, at: datetime, limits: Limits
) -> Decision[Dispatch]:
    """Who takes it for himself has it at his own level; who gives it away leaves the level as it is.

    Who stands in for somebody takes it for that one, who has it when they come back.

    Nobody takes it out of the hands of their own level: whoever has it gives it, or a level above.
    Raises TakenAlready.
    """
    must_see(dispatch, by)
    to = command.to or by.seat
    if dispatch.state is DispatchState.ASSIGNED and dispatch.assigned_to == to:
        return unchanged(dispatch)
    dispatch.must_be(DispatchState.RECEIVED, DispatchState.ASSIGNED, DispatchState.IN_HANDLING)
    own = must_answer(dispatch, by)
    if to == by.seat and own is dispatch.level and dispatch.assigned_to and not dispatch.handled_by:
        raise TakenAlready(f"{dispatch.assigned_to} has it.", assigned_to=dispatch.assigned_to)
    level = own if to == by.seat else dispatch.level
    given = dispatch.moved(DispatchState.ASSIGNED, assigned_to=to, handled_by=None, level=level)
    return decided(watched(given, at=at, limits=limits), DispatchAssignedV1(to=to, level=level))


def give(
    dispatch: Dispatch,
    command: AssignDispatch,
    *,
    person: Person | None,
    by: Caller,
    at: datetime,
    limits: Limits,
) -> Decision[Dispatch]:
    """As `assign`; who it is given to (`person`) must be in the register and see it.

    Raises TakenAlready, UnknownPerson, NotOfTheArea.
    """
    decision = assign(dispatch, command, by=by, at=at, limits=limits)
    if decision.events and command.to not in (None, by.seat):
        must_see_what_lies_in(dispatch.area, person, str(command.to))
    return decision


def may_keep(dispatch: Dispatch, area: str, ground: Ground) -> bool:
    """Who has it must see what lies there: whether whoever has it sees it in this area by now, if anybody has it.

    Of whom the register does not know it is what they have it as: the unit of their level. Whose area is gone with that
    of the dispatch is known later; and a unit goes on under the name that it has there.
    """
    who = dispatch.assigned_to
    if who is None:
        return True
    sees = ground.sees(who, area)
    if sees is not None:
        return sees
    if dispatch.area not in ground.territory.areas and (
        who in ground.register.people or who in above(dispatch.area)
    ):
        return True
    level = dispatch.level if dispatch.state is DispatchState.ASSIGNED else Level.GRID
    return level.of(dispatch.area) == level.of(area)


def hand_over(dispatch: Dispatch, leaving: str, to: str) -> Decision[Dispatch]:
    """Who leaves does not have it any more; whatever they had, and its clocks, the successor has."""
    if dispatch.assigned_to != leaving or dispatch.state is DispatchState.CLOSED:
        return unchanged(dispatch)
    given = dispatch.but(assigned_to=to)
    if dispatch.state is DispatchState.ASSIGNED:
        return decided(given, DispatchAssignedV1(to=to, level=dispatch.level))
    return decided(given, WorkHandedOverV1(to=to, level=dispatch.level))
