"""Whether a limit was kept is judged here, where the limit is known, and told: nobody else has to know the clocks.

It is judged at every save, of what was before and what is then, so no rule can forget it.
"""

from __future__ import annotations

from datetime import datetime

from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.states import WITH_A_UNIT, WITH_PARTNERS, DispatchState
from shared.caller import Caller, Role
from shared.contracts.from_dispatch import LimitJudgedV1
from shared.entry import Decision

ANSWER, CLOSE = "answer", "close"
NOBODYS = ("withdrawn", "duplicate")  # outcomes of what nobody had to answer or to end

_IN_HAND = frozenset({*WITH_A_UNIT, *WITH_PARTNERS, DispatchState.TO_CHECK, DispatchState.TO_EVALUATE})


def judged(before: Dispatch, decision: Decision[Dispatch], *, by: Caller, at: datetime) -> Decision[Dispatch]:
    """The same decision, with what it settles about the limits.

    The answer: once, as soon as somebody answered or a limit for an answer has passed. The end: as often as it changes
    while the matter is open.
    """
    after, told = decision.state, []
    if before.answered_in_time is None and (in_time := _answered(before, after, by, at)) is not None:
        after = after.but(answered_in_time=in_time)
        told.append(LimitJudgedV1(limit=ANSWER, in_time=in_time))
    if after.state is not DispatchState.CLOSED and (now := done_in_time(after)) != done_in_time(before):
        told.append(LimitJudgedV1(limit=CLOSE, in_time=now))
    return Decision(after, (*told, *decision.events)) if told else decision


def done_in_time(dispatch: Dispatch) -> bool | None:
    """Of what is open: whether the work passed its check by its end. None: it is not done, and not late yet."""
    if dispatch.state is DispatchState.CLOSED:
        return None
    if dispatch.state is DispatchState.TO_EVALUATE:
        return dispatch.in_time
    return False if dispatch.overdue or dispatch.in_time is False else None


def _answered(before: Dispatch, after: Dispatch, by: Caller, at: datetime) -> bool | None:
    """In time is an answer before any limit for an answer has passed, whoever was asked; None: neither has happened."""
    until = before.answer_by
    if until is not None and (at > until or (at == until and by.role is Role.SYSTEM)):
        return False
    return True if _has_answer(after) and not _has_answer(before) else None


def _has_answer(dispatch: Dispatch) -> bool:
    """Somebody has it in hand, or answered when several were called, or the staff ended it with an honest word."""
    match dispatch.state:
        case DispatchState.CLOSED:
            return dispatch.outcome not in NOBODYS
        case DispatchState.WHISTLED:
            return any(unit.report for unit in dispatch.whistle.units) if dispatch.whistle else False
        case state:
            return state in _IN_HAND
