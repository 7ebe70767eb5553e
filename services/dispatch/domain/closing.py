"""How a dispatch ends: by its evaluation, by whoever ordered it, or by the unit with an honest outcome."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.duty import must_answer, must_see
from services.dispatch.domain.ladder import DispatchState, Level
from services.dispatch.domain.supervision import end_supervision
from services.dispatch.domain.words import Reason
from shared.caller import Caller
from shared.command import Command
from shared.contracts.from_dispatch.call_withdrawn import CallWithdrawnV1
from shared.contracts.from_dispatch.dispatch_closed import DispatchClosedV1
from shared.contracts.message import Message
from shared.entry import Decision, decided, unchanged

GOOD = ("satisfied", "mostly")


class CloseDispatch(Command):
    """`solved` is missing on purpose: that is for a check and for the residents to say."""

    outcome: Literal["partly", "not_solved", "out_of_remit", "duplicate"]
    note: Reason


def close(dispatch: Dispatch, command: CloseDispatch, *, by: Caller, at: datetime) -> Decision[Dispatch]:
    """End what needs no evaluation, and say honestly how. While partners or a department have it, it cannot.

    Who was stuck does not decide alone that it stays so: what was ever in deadlock is left unsolved by the level above
    the one that answers for it, at the top by the district itself.
    """
    must_see(dispatch, by)
    if dispatch.state is DispatchState.CLOSED and (dispatch.outcome, dispatch.closing_note) == (
        command.outcome,
        command.note,
    ):
        return unchanged(dispatch)
    dispatch.must_be(
        DispatchState.RECEIVED,
        DispatchState.ASSIGNED,
        DispatchState.IN_HANDLING,
        DispatchState.DEADLOCKED,
        DispatchState.IN_DELIBERATION,
    )
    must_answer(dispatch, by, least=_least(dispatch, command))
    return _closed(dispatch, command.outcome, command.note, at)


def _least(dispatch: Dispatch, command: CloseDispatch) -> Level:
    if dispatch.deadlock and command.outcome == "not_solved":
        return dispatch.level.above or dispatch.level
    return Level.COMMUNITY


def close_withdrawn(dispatch: Dispatch, reason: str, *, at: datetime) -> Decision[Dispatch]:
    """Whoever placed the order does not want it any more. Partners who have it hear that first."""
    dispatch.must_be_known()
    if dispatch.state is DispatchState.CLOSED:
        return unchanged(dispatch)
    if dispatch.call is not None and dispatch.state in (DispatchState.CALLED, DispatchState.CLAIMED):
        free = CallWithdrawnV1(round=dispatch.call.round, reason=reason)
        ended = dispatch.call.model_copy(update={"ended": "withdrawn", "claims": ()})
        dispatch = dispatch.but(call=ended, money=dispatch.money.after_call())
        return _closed(dispatch, "withdrawn", reason, at, free)
    return _closed(dispatch, "withdrawn", reason, at)


def close_evaluated(dispatch: Dispatch, *, by: str, verdict: str, at: datetime) -> Decision[Dispatch]:
    """Solved, when the one it was ordered for says so. What others say counts in the figures, not here."""
    dispatch.must_be_known()
    if dispatch.state is not DispatchState.TO_EVALUATE or by != dispatch.ordered_by or verdict not in GOOD:
        return unchanged(dispatch)
    return _closed(dispatch, "solved", "", at)


def close_silent(dispatch: Dispatch, *, at: datetime) -> Decision[Dispatch]:
    """The work passed its check and nobody said anything in time."""
    dispatch.must_be_known()
    if dispatch.state is not DispatchState.TO_EVALUATE:
        return unchanged(dispatch)
    return _closed(dispatch, "solved", "nobody evaluated it in time", at)


def _closed(
    dispatch: Dispatch, outcome: str, note: str, at: datetime, *before: Message
) -> Decision[Dispatch]:
    in_time = dispatch.close_by is not None and at <= dispatch.close_by
    dispatch = end_supervision(dispatch, result=outcome, by="", at=at)  # what has ended needs no watching
    ended = dispatch.moved(DispatchState.CLOSED, outcome=outcome, closing_note=note, closed_at=at)
    return decided(ended, *before, DispatchClosedV1(outcome=outcome, in_time=in_time, note=note))
