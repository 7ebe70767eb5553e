"""What time does: each clock of a dispatch, and the rule that it strikes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from services.dispatch.domain.clocks.limits import Limits
from services.dispatch.domain.clocks.pause import pause_is_over
from services.dispatch.domain.clocks.recount import recounted
from services.dispatch.domain.clocks.watch import late, remind
from services.dispatch.domain.deliberation.consent import round_is_over
from services.dispatch.domain.deliberation.notice import notice_is_over
from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.ladder.deadlock import no_way_out
from services.dispatch.domain.ladder.dispute import dispute_silent
from services.dispatch.domain.ladder.joint import unit_silent
from services.dispatch.domain.ladder.referral import department_silent
from services.dispatch.domain.ladder.whistle import fell_silent
from services.dispatch.domain.states import Clock, runs_in
from services.dispatch.domain.supervision.raising import decider_silent, still_late, supervision_late
from services.dispatch.domain.works.checking import check_silent, not_evaluated
from services.dispatch.domain.works.tasks import task_late
from shared.entry import Decision, decided, unchanged


def strike(dispatch: Dispatch, name: str, at: datetime, *, limits: Limits) -> Decision[Dispatch]:
    """Silence climbs, being late is noted, a long deadlock is supervised. Without its reason a clock does nothing.

    By another calendar than it was set by it may strike later: then it is set anew.
    """
    if name not in dispatch.due:
        return unchanged(dispatch)
    anew = recounted(dispatch, limits=limits)
    if anew.state.due[name] > max(at, dispatch.due[name]):
        return anew
    dispatch = dispatch.with_clock(name, None)
    clock = Clock.of(name)
    if clock is None or not runs_in(name, dispatch.state):
        return decided(dispatch)
    part = name.partition("/")[2]
    if clock is Clock.UNIT:
        return unit_silent(dispatch, part, at=at, limits=limits)
    if clock in _OF_A_PART:
        return _OF_A_PART[clock](dispatch, part)
    if clock in _OVER:
        return _OVER[clock](dispatch, at=at, limits=limits)
    return fell_silent(dispatch, clock, at=at, limits=limits)


_OF_A_PART: Mapping[Clock, Callable[[Dispatch, str], Decision[Dispatch]]] = {
    Clock.TASK: task_late,
    Clock.REMINDER: remind,
}

_OVER: Mapping[Clock, Callable[..., Decision[Dispatch]]] = {
    Clock.REFERRAL: department_silent,
    Clock.DEADLOCK: no_way_out,
    Clock.DISPUTE: dispute_silent,
    Clock.ROUND: round_is_over,
    Clock.NOTICE: notice_is_over,
    Clock.PAUSE: pause_is_over,
    Clock.SUPERVISION: supervision_late,
    Clock.CHECK: check_silent,
    Clock.TIME_REQUEST: decider_silent,
    Clock.EVALUATION: not_evaluated,
    Clock.CLOSE_BY: late,
    Clock.OVERDUE: still_late,
}
