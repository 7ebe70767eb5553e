"""Whoever has it is waited for: for its word, for what comes next, and for the end of the whole."""

from __future__ import annotations

from datetime import datetime

from services.dispatch.domain.clocks.limits import Limit, Limits
from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.states import Clock, DispatchState
from shared.contracts.from_dispatch import DispatchOverdueV1, ReminderSentV1
from shared.entry import Decision, decided


def watched(dispatch: Dispatch, *, at: datetime, limits: Limits) -> Dispatch:
    """While a unit has it, its word is waited for: nothing else runs out when it only keeps silent."""
    if dispatch.state not in (DispatchState.ASSIGNED, DispatchState.IN_HANDLING):
        return dispatch
    own = dispatch.handled_by in dispatch.departments
    end = limits.term(
        Limit.HANDLE,
        at,
        urgency=dispatch.urgency,
        category=dispatch.category,
        level=None if own else dispatch.level,
        department=dispatch.handled_by if own else None,
    )
    return dispatch.with_limit(Clock.HANDLING, end, at=at, reminder=limits.reminder)


def returned(dispatch: Dispatch, *, at: datetime, limits: Limits) -> Dispatch:
    """It is back with the unit. When nobody acts in time, the level above is whistled to."""
    back = dispatch.with_limit(
        Clock.RETURNED, limits.calendar.term(at, limits.returned), at=at, reminder=limits.reminder
    )
    return watched(back, at=at, limits=limits)


def to_check(dispatch: Dispatch, *, at: datetime, limits: Limits) -> Dispatch:
    """Work was delivered: its check is waited for."""
    term = limits.calendar.term(at, limits.check)
    return dispatch.but(check_level=None).with_limit(Clock.CHECK, term, at=at, reminder=limits.reminder)


def promised(
    dispatch: Dispatch, until: datetime, *, at: datetime, limits: Limits, unit: str = ""
) -> Dispatch:
    """What a unit said it would do by then is watched; of several units each."""
    clock = f"{Clock.DEADLINE}/{unit}" if unit else Clock.DEADLINE
    return dispatch.with_limit(clock, max(until, at), at=at, reminder=limits.reminder)


def waited_on(dispatch: Dispatch, clock: Clock, *, at: datetime, limits: Limits) -> Dispatch:
    """Nobody is left above: the same is waited for again, so that silence is never the end of it."""
    match clock:
        case Clock.DISPATCH | Clock.WHISTLE:
            term = limits.term(
                Limit.TAKE if clock is Clock.DISPATCH else Limit.ANSWER,
                at,
                urgency=dispatch.urgency,
                category=dispatch.category,
                level=dispatch.level,
            )
        case Clock.RETURNED:
            term = limits.calendar.term(at, limits.returned)
        case Clock.DEADLOCK:
            term = limits.calendar.term(at, limits.deadlock)
        case Clock.CHECK:
            term = limits.calendar.term(at, limits.check)
        case _:
            return dispatch
    return dispatch.with_limit(clock, term, at=at, reminder=limits.reminder)


def remind(dispatch: Dispatch, clock: str) -> Decision[Dispatch]:
    """Most of the time of this clock has passed."""
    ends = dispatch.due.get(clock)
    if ends is None:
        return decided(dispatch)
    return decided(dispatch, ReminderSentV1(clock=clock, level=dispatch.level, ends=ends))


def late(dispatch: Dispatch, *, at: datetime, limits: Limits) -> Decision[Dispatch]:
    """It should have ended: told once, and from now on looked at again and again."""
    assert dispatch.close_by is not None, "the clock is set together with it"
    again = limits.calendar.term(at, limits.overdue)
    overdue = dispatch.but(overdue=True).with_term(Clock.OVERDUE, again, at=at)
    return decided(overdue, DispatchOverdueV1(close_by=dispatch.close_by))
