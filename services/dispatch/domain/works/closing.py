"""How a dispatch ends: by its evaluation, by whoever ordered it, or by the unit with an honest outcome."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, Self
from uuid import UUID

from pydantic import model_validator

from services.dispatch.domain.clocks.limits import Limits
from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.duty import must_answer, must_see
from services.dispatch.domain.ground.territory import Territory
from services.dispatch.domain.notes import keeps_note
from services.dispatch.domain.states import WITH_PARTNERS, Clock, DispatchState, Level
from services.dispatch.domain.supervision.raising import end_supervision
from services.dispatch.domain.words import Noted, PublicNote, PublicReason
from services.dispatch.domain.worklist import answers_for
from services.dispatch.domain.works.binding import (
    ORIGINAL_ENDED,
    UnknownOriginal,
    bind,
    come_back,
    parted,
)
from services.dispatch.domain.works.checking import OwnWork, passed, was_in_time
from services.dispatch.domain.works.record import WORKED, Check, Task
from shared.caller import Caller
from shared.contracts.from_dispatch import CallWithdrawnV1, DispatchClosedV1, WorkCheckedV1
from shared.contracts.from_evaluation import EvaluationLapsedV1, WorkEvaluatedV1
from shared.contracts.from_intake import OrderWithdrawnV1
from shared.contracts.message import Heard, Message
from shared.entry import Decision, decided, unchanged
from shared.problems import NotAllowed, RuleBroken

WITHDRAWN = "withdrawn"
GOOD = ("satisfied", "mostly")


class NotYoursToSay(RuleBroken):
    """Solved is what a check and the residents say, withdrawn what whoever ordered it says."""


class NothingWasDone(RuleBroken):
    """Solved in part is only what something was done about."""


class UnderSupervision(NotAllowed):
    """The district supervises this, and has to close it."""


class DepartmentHasIt(RuleBroken):
    """A department works on it: it says when it is done; or a level takes it into its own hands, and ends it then."""


class CloseDispatch(Noted):
    """`out_of_remit` names the rule it rests on, `duplicate` the order that it repeats, and with which it will end."""

    outcome: Literal["solved", "partly", "not_solved", "out_of_remit", "withdrawn", "duplicate"]
    public_note: PublicReason
    rule: PublicNote = ""
    duplicate_of: UUID | None = None

    @model_validator(mode="after")
    def _reasoned(self) -> Self:
        if bool(self.rule) != (self.outcome == "out_of_remit"):
            raise ValueError("out_of_remit, and nothing else, needs the rule it rests on")
        if (self.duplicate_of is None) == (self.outcome == "duplicate"):
            raise ValueError("a duplicate, and nothing else, needs the order that it repeats")
        return self

    @property
    def reason(self) -> str:
        """What residents read."""
        return f"{self.public_note} ({self.rule})" if self.rule else self.public_note


@keeps_note
def close(
    dispatch: Dispatch,
    command: CloseDispatch,
    *,
    original: Dispatch | None = None,
    by: Caller,
    at: datetime,
    limits: Limits,
) -> Decision[Dispatch]:
    """End it, and say honestly how. While partners or a department have it, or tasks are open, it cannot.

    Whoever answers for it can: a department's word is its delivery. What is supervised the district ends in any hands.

    What was done in part is put to the residents first: they may want it done again. Who was stuck does not decide
    alone that it stays so: what was ever in deadlock is left unsolved by the level above the one that answers for it,
    at the top by the district itself; what is supervised is closed by the district.

    A duplicate does not end: it is bound to its `original`, by the rules of `binding`.

    Raises NotYoursToSay, NothingWasDone, UnderSupervision, DepartmentHasIt, UnknownOriginal, TasksOpen, OwnWork.
    """
    must_see(dispatch, by)
    partly = command.outcome == "partly"
    bound_to = str(command.duplicate_of)
    if dispatch.state is DispatchState.MERGED and (dispatch.duplicate_of, dispatch.closing_note) == (
        bound_to,
        command.reason,
    ):
        return unchanged(dispatch)
    if (dispatch.outcome or ("partly" if dispatch.partly else None), dispatch.closing_note) == (
        command.outcome,
        command.reason,
    ):
        return unchanged(dispatch)
    dispatch.must_be(
        DispatchState.RECEIVED,
        DispatchState.ASSIGNED,
        DispatchState.IN_HANDLING,
        DispatchState.DEADLOCKED,
        DispatchState.IN_DELIBERATION,
        *((DispatchState.TO_CHECK,) if partly else ()),
    )
    if command.outcome in ("solved", "withdrawn"):
        raise NotYoursToSay
    level = must_answer(dispatch, by, least=_least(dispatch, command))
    if dispatch.supervision is not None and level is not Level.DISTRICT:
        raise UnderSupervision
    hand = answers_for(dispatch)
    if dispatch.supervision is None and hand in dispatch.departments:
        raise DepartmentHasIt(department=hand)
    dispatch.must_have_no_open_task()
    if partly:
        return _done_in_part(dispatch, command, by=by, at=at, limits=limits)
    if command.outcome == "duplicate":
        if original is None:
            raise UnknownOriginal
        return bind(dispatch, bound_to, command.reason, by=by, at=at)
    return _closed(dispatch, command.outcome, command.reason, at)


def _done_in_part(
    dispatch: Dispatch, command: CloseDispatch, *, by: Caller, at: datetime, limits: Limits
) -> Decision[Dispatch]:
    if not dispatch.done_by or dispatch.state not in (DispatchState.IN_HANDLING, DispatchState.TO_CHECK):
        raise NothingWasDone
    if not by.ids.isdisjoint(dispatch.done_by):
        raise OwnWork
    partners = dispatch.partners_did and dispatch.state is DispatchState.TO_CHECK
    done = passed(
        dispatch,
        at=at,
        limits=limits,
        check=Check(passed=True, note=command.reason, by=by.id, at=at),
        partly=True,
        closing_note=command.reason,
        partners_did=partners,
    )
    told = WorkCheckedV1.of(done, passed=True, note=command.reason, partners=partners)
    return decided(done, told)


def _least(dispatch: Dispatch, command: CloseDispatch) -> Level:
    if dispatch.deadlock and command.outcome == "not_solved":
        return dispatch.level.above or dispatch.level
    return Level.COMMUNITY


def close_withdrawn(dispatch: Dispatch, heard: Heard[OrderWithdrawnV1]) -> Decision[Dispatch]:
    """Whoever placed the order does not want it any more. Partners who have it hear that first.

    Intake takes it only of what it does not know to be closed, so it counts also against an end that was on its way.
    """
    dispatch.must_be_known()
    reason, at = heard.data.reason, heard.at
    if dispatch.state is DispatchState.CLOSED:
        return _withdrawn_at_once(dispatch, reason)
    if dispatch.call is not None and dispatch.state in WITH_PARTNERS:
        free = CallWithdrawnV1(round=dispatch.call.round, reason=reason)
        ended = dispatch.call.but(ended="withdrawn", claims=())
        dispatch = dispatch.but(call=ended, money=dispatch.money.after_call())
        return _closed(dispatch, WITHDRAWN, reason, at, free)
    return _closed(parted(dispatch, "withdrawn", at=at), WITHDRAWN, reason, at)


def _withdrawn_at_once(closed: Dispatch, reason: str) -> Decision[Dispatch]:
    """It is one end for all: the other one is on the record."""
    if closed.outcome == WITHDRAWN:
        return unchanged(closed)
    spent = closed.with_all_spent() if closed.outcome in WORKED else closed
    ended = spent.but(outcome=WITHDRAWN, closing_note=reason)
    told = DispatchClosedV1(outcome=WITHDRAWN, in_time=bool(closed.in_time), note=reason)
    return decided(ended, told)


def what_follows(
    dispatch: Dispatch, original: Dispatch, *, territory: Territory, at: datetime, limits: Limits
) -> Decision[Dispatch]:
    """Of one that repeats an order which has ended: solved with it, also by way of others; or it comes back.

    Nobody is asked to evaluate it: that is for whoever ordered the other one.
    """
    binding = dispatch.binding
    if dispatch.state is not DispatchState.MERGED or binding is None:
        return unchanged(dispatch)
    if original.outcome in (*WORKED, "duplicate"):
        ended = dispatch.but(binding=binding.but(ended="solved", ended_at=at))
        return _closed(ended, "duplicate", dispatch.closing_note, at)
    found = territory.find(dispatch.longitude, dispatch.latitude)
    return come_back(dispatch, ORIGINAL_ENDED, found=found, at=at, limits=limits)


def close_evaluated(dispatch: Dispatch, heard: Heard[WorkEvaluatedV1]) -> Decision[Dispatch]:
    """Solved, or in part, when the one it was ordered for is content. Others count in the figures only."""
    dispatch.must_be_known()
    if (
        dispatch.state is not DispatchState.TO_EVALUATE
        or heard.by.id != dispatch.ordered_by
        or heard.data.verdict not in GOOD
    ):
        return unchanged(dispatch)
    return _closed(dispatch, _done(dispatch), dispatch.closing_note if dispatch.partly else "", heard.at)


def close_silent(dispatch: Dispatch, heard: Heard[EvaluationLapsedV1]) -> Decision[Dispatch]:
    """The work passed its check and nobody said anything in time."""
    dispatch.must_be_known()
    if dispatch.state is not DispatchState.TO_EVALUATE:
        return unchanged(dispatch)
    return _closed(dispatch, _done(dispatch), "nobody evaluated it in time", heard.at)


def _done(dispatch: Dispatch) -> str:
    return "partly" if dispatch.partly else "solved"


def _closed(
    dispatch: Dispatch, outcome: str, note: str, at: datetime, *before: Message
) -> Decision[Dispatch]:
    dispatch = dispatch.but(tasks=tuple(_cancelled(task, at) for task in dispatch.tasks))
    open_one, in_time = dispatch.paused, was_in_time(dispatch, at)
    if open_one is not None:
        over = open_one.but(ended="closed", ended_at=at)
        dispatch = dispatch.but(pauses=(*dispatch.pauses[:-1], over))
    dispatch = end_supervision(dispatch, result=outcome, by="", at=at)  # what has ended needs no watching
    ended = dispatch.moved(
        DispatchState.CLOSED, in_time=in_time, outcome=outcome, closing_note=note, closed_at=at
    )
    if ended.duplicates:
        ended = ended.with_clock(Clock.DUPLICATES, at)
    return decided(ended, *before, DispatchClosedV1(outcome=outcome, in_time=in_time, note=note))


def _cancelled(task: Task, at: datetime) -> Task:
    return task if task.ended else task.but(ended="cancelled", ended_at=at)
