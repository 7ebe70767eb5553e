"""It was closed and is not good: it is back with whoever had it last, with an end and a clock as if it were new."""

from __future__ import annotations

from datetime import datetime

from services.dispatch.domain.clocks.limits import Limit, Limits
from services.dispatch.domain.clocks.watch import watched
from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.duty import at_least
from services.dispatch.domain.ground.ground import Ground
from services.dispatch.domain.ladder.assignment import may_keep
from services.dispatch.domain.place.moving import settle_in
from services.dispatch.domain.states import Clock, DispatchState, Level
from services.dispatch.domain.works.binding import REOPENED, parted
from services.dispatch.domain.works.record import WORKED, Ended
from shared.contracts.from_dispatch import DispatchAssignedV1, DispatchReopenedV1
from shared.contracts.from_intake import OrderReopenedV1
from shared.contracts.message import Heard
from shared.entry import Decision, decided, unchanged

ACCEPTED = "accepted"  # how the call ended whose work was solved, wholly or in part
DUPLICATE = "duplicate"  # the outcome of what no limit ran for


def reopen(
    dispatch: Dispatch, heard: Heard[OrderReopenedV1], *, ground: Ground, limits: Limits
) -> Decision[Dispatch]:
    """The resident says that it is not good. How it had ended stays on the record, and so does what was not spent.

    It lies where the territory says by now, and whoever had it must be there still: all may have changed meanwhile.
    Raises NotYet.
    """
    dispatch.must_be_known()
    at, number = heard.at, heard.data.number
    if dispatch.state is not DispatchState.CLOSED or number <= dispatch.reopenings:
        return unchanged(dispatch)
    there = _of_those_who_are_there(dispatch, ground)
    back = _with_clocks(_back(there, number, at), at, limits)
    money, take_by = back.money, back.due.get(Clock.DISPATCH)
    assert back.close_by is not None, "the clock is set together with it"
    told = DispatchReopenedV1(
        number=number,
        level=back.level,
        taken=take_by is None,
        answer_by=take_by,
        close_by=back.close_by,
        calls=back.call.round if back.call else 0,
        cost=0 if money.from_call else money.cost,
        shares=money.shares,
        subsidies=money.subsidies,
    )
    taken = () if there.handled_by == dispatch.handled_by else (_taken_by_level(back),)
    moved = settle_in(back, ground, at=at, limits=limits)
    return decided(moved.state, told, *taken, *moved.events)


def _of_those_who_are_there(dispatch: Dispatch, ground: Ground) -> Dispatch:
    """What a department had that is no more, the level has; what a person had who does not see it, nobody has."""
    had = dispatch.handled_by
    there = dispatch if may_keep(dispatch, dispatch.area, ground) else dispatch.but(assigned_to=None)
    if had in dispatch.departments and ground.department(had) is None:
        level = at_least(dispatch.level, Level.COMMUNITY)
        there = there.but(level=level, handled_by=level.of(dispatch.area))
    return there


def _taken_by_level(back: Dispatch) -> DispatchAssignedV1:
    """Who reads by having it does not any more: the others know by this that it is not the department's."""
    return DispatchAssignedV1(to=back.level.of(back.area), level=back.level)


def _with_clocks(dispatch: Dispatch, at: datetime, limits: Limits) -> Dispatch:
    """An end of the whole, and whoever has it, or has to take it, is waited for: all counted from now."""
    close_by = limits.term(Limit.CLOSE, at, urgency=dispatch.urgency, category=dispatch.category)
    timed = dispatch.but(close_by=close_by.end).with_limit(
        Clock.CLOSE_BY, close_by, at=at, reminder=limits.reminder
    )
    if timed.state is DispatchState.RECEIVED:
        take_by = limits.term(
            Limit.TAKE, at, urgency=timed.urgency, category=timed.category, level=timed.level
        )
        timed = timed.with_limit(Clock.DISPATCH, take_by, at=at, reminder=limits.reminder)
    return watched(timed, at=at, limits=limits)


def _back(dispatch: Dispatch, number: int, at: datetime) -> Dispatch:
    """Back with whoever had it last, received where nobody had it. Nothing is done, late or supervised yet."""
    has, to = dispatch.handled_by, DispatchState.ASSIGNED if dispatch.assigned_to else DispatchState.RECEIVED
    if has or dispatch.rounds or dispatch.call:
        has, to = has or dispatch.level.of(dispatch.area), DispatchState.IN_HANDLING
    before = Ended(
        outcome=dispatch.outcome or "",
        note=dispatch.closing_note,
        at=dispatch.closed_at,
        overdue=dispatch.overdue or (dispatch.in_time is False and dispatch.outcome != DUPLICATE),
    )
    alone = parted(dispatch, REOPENED, at=at)
    return _without_what_is_over(alone, at).moved(
        to,
        handled_by=has,
        reopenings=number,
        endings=(*dispatch.endings, before),
        outcome=None,
        closing_note="",
        closed_at=None,
        partly=False,
        overdue=False,
        in_time=None,
        check_level=None,
        supervised=(),
        done_by=(),
        partners_did=False,
        work_note="",
    )


def _without_what_is_over(dispatch: Dispatch, at: datetime) -> Dispatch:
    """What was asked or discussed before the end waits for nobody; what paid for work that was done is spent."""
    call, money = dispatch.call, dispatch.money
    if call is not None and call.ended is None:
        call, money = call.but(ended=ACCEPTED, claims=()), money.after_call()
    if request := dispatch.time_request:
        given_up = request.but(granted=False, answered_at=at)
        dispatch = dispatch.but(time_requests=(*dispatch.time_requests[:-1], given_up))
    if round := dispatch.open_round or dispatch.on_notice:
        notice = round.notice and round.notice.but(closed_at=at, stands=False)
        dispatch = dispatch.with_round(round.but(closed_at=round.closed_at or at, notice=notice))
    over = dispatch.but(call=call, money=money)
    return over.with_all_spent() if dispatch.outcome in WORKED else over
