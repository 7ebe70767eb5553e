"""What the district does about what it supervises: says who has to do what, and closes it with a result."""

from __future__ import annotations

from datetime import datetime

from services.dispatch.domain.clocks.limits import Limits, deadline_within
from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.duty import must_answer, must_see
from services.dispatch.domain.ground.department import Department
from services.dispatch.domain.ground.unit import find_unit, with_departments
from services.dispatch.domain.notes import keeps_note
from services.dispatch.domain.states import Clock, Level
from services.dispatch.domain.supervision.raising import end_supervision, with_supervision
from services.dispatch.domain.supervision.record import Supervision
from services.dispatch.domain.words import Noted, PublicReason
from shared.caller import Caller
from shared.command import Code, Time
from shared.contracts.from_dispatch import SupervisionClosedV1, SupervisionDirectedV1
from shared.entry import Decision, decided, unchanged
from shared.problems import RuleBroken


class NotSupervised(RuleBroken):
    """The district does not supervise this."""


class DirectSupervision(Noted):
    """What the responsible unit has to do, and until when. `unit`: a department, or a level by its name."""

    unit: Code
    measures: PublicReason
    due: Time


class CloseSupervision(Noted):
    """`result`: what has come of it."""

    result: PublicReason


def must_be_supervised(dispatch: Dispatch) -> Supervision:
    """The open one. Raises NotSupervised."""
    if dispatch.supervision is None:
        raise NotSupervised
    return dispatch.supervision


@keeps_note
def direct(
    dispatch: Dispatch,
    command: DirectSupervision,
    *,
    departments: tuple[Department, ...],
    by: Caller,
    at: datetime,
    limits: Limits,
) -> Decision[Dispatch]:
    """The district says who has to do what, until when. Raises UnknownDepartment, NotSupervised, DeadlineOutOfRange."""
    must_see(dispatch, by)
    unit = find_unit(command.unit, departments, dispatch.area)
    must_answer(dispatch, by, least=Level.DISTRICT)
    watched = must_be_supervised(dispatch)
    due = deadline_within(command.due, at, limits)
    if (watched.unit, watched.measures, watched.due) == (unit.id, command.measures, due):
        return unchanged(dispatch)
    changed = watched.but(unit=unit.id, measures=command.measures, due=due, overdue=False)
    directed = with_supervision(dispatch, changed).with_clock(Clock.SUPERVISION, due)
    directed = directed.but(departments=with_departments(dispatch.departments, unit))
    return decided(directed, SupervisionDirectedV1(unit=unit.id, measures=command.measures, due=due))


@keeps_note
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
