"""There is another calendar: what was counted by the one before is counted anew from its beginning.

Only what a calendar has a say in; a day that somebody named stays. What a record shows of an end moves with its clock.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from services.dispatch.domain.clocks.limits import Limits
from services.dispatch.domain.clocks.record import Span
from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.states import Clock
from shared.calendar import Calendar, allowance
from shared.contracts.from_dispatch import EndMovedV1
from shared.entry import Decision, decided, unchanged

OBJECTION = "objection"  # what its time is counted of is kept by this name and the household


def by_calendar(dispatch: Dispatch, *, limits: Limits) -> Decision[Dispatch]:
    """Every end as the calendar has it now; the same calendar changes nothing."""
    anew = dispatch
    for name, span in dispatch.spans.items():
        anew = _with_end(anew, name, span, _end(dispatch, name, span, limits.calendar), limits)
    if anew == dispatch:
        return unchanged(dispatch)
    if anew.close_by is None or anew.close_by == dispatch.close_by:
        return decided(anew)
    return decided(anew, EndMovedV1(close_by=anew.close_by, cause="calendar"))


def _end(dispatch: Dispatch, name: str, span: Span, calendar: Calendar) -> datetime:
    """What was allowed is over then; what stood still since does not count."""
    end = calendar.term(span.begin, *map(allowance, span.allowed)).end
    for pause in dispatch.pauses:
        if pause.ended_at is not None and pause.since >= span.begin and name in pause.stopped:
            end = calendar.moved(end, since=pause.since, until=pause.ended_at)
    return end


def _with_end(dispatch: Dispatch, name: str, span: Span, end: datetime, limits: Limits) -> Dispatch:
    if name.startswith(OBJECTION) or name == Clock.NOTICE:
        return _on_notice(dispatch, name, end)
    stopped_by = dispatch.paused if dispatch.paused and name in dispatch.paused.stopped else None
    running = stopped_by.stopped if stopped_by else dispatch.due
    before = running.get(name)
    if before is None or before == end:
        return dispatch
    due = {**running, name: end}
    reminder = f"{Clock.REMINDER}/{name}"
    if reminder in running:
        due[reminder] = span.begin + (end - span.begin) * float(limits.reminder)
    if stopped_by is None:
        return _shown(dispatch.but(due=due), name, before, end)
    pauses = (*dispatch.pauses[:-1], stopped_by.but(stopped=due))
    return _shown(dispatch.but(pauses=pauses), name, before, end)


def _shown(dispatch: Dispatch, name: str, before: datetime, end: datetime) -> Dispatch:
    """What the record says of it. What was waited for in vain keeps the end that it had."""
    clock, _, part = name.partition("/")
    changes: dict[str, Any] = {}
    match Clock(clock):
        case Clock.CLOSE_BY:
            changes["close_by"] = end
        case Clock.WHISTLE if dispatch.whistle and dispatch.whistle.answer_by == before:
            changes["whistle"] = dispatch.whistle.but(answer_by=end)
        case Clock.UNIT if dispatch.whistle:
            units = tuple(
                one.but(answer_by=end) if one.unit == part else one for one in dispatch.whistle.units
            )
            last = max(one.answer_by for one in units)
            changes["whistle"] = dispatch.whistle.but(units=units, answer_by=last)
        case Clock.REFERRAL if dispatch.referrals:
            changes["referrals"] = (*dispatch.referrals[:-1], dispatch.referrals[-1].but(answer_by=end))
        case Clock.DISPUTE if dispatch.dispute and dispatch.dispute.answer_by == before:
            waiting = dispatch.referrals[-1].but(dispute=dispatch.dispute.but(answer_by=end))
            changes["referrals"] = (*dispatch.referrals[:-1], waiting)
        case Clock.SUPERVISION if dispatch.supervision and dispatch.supervision.due == before:
            changes["supervisions"] = (*dispatch.supervisions[:-1], dispatch.supervision.but(due=end))
        case Clock.ROUND if dispatch.open_round:
            return dispatch.with_round(dispatch.open_round.but(until=end))
        case _:
            pass
    return dispatch.but(**changes)


def _on_notice(dispatch: Dispatch, name: str, end: datetime) -> Dispatch:
    """The notice lasts until its end, and as long as an objection waits for its answer in time."""
    round = dispatch.on_notice
    if round is None or round.notice is None:
        return dispatch
    if name == Clock.NOTICE:
        notice = round.notice.but(until=end)
    else:
        household = name.partition("/")[2]
        objections = tuple(
            one.but(answer_by=end) if one.household == household and one.upheld is None else one
            for one in round.notice.objections
        )
        notice = round.notice.but(objections=objections)
    shown = dispatch.with_round(round.but(notice=notice))
    return shown.but(due={**shown.due, Clock.NOTICE.value: notice.lasts_until})
