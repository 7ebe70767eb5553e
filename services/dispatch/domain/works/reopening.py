"""It was closed and is not good: it is back with whoever had it last, with an end and a clock as if it were new."""

from __future__ import annotations

from typing import Any

from services.dispatch.domain.clocks.limits import Limit, Limits
from services.dispatch.domain.clocks.watch import watched
from services.dispatch.domain.deliberation.record import Money
from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.states import Clock, DispatchState
from services.dispatch.domain.works.record import WORKED, Ended
from shared.contracts.from_dispatch import DispatchReopenedV1
from shared.contracts.from_intake import OrderReopenedV1
from shared.contracts.message import Heard
from shared.entry import Decision, decided, unchanged

ACCEPTED = "accepted"  # how the call ended whose work was solved, wholly or in part


def reopen(dispatch: Dispatch, heard: Heard[OrderReopenedV1], *, limits: Limits) -> Decision[Dispatch]:
    """The resident says that it is not good. How it had ended stays on the record, and what was agreed and not spent.

    Raises NotYet.
    """
    dispatch.must_be_known()
    at, number = heard.at, heard.data.number
    if dispatch.state is not DispatchState.CLOSED or number <= dispatch.reopenings:
        return unchanged(dispatch)
    before = Ended(
        outcome=dispatch.outcome or "",
        note=dispatch.closing_note,
        at=dispatch.closed_at,
        overdue=dispatch.overdue,
    )
    close_by = limits.end(Limit.CLOSE, at, urgency=dispatch.urgency, category=dispatch.category)
    back = dispatch.moved(
        _comes_to(dispatch),
        **_anew(dispatch),
        reopenings=number,
        endings=(*dispatch.endings, before),
        close_by=close_by,
    ).with_limit(Clock.CLOSE_BY, close_by, at=at, reminder=limits.reminder)
    take_by = None
    if back.state is DispatchState.RECEIVED:
        take_by = limits.end(Limit.TAKE, at, urgency=back.urgency, category=back.category, level=back.level)
        back = back.with_limit(Clock.DISPATCH, take_by, at=at, reminder=limits.reminder)
    back = watched(back, at=at, limits=limits)
    money = back.money
    told = DispatchReopenedV1(
        number=number,
        level=back.level,
        taken=take_by is None,
        answer_by=take_by,
        close_by=close_by,
        calls=back.call.round if back.call else 0,
        cost=0 if money.from_call else money.cost,
        shares=money.shares,
        subsidies=money.subsidies,
    )
    return decided(back, told)


def _comes_to(dispatch: Dispatch) -> DispatchState:
    """Back to whoever had it last; where nobody ever had, the unit of its level receives it."""
    if dispatch.handled_by or dispatch.rounds or dispatch.call:
        return DispatchState.IN_HANDLING
    return DispatchState.ASSIGNED if dispatch.assigned_to else DispatchState.RECEIVED


def _anew(dispatch: Dispatch) -> dict[str, Any]:
    """Nothing is done, late or supervised yet. What was spent on the work that was done is not there any more."""
    has = dispatch.handled_by
    if _comes_to(dispatch) is DispatchState.IN_HANDLING:
        has = has or dispatch.level.of(dispatch.area)
    call, spent = dispatch.call, dispatch.outcome in WORKED
    if call is not None and call.ended is None:
        call = call.but(ended=ACCEPTED, claims=())
    return {
        "handled_by": has,
        "call": call,
        "money": Money() if spent else dispatch.money,
        "outcome": None,
        "closing_note": "",
        "closed_at": None,
        "duplicate_of": None,
        "partly": False,
        "overdue": False,
        "supervised": (),
        "done_by": (),
        "partners_did": False,
        "work_note": "",
    }
