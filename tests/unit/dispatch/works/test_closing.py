"""How a dispatch ends: each outcome has its conditions and its reason."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from services.dispatch.domain.counting import counted
from services.dispatch.domain.deliberation.record import Payment
from services.dispatch.domain.dispatch import TasksOpen
from services.dispatch.domain.ladder.assignment import AssignDispatch, assign
from services.dispatch.domain.ladder.referral import AnswerReferral, respond
from services.dispatch.domain.states import DispatchState
from services.dispatch.domain.supervision.raising import supervise
from services.dispatch.domain.supervision.record import Cause
from services.dispatch.domain.worklist import found_by
from services.dispatch.domain.works.checking import OwnWork, rework
from services.dispatch.domain.works.closing import (
    CloseDispatch,
    DepartmentHasIt,
    NothingWasDone,
    NotYoursToSay,
    UnderSupervision,
    close,
    close_evaluated,
    close_silent,
    close_withdrawn,
)
from shared.caller import By
from shared.contracts.from_dispatch import DispatchClosedV1, WorkCheckedV1
from shared.contracts.from_evaluation import EvaluationLapsedV1, ReworkRequestedV1, WorkEvaluatedV1
from shared.contracts.from_intake.orders import OrderWithdrawnV1
from shared.contracts.message import Heard
from tests.unit.dispatch.situations import situations
from tests.unit.dispatch.stories import (
    COMMUNITY,
    DISTRICT,
    LIMITS,
    NOW,
    ORDER,
    RESIDENT,
    SEWAGE,
    STREET,
    heard,
    later,
    only,
    told,
)

PARTLY = CloseDispatch(outcome="partly", public_note="the pipe, not the pavement")


AGAIN = heard(ReworkRequestedV1(reason="still_broken", round=1))


@pytest.mark.parametrize(
    "body",
    [
        {"outcome": "fine"},
        {"outcome": "partly", "public_note": " "},
        {"outcome": "out_of_remit"},
        {"outcome": "not_solved", "rule": "§ 2"},
        {"outcome": "duplicate"},
        {"outcome": "partly", "duplicate_of": str(ORDER)},
    ],
)
def test_an_outcome_without_what_belongs_to_it_is_malformed(body: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        CloseDispatch.model_validate({"public_note": "done", **body})


@pytest.mark.parametrize("outcome", ["solved", "withdrawn"])
def test_a_unit_cannot_say_by_itself_that_it_is_solved_or_withdrawn(outcome: str) -> None:
    command = CloseDispatch.model_validate({"outcome": outcome, "public_note": "done"})
    with pytest.raises(NotYoursToSay):
        close(situations()["in_handling"], command, by=DISTRICT, at=NOW, limits=LIMITS)


def test_an_honest_outcome_is_told_with_its_note_and_the_rule_it_rests_on() -> None:
    command = CloseDispatch(outcome="out_of_remit", public_note="a matter of the court", rule="§ 2")
    decision = close(situations()["deadlocked"], command, by=COMMUNITY, at=later(days=15), limits=LIMITS)
    assert only(decision, DispatchClosedV1) == DispatchClosedV1(
        outcome="out_of_remit", in_time=True, note="a matter of the court (§ 2)"
    )


def test_solved_in_part_is_put_to_the_residents_and_closed_so_when_they_are_content() -> None:
    decision = close(situations()["to_check"], PARTLY, by=COMMUNITY, at=NOW, limits=LIMITS)
    assert decision.state.state is DispatchState.TO_EVALUATE
    checked = only(decision, WorkCheckedV1)
    assert (checked.passed, checked.partners) == (True, True)
    ends = [
        close_evaluated(
            decision.state, heard(WorkEvaluatedV1(verdict="mostly", result=3, speed=3, manner=3, round=1))
        ),
        close_silent(decision.state, heard(EvaluationLapsedV1(round=1))),
    ]
    assert [only(end, DispatchClosedV1).outcome for end in ends] == ["partly", "partly"]
    again = rework(decision.state, AGAIN, limits=LIMITS).state
    assert (again.state, again.partly) == (DispatchState.CLAIMED, False)


def test_in_part_is_only_what_something_was_done_about_and_not_by_whoever_says_so() -> None:
    with pytest.raises(NothingWasDone):
        close(situations()["in_handling"], PARTLY, by=COMMUNITY, at=NOW, limits=LIMITS)
    with pytest.raises(OwnWork):
        close(situations()["to_check, by the unit"], PARTLY, by=COMMUNITY, at=NOW, limits=LIMITS)
    tried = situations()["in_handling"].but(done_by=("370203/370203014/370203014008",), partners_did=True)
    decision = close(tried, PARTLY, by=STREET, at=NOW, limits=LIMITS)
    assert not only(decision, WorkCheckedV1).partners
    assert rework(decision.state, AGAIN, limits=LIMITS).state.state is DispatchState.IN_HANDLING


def test_what_is_supervised_only_the_district_closes_and_the_supervision_ends_with_it() -> None:
    watched = situations()["in_handling, supervised"]
    command = CloseDispatch(outcome="not_solved", public_note="it cannot be")
    with pytest.raises(UnderSupervision):
        close(watched, command, by=STREET, at=NOW, limits=LIMITS)
    closed = close(watched, command, by=DISTRICT, at=NOW, limits=LIMITS).state
    assert closed.supervision is None
    assert closed.supervisions[0].result == "not_solved"


def test_with_open_tasks_it_is_not_closed() -> None:
    with pytest.raises(TasksOpen):
        close(
            situations()["in_handling, split"],
            CloseDispatch(outcome="not_solved", public_note="no"),
            by=DISTRICT,
            at=NOW,
            limits=LIMITS,
        )


def evaluated(verdict: str, by: By = RESIDENT) -> Heard[WorkEvaluatedV1]:
    return heard(
        WorkEvaluatedV1(verdict=verdict, result=5, speed=5, manner=5, round=1), by=by, at=later(days=1)
    )


@pytest.mark.parametrize("verdict", ["satisfied", "mostly"])
def test_it_is_solved_when_the_one_who_ordered_it_says_so(verdict: str) -> None:
    decision = close_evaluated(situations()["to_evaluate"], evaluated(verdict))
    assert decision.state.state is DispatchState.CLOSED
    assert only(decision, DispatchClosedV1) == DispatchClosedV1(outcome="solved", in_time=True)
    assert not decision.state.due


def test_what_others_say_does_not_close_it() -> None:
    waiting = situations()["to_evaluate"]
    neighbour = evaluated("satisfied", By("resident", "resident-harbin-2"))
    assert close_evaluated(waiting, neighbour).state is waiting
    assert close_evaluated(waiting, evaluated("unsatisfied")).state is waiting


def test_silence_closes_it_and_is_called_silence() -> None:
    """It passed its check in time: that nobody said anything afterwards does not make it late."""
    lapsed = heard(EvaluationLapsedV1(round=1), at=later(days=22))
    decision = close_silent(situations()["to_evaluate"], lapsed)
    closed = only(decision, DispatchClosedV1)
    assert (closed.outcome, closed.in_time) == ("solved", True)
    assert closed.note == "nobody evaluated it in time"


@pytest.mark.parametrize("situation", [name for name in situations() if name not in ("unknown", "closed")])
def test_whoever_ordered_may_withdraw_in_any_state(situation: str) -> None:
    withdrawn = heard(OrderWithdrawnV1(reason="moved away"))
    decision = close_withdrawn(situations()[situation], withdrawn)
    partners_have_it = situation in ("called", "claimed", "claimed, paid")
    assert told(decision) == (["call_withdrawn"] if partners_have_it else []) + ["dispatch_closed"]
    assert only(decision, DispatchClosedV1).outcome == "withdrawn"
    assert decision.state.money.pledged == 0 or not partners_have_it


def test_withdrawn_while_its_end_was_on_its_way_it_ended_as_withdrawn() -> None:
    """Before (e41bcb1): dispatch and evaluation kept the other end, and intake said both."""
    closed = situations()["closed"]
    decision = close_withdrawn(closed, heard(OrderWithdrawnV1(reason="moved away")))
    assert (decision.state.outcome, decision.state.closed_at) == ("withdrawn", closed.closed_at)
    assert only(decision, DispatchClosedV1).outcome == "withdrawn"
    assert counted(decision.state) == {"withdrawn": 1}


def test_what_households_paid_for_work_that_was_done_stays_spent_when_it_is_withdrawn() -> None:
    """Nobody is asked to give back what paid for it."""
    paid = Payment(household="1-101", fen=100, receipt="R-1", returned=False, at=NOW, recorded_by="c-1")
    for outcome, waits in (("solved", False), ("partly", False), ("not_solved", True)):
        closed = situations()["closed"].but(outcome=outcome, payments=(paid,))
        gone = close_withdrawn(closed, heard(OrderWithdrawnV1())).state
        assert (gone.paid(), "waits_for" in found_by(gone)) == (100 if waits else 0, waits)


def test_withdrawing_twice_changes_nothing() -> None:
    closed = situations()["closed"]
    gone = close_withdrawn(closed, heard(OrderWithdrawnV1())).state
    assert close_withdrawn(gone, heard(OrderWithdrawnV1())).state is gone


@pytest.mark.parametrize("outcome", ["not_solved", "duplicate"])
def test_what_a_department_works_on_no_level_ends_before_it_takes_it_back(outcome: str) -> None:
    """Before (e41bcb1): the community ended it over the department's head, though the rule said that it cannot."""
    yes = AnswerReferral(accepted=True)
    theirs = respond(situations()["referred"], yes, by=SEWAGE, at=NOW, limits=LIMITS).state
    body = {"duplicate_of": str(ORDER)} if outcome == "duplicate" else {}
    command = CloseDispatch.model_validate({"outcome": outcome, "public_note": "no", **body})
    for by in (COMMUNITY, STREET, DISTRICT):
        with pytest.raises(DepartmentHasIt):
            close(theirs, command, original=situations()["received"], by=by, at=NOW, limits=LIMITS)
    taken = assign(theirs, AssignDispatch(), by=COMMUNITY, at=NOW, limits=LIMITS).state
    assert close(
        taken, command, original=situations()["received"], by=COMMUNITY, at=NOW, limits=LIMITS
    ).events
    watched = supervise(theirs, Cause.SILENCE, at=NOW, limits=LIMITS).state
    assert close(
        watched, command, original=situations()["received"], by=DISTRICT, at=NOW, limits=LIMITS
    ).events
