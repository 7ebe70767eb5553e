"""Delivering, checking, doing it again, and how it ends."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pydantic import ValidationError

from services.dispatch.clock import strike
from services.dispatch.domain.assignment import AssignDispatch, assign
from services.dispatch.domain.deadlock import DeclareDeadlock, declare
from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.ladder import DispatchState, Level
from services.dispatch.domain.record import Cause
from services.dispatch.domain.work import CheckWork, DeliverWork, OwnWork, check, deliver
from services.dispatch.reactions.on_evaluation_lapsed import on_evaluation_lapsed
from services.dispatch.reactions.on_order_withdrawn import on_order_withdrawn
from services.dispatch.reactions.on_rework_requested import on_rework_requested
from services.dispatch.reactions.on_work_evaluated import on_work_evaluated
from shared.caller import By
from shared.contracts.from_dispatch.dispatch_closed import DispatchClosedV1
from shared.contracts.from_dispatch.supervision_raised import SupervisionRaisedV1
from shared.contracts.from_dispatch.work_checked import WorkCheckedV1
from shared.contracts.from_evaluation.evaluation_lapsed import EvaluationLapsedV1
from shared.contracts.from_evaluation.rework_requested import ReworkRequestedV1
from shared.contracts.from_evaluation.work_evaluated import WorkEvaluatedV1
from shared.contracts.from_intake.order_withdrawn import OrderWithdrawnV1
from shared.contracts.message import Heard
from shared.entry import Decision
from tests.unit.dispatch.stories import (
    AREA,
    COMMUNITY,
    GRID_WORKER,
    LIMITS,
    NOW,
    PARTNER,
    RESIDENT,
    STREET,
    WORKDAY_5,
    delivered,
    heard,
    in_community,
    later,
    only,
    situations,
    told,
)

PASSED = CheckWork(passed=True)
FAILED = CheckWork(passed=False, note="it still leaks")


def checked(dispatch: Dispatch, command: CheckWork) -> Decision[Dispatch]:
    return check(dispatch, command, by=COMMUNITY, at=NOW, limits=LIMITS)


def evaluated(verdict: str, by: By = RESIDENT) -> Heard[WorkEvaluatedV1]:
    return heard(
        WorkEvaluatedV1(verdict=verdict, result=5, speed=5, manner=5, round=1), by=by, at=later(days=1)
    )


def again() -> Heard[ReworkRequestedV1]:
    return heard(ReworkRequestedV1(reason="still_broken", round=1))


def test_a_check_that_passed_asks_the_residents_and_names_the_hands() -> None:
    decision = checked(situations()["to_check"], PASSED)
    assert decision.state.state is DispatchState.TO_EVALUATE
    assert only(decision, WorkCheckedV1) == WorkCheckedV1(
        passed=True, done_by=(str(PARTNER), "li"), partners=True
    )


def test_a_check_that_failed_sends_partners_back_to_work_and_is_counted() -> None:
    decision = checked(situations()["to_check"], FAILED)
    assert decision.state.state is DispatchState.CLAIMED
    assert only(decision, WorkCheckedV1).reworks == 1
    assert checked(decision.state, FAILED).state is decision.state
    assert delivered(decision.state).state is DispatchState.TO_CHECK


def test_a_check_that_failed_sends_the_unit_back_to_work() -> None:
    decision = checked(situations()["to_check, by the unit"], FAILED)
    assert decision.state.state is DispatchState.IN_HANDLING
    assert not only(decision, WorkCheckedV1).partners


def test_a_check_that_failed_says_why() -> None:
    with pytest.raises(ValidationError):
        CheckWork(passed=False)


def test_a_unit_that_worked_itself_is_named_with_its_people() -> None:
    done = deliver(situations()["in_handling"], DeliverWork(note="mended"), by=COMMUNITY).state
    assert done.done_by == (AREA[:-3], "community-yichun")
    assert done.work_note == "mended"
    alone = deliver(situations()["assigned"], DeliverWork(), by=GRID_WORKER).state
    assert alone.done_by == ("grid-worker-06",)


def test_whoever_was_given_it_says_when_it_is_done_whatever_the_level() -> None:
    given = assign(
        situations()["in_handling"], AssignDispatch(to="grid-worker-06"), by=COMMUNITY, at=NOW, limits=LIMITS
    ).state
    assert given.level is Level.COMMUNITY
    done = deliver(given, DeliverWork(), by=GRID_WORKER).state
    assert done.done_by == ("grid-worker-06",)
    again = checked(done, FAILED).state
    assert deliver(again, DeliverWork(), by=GRID_WORKER).state.state is DispatchState.TO_CHECK


def test_nobody_passes_the_check_of_their_own_work() -> None:
    done = situations()["to_check, by the unit"]
    with pytest.raises(OwnWork):
        checked(done, PASSED)
    assert checked(done, FAILED).state.reworks == 1  # that it is not good they may say
    assert check(done, PASSED, by=STREET, at=NOW, limits=LIMITS).state.state is DispatchState.TO_EVALUATE
    partner = replace(COMMUNITY, partner=str(PARTNER))
    with pytest.raises(OwnWork):
        check(situations()["to_check"], PASSED, by=partner, at=NOW, limits=LIMITS)
    person = replace(COMMUNITY, id="li")  # who acted for the partner with another token
    with pytest.raises(OwnWork):
        check(situations()["to_check"], PASSED, by=person, at=NOW, limits=LIMITS)


def test_who_only_had_it_before_is_not_said_to_have_done_it() -> None:
    had = assign(situations()["received"], AssignDispatch(), by=GRID_WORKER, at=NOW, limits=LIMITS).state
    done = deliver(in_community(had), DeliverWork(), by=COMMUNITY).state
    assert "grid-worker-06" not in done.done_by


def test_the_third_rework_raises_supervision_once() -> None:
    dispatch, raised = situations()["to_check"], []
    for _ in range(4):
        decision = checked(dispatch, FAILED)
        raised.append(told(decision))
        dispatch = delivered(decision.state)
    assert raised == [
        ["work_checked"],
        ["work_checked"],
        ["work_checked", "supervision_raised"],
        ["work_checked"],
    ]
    assert dispatch.supervised == (Cause.REWORKS,)


def test_failed_checks_and_unsatisfied_residents_count_together() -> None:
    twice = situations()["to_evaluate"].but(reworks=2)
    decision = on_rework_requested(twice, again(), limits=LIMITS)
    assert only(decision, SupervisionRaisedV1).cause == "reworks"
    assert decision.state.reworks == 3


@pytest.mark.parametrize("verdict", ["satisfied", "mostly"])
def test_it_is_solved_when_the_one_who_ordered_it_says_so(verdict: str) -> None:
    decision = on_work_evaluated(situations()["to_evaluate"], evaluated(verdict))
    assert decision.state.state is DispatchState.CLOSED
    assert only(decision, DispatchClosedV1) == DispatchClosedV1(outcome="solved", in_time=True)
    assert not decision.state.due


def test_what_others_say_does_not_close_it() -> None:
    waiting = situations()["to_evaluate"]
    neighbour = evaluated("satisfied", By("resident", "resident-harbin-2"))
    assert on_work_evaluated(waiting, neighbour).state is waiting
    assert on_work_evaluated(waiting, evaluated("unsatisfied")).state is waiting


def test_unsatisfied_means_the_same_hands_again() -> None:
    by_partners = on_rework_requested(situations()["to_evaluate"], again(), limits=LIMITS)
    assert (by_partners.state.state, by_partners.state.reworks) == (DispatchState.CLAIMED, 1)
    assert not by_partners.events
    own = check(situations()["to_check, by the unit"], PASSED, by=STREET, at=NOW, limits=LIMITS).state
    by_unit = on_rework_requested(own, again(), limits=LIMITS).state
    assert by_unit.state is DispatchState.IN_HANDLING


def test_silence_closes_it_and_is_called_silence() -> None:
    lapsed = heard(EvaluationLapsedV1(round=1), at=later(days=22))
    decision = on_evaluation_lapsed(situations()["to_evaluate"], lapsed)
    closed = only(decision, DispatchClosedV1)
    assert (closed.outcome, closed.in_time) == ("solved", False)
    assert closed.note == "nobody evaluated it in time"


@pytest.mark.parametrize("situation", [name for name in situations() if name not in ("unknown", "closed")])
def test_whoever_ordered_may_withdraw_in_any_state(situation: str) -> None:
    withdrawn = heard(OrderWithdrawnV1(reason="moved away"))
    decision = on_order_withdrawn(situations()[situation], withdrawn)
    partners_have_it = situation in ("called", "claimed", "claimed, paid")
    assert told(decision) == (["call_withdrawn"] if partners_have_it else []) + ["dispatch_closed"]
    assert only(decision, DispatchClosedV1).outcome == "withdrawn"
    assert decision.state.money.pledged == 0 or not partners_have_it


def test_withdrawing_what_has_ended_changes_nothing() -> None:
    closed = situations()["closed"]
    assert on_order_withdrawn(closed, heard(OrderWithdrawnV1())).state is closed


def test_being_late_is_noted_once_and_the_dispatch_goes_on() -> None:
    dispatch = situations()["in_handling"]
    decision = strike(dispatch, "close_by", later(days=15), limits=LIMITS)
    assert decision.state.overdue
    assert decision.state.state is DispatchState.IN_HANDLING
    assert strike(decision.state, "close_by", later(days=16), limits=LIMITS).state is decision.state


def test_a_deadlock_without_a_way_out_is_supervised() -> None:
    stuck = situations()["deadlocked"]
    assert stuck.due["deadlock"] == WORKDAY_5
    decision = strike(stuck, "deadlock", later(days=5), limits=LIMITS)
    assert only(decision, SupervisionRaisedV1).cause == "deadlock"
    assert "deadlock" not in decision.state.due


def test_a_second_deadlock_has_its_own_reason() -> None:
    again = declare(
        situations()["in_deliberation, agreed"],
        DeclareDeadlock(reason="nobody pays the gap"),
        by=COMMUNITY,
        at=NOW,
        limits=LIMITS,
    )
    assert told(again) == ["deadlock_declared"]
    assert again.state.deadlock == "nobody pays the gap"


def test_a_clock_nobody_knows_is_stopped() -> None:
    odd = situations()["received"].with_clock("moon", NOW)
    decision = strike(odd, "moon", NOW, limits=LIMITS)
    assert "moon" not in decision.state.due
    assert decision.state.due == situations()["received"].due


def test_a_clock_that_outlived_its_reason_only_stops() -> None:
    odd = situations()["in_handling"].with_clock("whistle", NOW)
    decision = strike(odd, "whistle", NOW, limits=LIMITS)
    assert not decision.events
    assert decision.state == situations()["in_handling"]
