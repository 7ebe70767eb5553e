"""What one dispatch adds to the figures of its area: whistles, refusals, and how long each unit took to answer.

What was taken back counts for neither side. What was withdrawn, or repeats another order, is counted as that and as
nothing else.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from services.dispatch.domain.clocks.judging import NOBODYS
from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.ladder.record import Whistle
from services.dispatch.domain.states import DispatchState
from services.dispatch.domain.works.tasks import CANCELLED

_MS = timedelta(milliseconds=1)


class Ask(NamedTuple):
    """A unit was asked: a level, the area path of one that has a task, or the id of a department."""

    what: str  # whistle, referral, task
    unit: str
    at: datetime
    answered: datetime | None
    until: datetime
    silent: bool  # the limit has passed, as its clock said


def counted(dispatch: Dispatch) -> Counter[str]:
    """By figure; of each unit as `asked|whistle|street`. Times in milliseconds, whole numbers that add up exactly."""
    nobodys = "duplicate" if dispatch.state is DispatchState.MERGED else dispatch.outcome
    if nobodys in NOBODYS:
        return Counter({nobodys: 1})
    counts: Counter[str] = Counter(
        dispatches=1,
        answer_due=int(dispatch.answered_in_time is not None),
        answered_in_time=int(dispatch.answered_in_time is True),
        whistled=int(dispatch.whistles > 0),
        whistles=dispatch.whistles,
        referrals=sum(one.recalled is None for one in dispatch.referrals),
        referrals_answered=sum(
            one.accepted is not None and one.recalled is None for one in dispatch.referrals
        ),
        refusals=dispatch.refusals,
        supervised=int(bool(dispatch.supervised or dispatch.supervisions)),
        overdue=int(
            dispatch.overdue or dispatch.in_time is False or any(one.overdue for one in dispatch.endings)
        ),
        closed=int(dispatch.state is DispatchState.CLOSED),
        reopened=int(dispatch.reopenings > 0),
        reopenings=dispatch.reopenings,
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
        elif ask.silent:
            counts[f"missed|{unit}"] += 1
    return +counts


def _asks(dispatch: Dispatch) -> Iterator[Ask]:
    for whistle in (*dispatch.earlier_whistles, *([dispatch.whistle] if dispatch.whistle else ())):
        yield from _whistled(whistle)
    for one in dispatch.referrals:
        if one.recalled is None:
            yield Ask("referral", one.department, one.at, one.answered_at, one.answer_by, one.silent)
    for task in dispatch.tasks:
        if task.ended != CANCELLED:  # it was taken back
            yield Ask("task", task.unit, task.given_at, task.ended_at, task.deadline, task.late)


def _whistled(whistle: Whistle) -> Iterator[Ask]:
    if not whistle.units and whistle.recalled is None:
        answered = whistle.answered_at
        yield Ask("whistle", whistle.to_level, whistle.at, answered, whistle.answer_by, whistle.silent)
    for one in whistle.units:
        if one.recalled is None:
            said = one.report.at if one.report else None
            at = one.called_at or whistle.at
            yield Ask("whistle", one.level or one.unit, at, said, one.answer_by, one.silent)
