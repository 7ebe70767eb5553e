"""Clocks that remind, that repeat until it has ended, and what follows when a unit falls silent."""

from __future__ import annotations

from datetime import datetime

from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.ladder import Clock
from services.dispatch.domain.limits import Limits
from services.dispatch.domain.record import Cause
from services.dispatch.domain.supervision import supervise
from services.dispatch.domain.watch import watched
from services.dispatch.domain.whistle import climb
from shared.contracts.from_dispatch.dispatch_overdue import DispatchOverdueV1
from shared.contracts.from_dispatch.reminder_sent import ReminderSentV1
from shared.entry import Decision, decided


def fell_silent(dispatch: Dispatch, *, by: str, at: datetime, limits: Limits) -> Decision[Dispatch]:
    """Whoever should act says nothing: the next level is whistled to. At the top, supervision."""
    climbed = climb(dispatch, by=by, at=at, limits=limits)
    return Decision(watched(climbed.state, at=at, limits=limits), climbed.events)


def remind(dispatch: Dispatch, clock: str) -> Decision[Dispatch]:
    """Most of the time of this clock has passed."""
    ends = dispatch.due.get(clock)
    if ends is None:
        return decided(dispatch)
    return decided(dispatch, ReminderSentV1(clock=clock, level=dispatch.level, ends=ends))


def late(dispatch: Dispatch, *, at: datetime, limits: Limits) -> Decision[Dispatch]:
    """It should have ended: told once, and from now on looked at again and again."""
    assert dispatch.close_by is not None, "the clock is set together with it"
    again = limits.calendar.after(at, limits.overdue)
    overdue = dispatch.but(overdue=True).with_clock(Clock.OVERDUE, again)
    return decided(overdue, DispatchOverdueV1(close_by=dispatch.close_by))


def still_late(dispatch: Dispatch, *, at: datetime, limits: Limits) -> Decision[Dispatch]:
    """Late, and it has not ended since: it is supervised, and its clock never stops."""
    again = dispatch.with_clock(Clock.OVERDUE, limits.calendar.after(at, limits.overdue))
    return supervise(again, Cause.SILENCE, at=at, limits=limits)
