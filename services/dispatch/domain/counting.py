"""What one dispatch adds to the figures of its area: whistles, refusals, and how long each unit took to answer.

What was withdrawn, or repeats another order, is counted as that and as nothing else.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from services.dispatch.domain.clocks.judging import NOBODYS
from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.ladder.record import Whistle
from services.dispatch.domain.states import Clock, DispatchState

_MS = timedelta(milliseconds=1)


class Ask(NamedTuple):
    """A unit was asked: a level, the area path of one that has a task, or the id of a department.

    `clock` watches it while its answer is waited for; `over` is when that ended without one.
    """

    what: str  # whistle, referral, task
    unit: str
    at: datetime
    answered: datetime | None
    until: datetime
    clock: str
    over: datetime | None = None


def counted(dispatch: Dispatch) -> Counter[str]:
    """By figure; of each unit as `asked|whistle|street`. Times in milliseconds, whole numbers that add up exactly."""
    if dispatch.outcome in NOBODYS:
        return Counter({dispatch.outcome: 1})
    counts: Counter[str] = Counter(
        dispatches=1,
        answer_due=int(dispatch.answered_in_time is not None),
        answered_in_time=int(dispatch.answered_in_time is True),
        whistled=int(dispatch.whistles > 0),
        whistles=dispatch.whistles,
        referrals=len(dispatch.referrals),
        referrals_answered=sum(one.accepted is not None for one in dispatch.referrals),
        refusals=dispatch.refusals,
        supervised=int(bool(dispatch.supervised)),
        overdue=int(dispatch.overdue),
        closed=int(dispatch.state is DispatchState.CLOSED),
    )
    if dispatch.closed_at and dispatch.opened_at:
        counts["closing_ms"] = (dispatch.closed_at - dispatch.opened_at) // _MS
    for ask in _asks(dispatch):
        unit = f"{ask.what}|{ask.unit}"
        counts[f"asked|{unit}"] += 1
        if ask.answered:
            counts[f"answered|{unit}"] += 1
            counts[f"in_time|{unit}"] += int(ask.answered <= ask.until)
            counts[f"ms|{unit}"] += (ask.answered - ask.at) // _MS
        elif _missed(ask, dispatch):
            counts[f"missed|{unit}"] += 1
    return +counts


def _missed(ask: Ask, dispatch: Dispatch) -> bool:
    """Nobody answered, and the limit has passed: its clock struck before the matter went on without an answer."""
    stopped = dispatch.paused.stopped if dispatch.paused else {}
    if ask.clock in dispatch.due or ask.clock in stopped:
        return False
    ends = [at for at in (ask.over, dispatch.closed_at) if at is not None]
    return ask.until <= min(ends, default=ask.until)


def _asks(dispatch: Dispatch) -> Iterator[Ask]:
    for whistle in dispatch.earlier_whistles:
        yield from _whistled(whistle, "")
    if dispatch.whistle:
        yield from _whistled(dispatch.whistle, Clock.WHISTLE)
    for n, one in enumerate(dispatch.referrals, 1):
        last = n == len(dispatch.referrals)
        clock = Clock.REFERRAL if last else ""
        yield Ask("referral", one.department, one.at, one.answered_at, one.answer_by, clock)
    for task in dispatch.tasks:
        if task.ended != "cancelled":  # it was taken back
            clock = f"{Clock.TASK}/{task.number}"
            yield Ask("task", task.unit, task.given_at, task.ended_at, task.deadline, clock)


def _whistled(whistle: Whistle, clock: str) -> Iterator[Ask]:
    if not whistle.units:
        yield Ask("whistle", whistle.to_level, whistle.at, whistle.answered_at, whistle.answer_by, clock)
    for one in whistle.units:
        answered = one.report.at if one.report else None
        its = f"{Clock.UNIT}/{one.unit}" if clock else ""
        asked_of = one.level or one.unit
        yield Ask("whistle", asked_of, whistle.at, answered, one.answer_by, its, whistle.answered_at)
