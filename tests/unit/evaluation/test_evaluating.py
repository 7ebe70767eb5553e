"""Giving a verdict: who may, when, how often, and what follows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from pydantic import ValidationError

from services.evaluation.clock import strike
from services.evaluation.domain.evaluation import (
    NEXT,
    AlreadyEvaluated,
    DidTheWork,
    Evaluation,
    EvaluationState,
    NotOpen,
    ReasonMissing,
    StrangerMayNotEvaluate,
    Verdict,
    close,
    evaluate,
    lapse,
    open_evaluation,
)
from services.evaluation.queries import EvaluationOut
from shared.caller import By, Caller, Role
from shared.contracts.from_evaluation import EvaluationLapsedV1, ReworkRequestedV1, WorkEvaluatedV1
from shared.entry import Decision, Entry
from tests.unit.evaluation.given import (
    COMMUNITY,
    ELSEWHERE,
    LEADER,
    NOON,
    PARTNER,
    PASSED,
    RESIDENT,
    SOLVED,
    STRANGER,
    WINDOW,
    asked,
    hear,
    heard,
    minute,
    verdict,
)


def give(
    evaluation: Evaluation, how: str = "satisfied", by: Caller = RESIDENT, **changes: Any
) -> Decision[Evaluation]:
    return evaluate(evaluation, verdict(how, **changes), by=by, at=minute(100))


@pytest.mark.parametrize("how", ["satisfied", "mostly"])
def test_a_resident_who_is_content_ends_it(how: str) -> None:
    decision = give(asked(), how, words="谢谢，电话13812345678")
    assert [type(event) for event in decision.events] == [WorkEvaluatedV1]
    assert decision.state.state is EvaluationState.EVALUATED
    assert decision.state.due == {}
    assert "谢谢" not in decision.events[0].model_dump_json()  # the words stay here
    assert decision.state.verdicts[0].words == "谢谢，电话***"


def test_an_unsatisfied_resident_has_it_done_again() -> None:
    decision = give(asked(), "unsatisfied")
    assert decision.events == (
        WorkEvaluatedV1(verdict="unsatisfied", result=5, speed=4, manner=5, reason="leaks", round=1),
        ReworkRequestedV1(reason="leaks", round=1),
    )
    again = hear(decision.state, heard(PASSED, n=20, at=minute(200)))
    assert (again.state, again.round, again.reworks) == (EvaluationState.OPEN, 2, 1)
    assert give(again).state.verdict is Verdict.SATISFIED
    assert len(give(again).state.verdicts) == 2


def test_repeating_the_same_verdict_changes_nothing() -> None:
    for how in Verdict:
        once = give(asked(), how).state
        later = evaluate(once, verdict(how), by=RESIDENT, at=minute(500))
        assert later.state is once
        assert later.events == ()


def test_nobody_says_two_things_about_one_round() -> None:
    with pytest.raises(AlreadyEvaluated):
        give(give(asked()).state, "mostly")


def test_the_evaluation_goes_back_to_the_resident_it_was_ordered_for() -> None:
    evaluation = asked(By("building_leader", "l-26"), ordered_for="r-li")
    assert give(evaluation, by=RESIDENT).events
    with pytest.raises(StrangerMayNotEvaluate):
        give(evaluation, by=LEADER)


@pytest.mark.parametrize("state", list(EvaluationState))
@pytest.mark.parametrize("caller", [STRANGER, LEADER, COMMUNITY])
def test_a_stranger_may_not_and_learns_nothing(caller: Caller, state: EvaluationState) -> None:
    with pytest.raises(StrangerMayNotEvaluate) as refusal:
        give(asked().but(state=state), by=caller)
    assert (refusal.value.detail, dict(refusal.value.now), refusal.value.status) == ("", {}, 403)


@pytest.mark.parametrize(
    ("caller", "worker"),
    [
        (PARTNER, "partner-7"),
        (Caller("d-1", Role.DEPARTMENT, department="water_office"), "water_office"),
        (RESIDENT, "r-li"),
    ],
)
def test_nobody_evaluates_their_own_work(caller: Caller, worker: str) -> None:
    with pytest.raises(DidTheWork):
        give(asked().but(done_by=(worker,)), by=caller)


def test_unsatisfied_needs_a_reason_and_nothing_else_keeps_one() -> None:
    with pytest.raises(ReasonMissing):
        give(asked(), "unsatisfied", reason=None)
    assert give(asked(), "mostly", reason="slow").state.verdicts[0].reason is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"verdict": "perfect"}, {"result": 0}, {"speed": 6}, {"manner": "5"}, {"result": True}, {"reason": "Why not?"},
        {"words": "x" * 501}, {"stars": 5}, {"verdict": {"$ne": ""}}, {"result": 10**400},
    ],
)  # fmt: skip
def test_malformed_verdicts_are_none(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        verdict(**{"verdict": "satisfied", **wrong})


# ── time


def test_silence_is_reported_as_silence() -> None:
    decision = strike(asked(), "window", NOON + WINDOW)
    assert decision.events == (EvaluationLapsedV1(round=1),)
    assert (decision.state.state, decision.state.verdict) == (EvaluationState.LAPSED, None)
    with pytest.raises(NotOpen):
        give(decision.state)


def test_a_clock_that_strikes_twice_finds_nothing_to_do() -> None:
    once = strike(asked(), "window", NOON + WINDOW).state
    assert strike(once, "window", NOON + WINDOW).events == ()
    assert strike(give(asked()).state, "window", NOON + WINDOW).events == ()
    assert strike(asked().with_clock("other", NOON), "other", NOON).state == asked()


# ── every state and every move

MOVES: dict[str, Callable[[Evaluation], Decision[Evaluation]]] = {
    "open": lambda one: open_evaluation(one, at=NOON, window=WINDOW),
    "good": lambda one: give(one, "mostly"),
    "bad": lambda one: give(one, "unsatisfied"),
    "lapse": lapse,
    "close": lambda one: close(one, outcome="solved", in_time=True, at=NOON),
}
TO = {
    "open": EvaluationState.OPEN,
    "good": EvaluationState.EVALUATED,
    "bad": EvaluationState.REWORK,
    "lapse": EvaluationState.LAPSED,
    "close": EvaluationState.CLOSED,
}


@pytest.mark.parametrize("move", list(MOVES))
@pytest.mark.parametrize("state", list(EvaluationState))
def test_every_state_moves_as_the_table_says(state: EvaluationState, move: str) -> None:
    evaluation = asked().but(state=state)
    if TO[move] in NEXT[state]:
        assert MOVES[move](evaluation).state.state is TO[move]
    elif move in ("good", "bad"):  # people are refused
        with pytest.raises(NotOpen):
            MOVES[move](evaluation)
    else:  # messages and clocks are not
        decision = MOVES[move](evaluation)
        assert decision.state.state is state
        assert decision.events == ()


def test_a_dispatch_that_ends_takes_the_question_back() -> None:
    closed = hear(asked(), heard(SOLVED, n=30, at=minute(30)))
    assert (closed.state, closed.due, closed.until) == (EvaluationState.CLOSED, {}, None)
    kept = hear(give(asked()).state, heard(SOLVED, n=30, at=minute(30)))
    assert (kept.state, kept.outcome, kept.in_time) == (EvaluationState.EVALUATED, "solved", True)


# ── who sees what


def test_resident_and_staff_of_the_area_see_it_and_nobody_else() -> None:
    evaluation = give(asked(), "unsatisfied", words="还在漏").state
    assert [evaluation.is_seen_by(one) for one in (RESIDENT, COMMUNITY, STRANGER, ELSEWHERE, LEADER, PARTNER)] == [
        True, True, False, False, False, False,
    ]  # fmt: skip
    staff = EvaluationOut.of(Entry(UUID(int=1), evaluation), COMMUNITY)
    assert [one.words for one in staff.verdicts] == ["还在漏"]
    assert "r-li" not in staff.model_dump_json()
    assert EvaluationOut.of(Entry(UUID(int=1), evaluation), RESIDENT).verdicts[0].mine
    assert EvaluationOut.of(Entry(UUID(int=1), evaluation), STRANGER).verdicts == []


def test_a_stored_evaluation_reads_back_the_same() -> None:
    evaluation = give(asked(), "unsatisfied").state
    assert Evaluation.model_validate(evaluation.model_dump()) == evaluation
