"""A deadlock: nobody is responsible, or nobody can. A state with exits, and with a clock."""

from __future__ import annotations

from datetime import datetime

from services.dispatch.domain.clocks.limits import Limits
from services.dispatch.domain.clocks.watch import waited_on
from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.duty import at_least, must_answer, must_see
from services.dispatch.domain.notes import keeps_note
from services.dispatch.domain.states import Clock, DispatchState, Level
from services.dispatch.domain.supervision.raising import supervise
from services.dispatch.domain.supervision.record import Cause
from services.dispatch.domain.words import Noted, PublicReason
from shared.caller import Caller
from shared.contracts.from_dispatch import DeadlockDeclaredV1
from shared.entry import Decision, decided, unchanged


class DeclareDeadlock(Noted):
    reason: PublicReason


class AskSupervision(Noted):
    """The district shall watch over the way out."""


@keeps_note
def declare(
    dispatch: Dispatch, command: DeclareDeadlock, *, by: Caller, at: datetime, limits: Limits
) -> Decision[Dispatch]:
    """Say openly that it does not go on. When nobody finds a way out in time, supervision is raised.

    Raises RoundIsOpen, OnNotice.
    """
    must_see(dispatch, by)
    if dispatch.state is DispatchState.DEADLOCKED and dispatch.deadlock == command.reason:
        return unchanged(dispatch)
    dispatch.must_be(DispatchState.ASSIGNED, DispatchState.IN_HANDLING, DispatchState.IN_DELIBERATION)
    must_answer(dispatch, by, least=Level.COMMUNITY)
    dispatch.must_not_be_discussed()
    stuck = dispatch.moved(
        DispatchState.DEADLOCKED, deadlock=command.reason, level=at_least(dispatch.level, Level.COMMUNITY)
    ).with_limit(Clock.DEADLOCK, limits.calendar.term(at, limits.deadlock), at=at, reminder=limits.reminder)
    return decided(stuck, DeadlockDeclaredV1(reason=command.reason))


def no_way_out(dispatch: Dispatch, *, at: datetime, limits: Limits) -> Decision[Dispatch]:
    """Nobody found a way out in time: it is supervised, and a way out is waited for again."""
    again = waited_on(dispatch, Clock.DEADLOCK, at=at, limits=limits)
    return supervise(again, Cause.DEADLOCK, at=at, limits=limits)


@keeps_note
def hand_up(
    dispatch: Dispatch, command: AskSupervision, *, by: Caller, at: datetime, limits: Limits
) -> Decision[Dispatch]:
    """The unit sees no way out of its own, and does not wait until its time is over."""
    del command  # it says all by being asked
    must_see(dispatch, by)
    dispatch.must_be(DispatchState.DEADLOCKED)
    must_answer(dispatch, by, least=Level.COMMUNITY)
    return supervise(dispatch, Cause.DEADLOCK, at=at, limits=limits)
