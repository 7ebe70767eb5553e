"""A person or a unit takes the dispatch, or is given it."""

from __future__ import annotations

from datetime import datetime

from services.dispatch.domain.clocks.limits import Limits
from services.dispatch.domain.clocks.watch import watched
from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.duty import must_answer, must_see
from services.dispatch.domain.states import DispatchState
from services.dispatch.domain.words import PersonOrUnit
from shared.caller import Caller
from shared.command import Command
from shared.contracts.from_dispatch import DispatchAssignedV1
from shared.entry import Decision, decided, unchanged
from shared.problems import RuleBroken


class TakenAlready(RuleBroken):
    """Somebody of your level has this already."""


class AssignDispatch(Command):
    """`to` is the id of a person or a unit; left out, the caller takes it."""

    to: PersonOrUnit | None = None


def assign(
    dispatch: Dispatch, command: AssignDispatch, *, by: Caller, at: datetime, limits: Limits
) -> Decision[Dispatch]:
    """Who takes it for himself has it at his own level; who gives it away leaves the level as it is.

    Nobody takes it out of the hands of their own level: whoever has it gives it, or a level above.
    Raises TakenAlready.
    """
    must_see(dispatch, by)
    to = command.to or by.id
    if dispatch.state is DispatchState.ASSIGNED and dispatch.assigned_to == to:
        return unchanged(dispatch)
    dispatch.must_be(DispatchState.RECEIVED, DispatchState.ASSIGNED, DispatchState.IN_HANDLING)
    own = must_answer(dispatch, by)
    if to == by.id and own is dispatch.level and dispatch.assigned_to and not dispatch.handled_by:
        raise TakenAlready(f"{dispatch.assigned_to} has it.", assigned_to=dispatch.assigned_to)
    level = own if to == by.id else dispatch.level
    given = dispatch.moved(DispatchState.ASSIGNED, assigned_to=to, handled_by=None, level=level)
    return decided(watched(given, at=at, limits=limits), DispatchAssignedV1(to=to, level=level))
