"""What a resident thinks of the result, and what follows from it. Pure rules."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field

from shared.caller import STAFF, Caller
from shared.command import STAYS_WITH_STAFF, Code, Command, Remark
from shared.contracts.from_evaluation import (
    EvaluationLapsedV1,
    EvaluationOpenedV1,
    ReworkRequestedV1,
    WorkEvaluatedV1,
)
from shared.contracts.message import copied
from shared.entry import Decision, Kept, NotYet, State, decided, unchanged
from shared.problems import NotAllowed, RuleBroken, WrongState

WINDOW = "window"  # the clock: until when the resident may say something


class EvaluationState(StrEnum):
    WAITING = "waiting"  # the work has not passed its check yet
    OPEN = "open"  # the resident is asked
    EVALUATED = "evaluated"
    REWORK = "rework"  # not good: it is done again
    LAPSED = "lapsed"  # nobody said anything in time
    CLOSED = "closed"  # the dispatch ended without an evaluation


NEXT: Mapping[EvaluationState, frozenset[EvaluationState]] = {
    EvaluationState.WAITING: frozenset({EvaluationState.OPEN, EvaluationState.CLOSED}),
    EvaluationState.OPEN: frozenset({
        EvaluationState.EVALUATED, EvaluationState.REWORK, EvaluationState.LAPSED, EvaluationState.CLOSED,
    }),
    EvaluationState.REWORK: frozenset({EvaluationState.OPEN, EvaluationState.CLOSED}),
    EvaluationState.EVALUATED: frozenset({EvaluationState.WAITING}),  # opened again, as those that follow
    EvaluationState.LAPSED: frozenset({EvaluationState.WAITING}),
    EvaluationState.CLOSED: frozenset({EvaluationState.WAITING}),
}  # fmt: skip


class Verdict(StrEnum):
    SATISFIED = "satisfied"
    MOSTLY = "mostly"
    UNSATISFIED = "unsatisfied"


class StrangerMayNotEvaluate(NotAllowed):
    """Only the resident who ordered it may evaluate it."""


class DidTheWork(NotAllowed):
    """Nobody evaluates their own work."""


class NotOpen(WrongState):
    """It cannot be evaluated now."""


class AlreadyEvaluated(RuleBroken):
    """You have already said something else about this work."""


class ReasonMissing(RuleBroken):
    """Whoever is unsatisfied names a reason."""


Score = Annotated[int, Field(ge=1, le=5, strict=True)]


class GiveVerdict(Command):
    """How good it is: the verdict, and 1 (bad) to 5 (very good) for the result, the speed and the manner."""

    verdict: Verdict
    result: Score
    speed: Score
    manner: Score
    reason: Code | None = None  # of unsatisfied
    words: Annotated[Remark, Field(description=f"{STAYS_WITH_STAFF} You read it too.")] = ""


class Given(Kept):
    """One verdict as it was given. The words are private: no message has them."""

    resident: str
    round: int
    at: datetime
    verdict: Verdict
    result: int
    speed: int
    manner: int
    reason: str | None = None
    words: str = ""

    def same_as(self, other: Given) -> bool:
        return self.but(at=other.at) == other


class Evaluation(State):
    """The evaluation of one order, with the facts that the rates are made of."""

    # from intake; the orderer is known as soon as the order was heard of
    # id of the resident who may evaluate: for whom it was ordered, or who ordered; empty: nobody with an account
    orderer: str | None = None
    title: str = ""
    category: str = ""
    urgency: str = ""
    # from dispatch
    area: str = ""
    corrected: bool = False  # the category was, by the staff
    dispatched_at: datetime | None = None
    answer_by: datetime | None = None
    close_by: datetime | None = None
    merged: bool = (
        False  # it repeats another order, and waits for that or has ended with it: it counts nowhere
    )
    deferred: str | None = None  # put off for now: pause, deferral, question
    answered_at: datetime | None = None  # the first time that somebody took it in hand
    answered_in_time: bool | None = None  # as dispatch judged it; None: that is open
    done_in_time: bool | None = None  # the same of the end, while it is open
    department: str | None = None  # the one that accepted it last
    done_by: tuple[str, ...] = ()
    closed_at: datetime | None = None
    outcome: str | None = None
    in_time: bool | None = None
    # our own
    state: EvaluationState = EvaluationState.WAITING
    round: int = 0  # rises every time the resident is asked
    until: datetime | None = None
    verdicts: tuple[Given, ...] = ()
    verdict: Verdict | None = None  # the last one
    reworks: int = 0
    reopenings: int = 0

    def moved(self, state: EvaluationState) -> Self:
        """The same evaluation in another state, by NEXT. Raises NotOpen."""
        if state not in NEXT[self.state]:
            raise NotOpen(state=self.state)
        return self.but(state=state)

    def is_of(self, caller: Caller) -> bool:
        return bool(self.orderer) and caller.id == self.orderer

    def is_seen_by(self, caller: Caller) -> bool:
        """The resident who may evaluate, and the staff of the area."""
        return self.is_of(caller) or (caller.role in STAFF and caller.covers(self.area))


def open_evaluation(evaluation: Evaluation, *, at: datetime, window: timedelta) -> Decision[Evaluation]:
    """The check has passed: ask the resident. Raises NotYet until it is known who that is."""
    if evaluation.orderer is None:
        raise NotYet("intake has not said who ordered it")
    if EvaluationState.OPEN not in NEXT[evaluation.state]:
        return unchanged(evaluation)
    until, round = at + window, evaluation.round + 1
    opened = evaluation.moved(EvaluationState.OPEN).but(until=until, round=round)
    return decided(opened.with_clock(WINDOW, until), EvaluationOpenedV1(until=until, round=round))


def evaluate(
    evaluation: Evaluation, command: GiveVerdict, *, by: Caller, at: datetime
) -> Decision[Evaluation]:
    """The resident says how good it is; unsatisfied means that it is done again."""
    if not {by.id, by.partner, by.department}.isdisjoint(evaluation.done_by):
        raise DidTheWork
    if not evaluation.is_of(by):
        raise StrangerMayNotEvaluate
    if command.verdict is Verdict.UNSATISFIED and command.reason is None:
        raise ReasonMissing
    given = _given(command, by, evaluation.round, at)
    for before in evaluation.verdicts:
        if before.resident == given.resident and before.round == given.round:
            if before.same_as(given):
                return unchanged(evaluation)  # phones retry
            raise AlreadyEvaluated(verdict=before.verdict)
    bad = given.verdict is Verdict.UNSATISFIED
    after = (
        evaluation.moved(EvaluationState.REWORK if bad else EvaluationState.EVALUATED)
        .but(verdicts=(*evaluation.verdicts, given), verdict=given.verdict, until=None)
        .with_clock(WINDOW, None)
    )
    evaluated = WorkEvaluatedV1.of(given)
    if not bad:
        return decided(after, evaluated)
    again = ReworkRequestedV1(reason=given.reason or "", round=given.round)
    return decided(after.but(reworks=evaluation.reworks + 1), evaluated, again)


def _given(command: GiveVerdict, by: Caller, round: int, at: datetime) -> Given:
    reason = command.reason if command.verdict is Verdict.UNSATISFIED else None
    return copied(Given, command, resident=by.id, round=round, at=at, reason=reason)


def lapse(evaluation: Evaluation) -> Decision[Evaluation]:
    """The window is over and nobody said anything. That is silence, not satisfaction."""
    stopped = evaluation.with_clock(WINDOW, None)
    if EvaluationState.LAPSED not in NEXT[evaluation.state]:
        return decided(stopped)
    lapsed = stopped.moved(EvaluationState.LAPSED).but(until=None)
    return decided(lapsed, EvaluationLapsedV1(round=evaluation.round))


def close(evaluation: Evaluation, *, outcome: str, in_time: bool, at: datetime) -> Decision[Evaluation]:
    """The dispatch has ended. Without an evaluation until now there will be none."""
    closed = evaluation.with_clock(WINDOW, None).but(
        outcome=outcome, in_time=in_time, done_in_time=None, closed_at=at, deferred=None
    )
    if EvaluationState.CLOSED in NEXT[closed.state]:
        closed = closed.moved(EvaluationState.CLOSED).but(until=None)
    return decided(closed)


def reopen(evaluation: Evaluation, *, number: int, close_by: datetime) -> Decision[Evaluation]:
    """It has not ended after all. What was said stays on the record; a good verdict counts no more, a bad one does."""
    if number <= evaluation.reopenings:
        return unchanged(evaluation)
    bad = evaluation.verdict is Verdict.UNSATISFIED
    if EvaluationState.WAITING in NEXT[evaluation.state]:
        evaluation = evaluation.moved(EvaluationState.WAITING)
    again = evaluation.but(
        reopenings=number,
        close_by=close_by,
        closed_at=None,
        outcome=None,
        in_time=None,
        done_by=(),
        merged=False,
        verdict=evaluation.verdict if bad else None,
    )
    return decided(again)
