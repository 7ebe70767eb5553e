"""Supervision 督办: the district watches over what was silent, refused, done again or stuck too often."""

from __future__ import annotations

from datetime import datetime

from pydantic import AwareDatetime

from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.duty import must_answer, must_see
from services.dispatch.domain.ends import deadline_within
from services.dispatch.domain.ladder import Clock, Level
from services.dispatch.domain.limits import Limits
from services.dispatch.domain.record import Cause, Supervision
from services.dispatch.domain.unit import Unit
from services.dispatch.domain.words import Reason
from shared.caller import Caller
from shared.command import Code, Command
from shared.contracts.from_dispatch.supervision_closed import SupervisionClosedV1
from shared.contracts.from_dispatch.supervision_directed import SupervisionDirectedV1
from shared.contracts.from_dispatch.supervision_overdue import SupervisionOverdueV1
from shared.contracts.from_dispatch.supervision_raised import SupervisionRaisedV1
from shared.entry import Decision, decided, unchanged
from shared.problems import RuleBroken


def supervise(dispatch: Dispatch, cause: Cause, *, at: datetime, limits: Limits) -> Decision[Dispatch]:
    """The district watches over it from now on; once for each cause. What is watched already has one cause more."""
    if cause in dispatch.supervised:
        return unchanged(dispatch)
    open_one = dispatch.supervision
    if open_one is not None:
        more = open_one.model_copy(update={"causes": (*open_one.causes, cause)})
        watched = with_supervision(dispatch, more)
    else:
        new = Supervision(causes=(cause,), opened_at=at, due=limits.calendar.after(at, limits.supervision))
        watched = dispatch.but(supervisions=(*dispatch.supervisions, new)).with_clock(
            Clock.SUPERVISION, new.due
        )
    raised = watched.but(supervised=(*dispatch.supervised, cause))
    return decided(raised, SupervisionRaisedV1(cause=cause))


def then_supervise(
    decision: Decision[Dispatch], cause: Cause, *, at: datetime, limits: Limits
) -> Decision[Dispatch]:
    """The same decision, and supervision besides."""
    raised = supervise(decision.state, cause, at=at, limits=limits)
    return Decision(raised.state, decision.events + raised.events)


def with_supervision(dispatch: Dispatch, changed: Supervision) -> Dispatch:
    """The same dispatch, its last supervision changed."""
    return dispatch.but(supervisions=(*dispatch.supervisions[:-1], changed))


def end_supervision(dispatch: Dispatch, *, result: str, by: str, at: datetime) -> Dispatch:
    """The open one, if there is one, is closed; by nobody when the dispatch itself ended."""
    ending = dispatch.supervision
    if ending is None:
        return dispatch
    ended = ending.model_copy(update={"result": result, "closed_by": by or None, "closed_at": at})
    return with_supervision(dispatch, ended).with_clock(Clock.SUPERVISION, None)


def supervision_late(dispatch: Dispatch) -> Decision[Dispatch]:
    """What was supervised has not moved in time: the register shows it, and so do the residents' lines."""
    late = dispatch.supervision
    if late is None:
        return decided(dispatch)
    noted = with_supervision(dispatch, late.model_copy(update={"overdue": True}))
    return decided(noted, SupervisionOverdueV1(due=late.due, unit=late.unit))


class NotSupervised(RuleBroken):
    """The district does not supervise this."""


class DirectSupervision(Command):
    """What the responsible unit has to do, and until when. `unit`: a department, or a level by its name."""

    unit: Code
    measures: Reason
    due: AwareDatetime


class CloseSupervision(Command):
    """`result`: what has come of it."""

    result: Reason


def must_be_supervised(dispatch: Dispatch) -> Supervision:
    """The open one. Raises NotSupervised."""
    if dispatch.supervision is None:
        raise NotSupervised
    return dispatch.supervision


def direct(
    dispatch: Dispatch, command: DirectSupervision, unit: Unit, *, by: Caller, at: datetime, limits: Limits
) -> Decision[Dispatch]:
    """The district says who has to do what, until when. Raises NotSupervised, DeadlineOutOfRange."""
    must_see(dispatch, by)
    must_answer(dispatch, by, least=Level.DISTRICT)
    watched = must_be_supervised(dispatch)
    due = deadline_within(command.due, at, limits)
    if (watched.unit, watched.measures, watched.due) == (unit.id, command.measures, due):
        return unchanged(dispatch)
    changed = watched.model_copy(
        update={"unit": unit.id, "measures": command.measures, "due": due, "overdue": False}
    )
    known = dispatch.departments
    directed = with_supervision(dispatch, changed).with_clock(Clock.SUPERVISION, due)
    if unit.level is None and unit.id not in known:
        directed = directed.but(departments=(*known, unit.id))
    return decided(directed, SupervisionDirectedV1(unit=unit.id, measures=command.measures, due=due))


def close_supervision(
    dispatch: Dispatch, command: CloseSupervision, *, by: Caller, at: datetime
) -> Decision[Dispatch]:
    """The district has seen to it. The dispatch goes on as it stands. Raises NotSupervised."""
    must_see(dispatch, by)
    last = dispatch.supervisions[-1] if dispatch.supervisions else None
    if last is not None and (last.closed_by, last.result) == (by.id, command.result):
        return unchanged(dispatch)
    must_answer(dispatch, by, least=Level.DISTRICT)
    must_be_supervised(dispatch)
    ended = end_supervision(dispatch, result=command.result, by=by.id, at=at)
    return decided(ended, SupervisionClosedV1(result=command.result))
