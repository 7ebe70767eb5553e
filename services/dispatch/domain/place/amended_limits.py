"""What it is about or how urgent it is was corrected: its limits are those that it would have had from the placing on.

What was granted besides (an extension, a pause, a handing over) stays granted: an end moves by as much as the limit
itself. Whoever was asked meanwhile is not late for what nobody knew: the shorter limit counts from the correction.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from services.dispatch.domain.clocks.limits import Limit, Limits
from services.dispatch.domain.clocks.watch import watched
from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.ground.department import Department
from services.dispatch.domain.ground.ground import Ground
from services.dispatch.domain.ground.unit import Unit
from services.dispatch.domain.ladder.record import Whistle
from services.dispatch.domain.ladder.whistle import EMERGENCY
from services.dispatch.domain.states import Clock, DispatchState, Level
from shared.calendar import Term
from shared.contracts.from_dispatch import ClocksRecountedV1
from shared.entry import Decision, decided, unchanged

End = Callable[[datetime], datetime]


def with_limits(
    dispatch: Dispatch, before: Dispatch, *, ground: Ground, at: datetime, limits: Limits
) -> Decision[Dispatch]:
    """`before`: as it was until the correction; of it only category, urgency and level matter."""
    paused = dispatch.paused
    if paused is None:
        counted = _counted(dispatch, before, ground, at, limits)
    else:  # for its clocks it is still the moment in which they were stopped
        still = _counted(dispatch.but(due=paused.stopped), before, ground, paused.since, limits)
        counted = still.but(due=dispatch.due, pauses=(*still.pauses[:-1], paused.but(stopped=still.due)))
    ends = (counted.close_by, counted.due.get(Clock.DISPATCH))
    if counted.close_by is None or ends == (before.close_by, before.due.get(Clock.DISPATCH)):
        return unchanged(counted)
    told = ClocksRecountedV1(
        urgency=counted.urgency, answer_by=counted.due.get(Clock.DISPATCH), close_by=counted.close_by
    )
    return decided(counted, told)


def _counted(dispatch: Dispatch, before: Dispatch, ground: Ground, at: datetime, limits: Limits) -> Dispatch:
    counted = _whole(_taking(dispatch, before, at, limits), before, at, limits)
    return _handling(_asked(counted, ground, at, limits), before, at, limits)


def _from_placing(dispatch: Dispatch, limit: Limit, limits: Limits) -> Term:
    """What this limit allows, counted from the placing."""
    assert dispatch.opened_at is not None, "what is known was opened"
    return limits.term(
        limit,
        dispatch.opened_at,
        urgency=dispatch.urgency,
        category=dispatch.category,
        level=dispatch.level if limit is Limit.TAKE else None,
    )


def _moved_by(dispatch: Dispatch, before: Dispatch, limit: Limit, limits: Limits) -> timedelta:
    """By how much it ends later than it did."""
    return _from_placing(dispatch, limit, limits).end - _from_placing(before, limit, limits).end


def _counted_from_placing(
    dispatch: Dispatch, before: Dispatch, clock: Clock, limit: Limit, limits: Limits
) -> Dispatch:
    """Another list of holidays moves a corrected end as it would have moved the one before."""
    span = before.spans.get(clock)
    if span is None or span.begin != dispatch.opened_at or clock not in dispatch.due:
        return dispatch
    return dispatch.with_span(clock, _from_placing(dispatch, limit, limits), at=span.begin)


def _taking(dispatch: Dispatch, before: Dispatch, at: datetime, limits: Limits) -> Dispatch:
    ends = before.due.get(Clock.DISPATCH)
    if dispatch.state is not DispatchState.RECEIVED or ends is None or Clock.DISPATCH not in dispatch.due:
        return dispatch
    if dispatch.level.of(dispatch.area) != before.level.of(before.area):
        return dispatch  # another unit has it: its clock was set then
    end = ends + _moved_by(dispatch, before, Limit.TAKE, limits)
    moved = ending(dispatch, Clock.DISPATCH, end, at, limits)
    return _counted_from_placing(moved, before, Clock.DISPATCH, Limit.TAKE, limits)


def _whole(dispatch: Dispatch, before: Dispatch, at: datetime, limits: Limits) -> Dispatch:
    by = _moved_by(dispatch, before, Limit.CLOSE, limits)
    if not by or dispatch.close_by is None:
        return dispatch
    end = dispatch.close_by + by
    later = dispatch.but(close_by=end)
    if Clock.CLOSE_BY in later.due:
        moved = ending(later, Clock.CLOSE_BY, end, at, limits)
        return _counted_from_placing(moved, before, Clock.CLOSE_BY, Limit.CLOSE, limits)
    if Clock.OVERDUE in later.due and end > at:
        on_time = later.but(overdue=False).with_clock(Clock.OVERDUE, None)
        return ending(on_time, Clock.CLOSE_BY, end, at, limits)
    return later


def _asked(dispatch: Dispatch, ground: Ground, at: datetime, limits: Limits) -> Dispatch:
    """Whoever is waited for has the time to answer that goes with what is known now."""

    def end(unit: Unit, urgency: str = dispatch.urgency) -> End:
        return lambda since: unit.term(urgency, dispatch.category, since, limits).end

    whistle = dispatch.whistle
    if dispatch.state is DispatchState.WHISTLED and whistle is not None:
        if whistle.units:
            return _units_asked(dispatch, whistle, end, ground, at)
        if whistle.silent:  # what was waited for in vain keeps the end that it had
            return dispatch
        urgency = EMERGENCY if whistle.kind == EMERGENCY else dispatch.urgency
        until = _fair(whistle.answer_by, whistle.at, at, end(Unit("", whistle.to_level), urgency))
        if until == whistle.answer_by:
            return dispatch
        return ending(dispatch.but(whistle=whistle.but(answer_by=until)), Clock.WHISTLE, until, at, limits)
    if dispatch.state is DispatchState.REFERRED and dispatch.dispute is None:
        last = dispatch.referrals[-1]
        until = _fair(last.answer_by, last.at, at, end(_unit(last.department, None, ground)))
        if until == last.answer_by:
            return dispatch
        asked = dispatch.but(referrals=(*dispatch.referrals[:-1], last.but(answer_by=until)))
        return ending(asked, Clock.REFERRAL, until, at, limits)
    return dispatch


def _units_asked(
    dispatch: Dispatch, whistle: Whistle, end: Callable[[Unit], End], ground: Ground, at: datetime
) -> Dispatch:
    counted = dispatch
    units = []
    for one in whistle.units:
        until = one.answer_by
        if one.waits:
            until = _fair(until, one.called_at or whistle.at, at, end(_unit(one.unit, one.level, ground)))
            if until != one.answer_by:
                counted = counted.with_clock(f"{Clock.UNIT}/{one.unit}", until)
        units.append(one.but(answer_by=until))
    last = max(one.answer_by for one in units)
    return counted.but(whistle=whistle.but(units=tuple(units), answer_by=last))


def _unit(id: str, level: Level | None, ground: Ground) -> Unit:
    department: Department | None = None if level else ground.department(id)
    return Unit(id, level, department.answer_limit if department else None)


def _fair(ends: datetime, asked: datetime, at: datetime, end: End) -> datetime:
    """Counted from when it was asked; but not over before the new limit has passed since it is known."""
    return max(end(asked), min(ends, end(at)))


def _handling(dispatch: Dispatch, before: Dispatch, at: datetime, limits: Limits) -> Dispatch:
    """Its word is waited for by the new limit from now on, where that is another one."""
    if dispatch.state is not before.state or Clock.HANDLING not in dispatch.due:
        return dispatch
    now = watched(dispatch, at=at, limits=limits)
    then = watched(before.but(area=dispatch.area), at=at, limits=limits)
    return dispatch if now.due[Clock.HANDLING] == then.due.get(Clock.HANDLING) else now


def ending(dispatch: Dispatch, clock: Clock, end: datetime, at: datetime, limits: Limits) -> Dispatch:
    """With a clock that ends then; what is over already needs no reminder."""
    if dispatch.due.get(clock) == end:
        return dispatch
    if end > at:
        return dispatch.with_limit(clock, end, at=at, reminder=limits.reminder)
    return dispatch.with_clock(f"{Clock.REMINDER}/{clock}", None).with_clock(clock, end)
