"""Supervision 督办: the district watches over what was silent, refused, done again or stuck too often."""

from __future__ import annotations

from datetime import datetime

from services.dispatch.domain.clocks.limits import Limits
from services.dispatch.domain.clocks.pause import decide_by
from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.states import Clock
from services.dispatch.domain.supervision.record import Cause, Supervision
from shared.contracts.from_dispatch import (
    NextLevelAskedV1,
    SupervisionClosedV1,
    SupervisionOverdueV1,
    SupervisionRaisedV1,
)
from shared.entry import Decision, decided, unchanged


def supervise(dispatch: Dispatch, cause: Cause, *, at: datetime, limits: Limits) -> Decision[Dispatch]:
    """The district watches over it from now on; once for each cause. What is watched already has one cause more."""
    if cause in dispatch.supervised:
        return unchanged(dispatch)
    open_one = dispatch.supervision
    if open_one is not None:
        more = open_one.but(causes=(*open_one.causes, cause))
        watched = with_supervision(dispatch, more)
    else:
        term = limits.calendar.term(at, limits.supervision)
        new = Supervision(causes=(cause,), opened_at=at, due=term.end)
        watched = dispatch.but(supervisions=(*dispatch.supervisions, new))
        watched = watched.with_term(Clock.SUPERVISION, term, at=at)
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
    ended = ending.but(result=result, closed_by=by or None, closed_at=at)
    return with_supervision(dispatch, ended).with_clock(Clock.SUPERVISION, None)


def no_cause_any_more(dispatch: Dispatch, cause: Cause, *, result: str, at: datetime) -> Decision[Dispatch]:
    """What raised it turned out not to count: it may be raised anew, and where there is no other cause it ends."""
    if cause not in dispatch.supervised:
        return unchanged(dispatch)
    left = dispatch.but(supervised=tuple(one for one in dispatch.supervised if one is not cause))
    watched = left.supervision
    if watched is None or cause not in watched.causes:
        return decided(left)
    others = tuple(one for one in watched.causes if one is not cause)
    if others:
        return decided(with_supervision(left, watched.but(causes=others)))
    ended = end_supervision(left, result=result, by="", at=at)
    return decided(ended, SupervisionClosedV1(result=result))


def watched_again(dispatch: Dispatch, *, at: datetime, limits: Limits) -> Dispatch:
    """What is supervised is with a unit again, whose time had ended: it has to move in a new time."""
    if dispatch.supervision is None:
        return dispatch
    term = limits.calendar.term(at, limits.supervision)
    anew = dispatch.supervision.but(due=term.end, overdue=False)
    return with_supervision(dispatch, anew).with_term(Clock.SUPERVISION, term, at=at)


def supervision_late(dispatch: Dispatch, *, at: datetime, limits: Limits) -> Decision[Dispatch]:
    """What was supervised has not moved in time: the register shows it, and so do the residents' lines.

    Told once; its clock never stops, and the level is reminded.
    """
    late = dispatch.supervision
    if late is None:
        return decided(dispatch)
    term = limits.calendar.term(at, limits.supervision)
    noted = with_supervision(dispatch, late.but(overdue=True))
    noted = noted.with_limit(Clock.SUPERVISION, term, at=at, reminder=limits.reminder)
    return decided(noted, *([] if late.overdue else [SupervisionOverdueV1(due=late.due, unit=late.unit)]))


def still_late(dispatch: Dispatch, *, at: datetime, limits: Limits) -> Decision[Dispatch]:
    """Late, and it has not ended since: it is supervised, and its clock never stops."""
    again = dispatch.with_term(Clock.OVERDUE, limits.calendar.term(at, limits.overdue), at=at)
    return supervise(again, Cause.SILENCE, at=at, limits=limits)


def decider_silent(dispatch: Dispatch, *, at: datetime, limits: Limits) -> Decision[Dispatch]:
    """Nobody said whether there is more time: the next level has to; at the top supervision is raised."""
    request = dispatch.time_request
    if request is None:
        return decided(dispatch)
    level = request.decided_by.above or request.decided_by
    term = decide_by(dispatch, level, at, limits)
    again = dispatch.but(time_requests=(*dispatch.time_requests[:-1], request.but(decided_by=level)))
    again = again.with_limit(Clock.TIME_REQUEST, term, at=at, reminder=limits.reminder)
    if level is request.decided_by:
        return supervise(again, Cause.SILENCE, at=at, limits=limits)
    told = NextLevelAskedV1(
        clock=Clock.TIME_REQUEST, from_level=request.decided_by, to_level=level, answer_by=term.end
    )
    return decided(again, told)
