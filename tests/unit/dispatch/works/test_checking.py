"""Delivering, checking, and doing it again."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pydantic import ValidationError

from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.ladder.assignment import AssignDispatch, assign
from services.dispatch.domain.states import DispatchState, Level
from services.dispatch.domain.supervision.record import Cause
from services.dispatch.domain.works.checking import CheckWork, OwnWork, check, rework
from services.dispatch.domain.works.handling import DeliverWork, deliver
from shared.contracts.from_dispatch import SupervisionRaisedV1, WorkCheckedV1
from shared.contracts.from_evaluation.evaluations import ReworkRequestedV1
from shared.contracts.message import Heard
from shared.entry import Decision
from tests.unit.dispatch.situations import situations
from tests.unit.dispatch.stories import (
    AREA,
    COMMUNITY,
    GRID_WORKER,
    LIMITS,
    NOW,
    PARTNER,
    STREET,
    delivered,
    heard,
    in_community,
    only,
    told,
)

PASSED = CheckWork(passed=True)


FAILED = CheckWork(passed=False, public_note="it still leaks")


def checked(dispatch: Dispatch, command: CheckWork) -> Decision[Dispatch]:
    return check(dispatch, command, by=COMMUNITY, at=NOW, limits=LIMITS)


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
    done = deliver(
        situations()["in_handling"], DeliverWork(public_note="mended"), by=COMMUNITY, at=NOW, limits=LIMITS
    ).state
    assert done.done_by == (AREA[:-3], "community-yichun")
    assert done.work_note == "mended"
    alone = deliver(situations()["assigned"], DeliverWork(), by=GRID_WORKER, at=NOW, limits=LIMITS).state
    assert alone.done_by == ("grid-worker-06",)


def test_whoever_was_given_it_says_when_it_is_done_whatever_the_level() -> None:
    given = assign(
        situations()["in_handling"], AssignDispatch(to="grid-worker-06"), by=COMMUNITY, at=NOW, limits=LIMITS
    ).state
    assert given.level is Level.COMMUNITY
    done = deliver(given, DeliverWork(), by=GRID_WORKER, at=NOW, limits=LIMITS).state
    assert done.done_by == ("grid-worker-06",)
    again = checked(done, FAILED).state
    assert (
        deliver(again, DeliverWork(), by=GRID_WORKER, at=NOW, limits=LIMITS).state.state
        is DispatchState.TO_CHECK
    )


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
    done = deliver(in_community(had), DeliverWork(), by=COMMUNITY, at=NOW, limits=LIMITS).state
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
    decision = rework(twice, again(), limits=LIMITS)
    assert only(decision, SupervisionRaisedV1).cause == "reworks"
    assert decision.state.reworks == 3


def test_unsatisfied_means_the_same_hands_again() -> None:
    by_partners = rework(situations()["to_evaluate"], again(), limits=LIMITS)
    assert (by_partners.state.state, by_partners.state.reworks) == (DispatchState.CLAIMED, 1)
    assert told(by_partners) == ["end_moved"]
    own = check(situations()["to_check, by the unit"], PASSED, by=STREET, at=NOW, limits=LIMITS).state
    by_unit = rework(own, again(), limits=LIMITS).state
    assert by_unit.state is DispatchState.IN_HANDLING
