"""What time does: each clock of a dispatch, and the rule that it strikes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from services.dispatch.commands.follow_original import follow_original
from services.dispatch.commands.tell_duplicates import tell_duplicates
from services.dispatch.domain.clocks.limits import Limits
from services.dispatch.domain.clocks.pause import TIME, resumed
from services.dispatch.domain.clocks.watch import late, remind
from services.dispatch.domain.deliberation.consent import round_is_over
from services.dispatch.domain.deliberation.notice import notice_is_over
from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.ground.territory import Territory
from services.dispatch.domain.ladder.dispute import dispute_silent
from services.dispatch.domain.ladder.joint import unit_silent
from services.dispatch.domain.ladder.referral import department_silent
from services.dispatch.domain.ladder.whistle import fell_silent
from services.dispatch.domain.states import Clock, runs_in
from services.dispatch.domain.supervision.raising import still_late, supervise, supervision_late
from services.dispatch.domain.supervision.record import Cause
from services.dispatch.domain.works.tasks import task_late
from services.dispatch.store import Dispatches
from shared.asked import Asked
from shared.entry import Decision, Entry, decided, unchanged

Now = Callable[[], Territory]


def strike(dispatch: Dispatch, name: str, at: datetime, *, limits: Limits) -> Decision[Dispatch]:
    """Silence climbs, being late is noted, a long deadlock is supervised. Without its reason a clock does nothing."""
    if name not in dispatch.due:
        return unchanged(dispatch)
    dispatch = dispatch.with_clock(name, None)
    clock = Clock.of(name)
    if clock is None or not runs_in(name, dispatch.state):
        return decided(dispatch)
    match clock:
        case Clock.UNIT:
            return unit_silent(dispatch, name.partition("/")[2], at=at, limits=limits)
        case Clock.DISPATCH | Clock.WHISTLE | Clock.RETURNED | Clock.HANDLING:
            return fell_silent(dispatch, at=at, limits=limits)
        case Clock.REFERRAL:
            return department_silent(dispatch, at=at, limits=limits)
        case Clock.TASK:
            return task_late(dispatch, name.partition("/")[2])
        case Clock.REMINDER:
            return remind(dispatch, name.partition("/")[2])
        case _:
            return _over(dispatch, clock, at=at, limits=limits)


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


def _over(dispatch: Dispatch, clock: Clock, *, at: datetime, limits: Limits) -> Decision[Dispatch]:
    """What ends with its time, whoever's turn it is."""
    match clock:
        case Clock.DEADLOCK:
            return supervise(dispatch, Cause.DEADLOCK, at=at, limits=limits)
        case Clock.DISPUTE:
            return dispute_silent(dispatch, at=at, limits=limits)
        case Clock.SUPERVISION:
            return supervision_late(dispatch)
        case Clock.ROUND | Clock.NOTICE:
            over = round_is_over if clock is Clock.ROUND else notice_is_over
            return over(dispatch, at=at, limits=limits)
        case Clock.PAUSE:
            return resumed(dispatch, TIME, at=at, calendar=limits.calendar)
        case Clock.ORIGINAL | Clock.DUPLICATES:
            return decided(dispatch)  # what there is to do, `among_us` has done
        case Clock.CLOSE_BY:
            return late(dispatch, at=at, limits=limits)
        case _:
            return still_late(dispatch, at=at, limits=limits)
