"""What time does: each clock of a dispatch, and the rule that it strikes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from services.dispatch.commands.follow_original import follow_original
from services.dispatch.commands.tell_duplicates import tell_duplicates
from services.dispatch.domain.clocks.changed_calendar import by_calendar
from services.dispatch.domain.clocks.limits import Limits
from services.dispatch.domain.clocks.pause import pause_is_over
from services.dispatch.domain.clocks.watch import late, remind
from services.dispatch.domain.deliberation.consent import round_is_over
from services.dispatch.domain.deliberation.notice import notice_is_over
from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.ground.territory import Territory
from services.dispatch.domain.ladder.deadlock import no_way_out
from services.dispatch.domain.ladder.dispute import dispute_silent
from services.dispatch.domain.ladder.joint import unit_silent
from services.dispatch.domain.ladder.referral import department_silent
from services.dispatch.domain.ladder.whistle import fell_silent
from services.dispatch.domain.states import Clock, runs_in
from services.dispatch.domain.supervision.raising import decider_silent, still_late, supervision_late
from services.dispatch.domain.works.checking import check_silent, not_evaluated
from services.dispatch.domain.works.tasks import task_late
from services.dispatch.store import Dispatches
from shared.asked import Asked
from shared.entry import Decision, Entry, decided, unchanged

Now = Callable[[], Territory]


def strike(dispatch: Dispatch, name: str, at: datetime, *, limits: Limits) -> Decision[Dispatch]:
    """Silence climbs, being late is noted, a long deadlock is supervised. Without its reason a clock does nothing.

    By another calendar than it was set by it may strike later: then it is set anew.
    """
    if name not in dispatch.due:
        return unchanged(dispatch)
    anew = by_calendar(dispatch, limits=limits)
    if anew.state.due[name] > max(at, dispatch.due[name]):
        return anew
    dispatch = dispatch.with_clock(name, None)
    clock = Clock.of(name)
    if clock is None or not runs_in(name, dispatch.state):
        return decided(dispatch)
    part = name.partition("/")[2]
    match clock:
        case Clock.UNIT:
            return unit_silent(dispatch, part, at=at, limits=limits)
        case Clock.TASK:
            return task_late(dispatch, part)
        case Clock.REMINDER:
            return remind(dispatch, part)
        case _:
            return _silent(dispatch, clock, at=at, limits=limits)


def _silent(dispatch: Dispatch, clock: Clock, *, at: datetime, limits: Limits) -> Decision[Dispatch]:
    """Who was waited for has said nothing, or what ends with its time is over, whoever's turn it is."""
    match clock:
        case Clock.DISPATCH | Clock.WHISTLE | Clock.RETURNED | Clock.HANDLING | Clock.DEADLINE:
            return fell_silent(dispatch, clock, at=at, limits=limits)
        case Clock.ORIGINAL | Clock.DUPLICATES:
            return decided(dispatch)  # what there is to do, `among_us` has done
    rules: Mapping[Clock, Callable[..., Decision[Dispatch]]] = {
        Clock.REFERRAL: department_silent,
        Clock.DISPUTE: dispute_silent,
        Clock.TIME_REQUEST: decider_silent,
        Clock.CHECK: check_silent,
        Clock.EVALUATION: not_evaluated,
        Clock.DEADLOCK: no_way_out,
        Clock.SUPERVISION: supervision_late,
        Clock.ROUND: round_is_over,
        Clock.NOTICE: notice_is_over,
        Clock.PAUSE: pause_is_over,
        Clock.CLOSE_BY: late,
        Clock.OVERDUE: still_late,
    }
    return rules[clock](dispatch, at=at, limits=limits)


async def among_us(
    dispatches: Dispatches, entry: Entry[Dispatch], name: str, asked: Asked, *, territory: Now, limits: Limits
) -> Decision[Dispatch] | None:
    """The clocks by which one dispatch reaches another; None: it is none of these."""
    match Clock.of(name):
        case Clock.ORIGINAL:
            return await follow_original(entry, name, dispatches, territory(), limits, asked)
        case Clock.DUPLICATES:
            return await tell_duplicates(entry, dispatches, territory(), limits, asked)
        case _:
            return None
