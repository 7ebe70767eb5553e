"""Plan, progress and delivery."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from services.partners.domain.claims.refusals import AlreadyDelivered
from services.partners.domain.states import CallState
from services.partners.domain.terms import Terms
from services.partners.domain.works.refusals import NotCovered, PlanOutOfTime, TooManyReports
from services.partners.domain.works.working import (
    DeliverWork,
    ReportProgress,
    SubmitPlan,
    deliver,
    plan,
    progress,
)
from shared.contracts.from_partners import PlanSubmittedV1, ProgressReportedV1, WorkDeliveredV2
from shared.problems import WrongState
from tests.unit.partners.given import (
    FIRST,
    LATER,
    SECOND,
    TERMS,
    THIRD,
    back_to_work,
    call_in,
    claiming,
    delivering,
    held_by,
    open_to_partners,
    planning,
    releasing,
    reporting,
    taking_all,
)


def test_work_begins_with_the_plan() -> None:
    decision = planning(call_in(CallState.COVERED), FIRST)
    assert decision.state.state is CallState.IN_WORK
    assert decision.events == (
        PlanSubmittedV1(
            claim_id=held_by(decision.state, FIRST).claim_id,
            partner_name="合伙人1 / Partner 1",
            plan="dig, lay, close",
            starts=date(2026, 3, 3),
            ends=date(2026, 3, 9),
        ),
    )


def test_work_begins_with_the_first_report() -> None:
    assert reporting(call_in(CallState.COVERED), FIRST).state.state is CallState.IN_WORK


def test_a_plan_may_come_before_the_call_is_covered_but_work_may_not() -> None:
    half = call_in(CallState.OPEN)
    assert planning(half, FIRST).state.state is CallState.OPEN
    with pytest.raises(NotCovered):
        reporting(half, FIRST)
    with pytest.raises(NotCovered):
        delivering(half, FIRST)


def test_the_same_plan_again_changes_nothing_and_another_takes_its_place() -> None:
    once = planning(call_in(CallState.COVERED), FIRST).state
    assert planning(once, FIRST).state is once
    other = planning(once, FIRST, "lay from the other side").state
    assert [one.plan.text for one in other.claims if one.plan] == ["lay from the other side"]


def test_the_same_report_again_changes_nothing() -> None:
    once = reporting(call_in(CallState.COVERED), FIRST).state
    assert reporting(once, FIRST).state is once
    assert reporting(once, FIRST, percent=60).events


def test_a_long_plan_is_kept_whole_and_told_short() -> None:
    decision = planning(call_in(CallState.COVERED), FIRST, "长" * 4000)
    (told,) = decision.events
    assert isinstance(told, PlanSubmittedV1)
    assert len(told.plan) == 500
    kept = held_by(decision.state, FIRST).plan
    assert kept is not None
    assert len(kept.text) == 4000


def test_numbers_of_persons_stay_neither_in_the_plan_nor_in_the_report() -> None:
    call = planning(call_in(CallState.COVERED), FIRST, "ask Mr Li, 13812345678").state
    held = held_by(call, FIRST)
    assert held.plan is not None
    assert held.plan.text == "ask Mr Li, ***"
    command = ReportProgress(public_note="told 13812345678", percent=1, epoch=held.epoch)
    decision = progress(call, held.claim_id, command, partner_id=FIRST.id, person="li", at=LATER, terms=TERMS)
    assert held_by(decision.state, FIRST).reports[-1].note == "told ***"


def test_photos_of_a_report_and_of_a_delivery_are_kept_with_it() -> None:
    call, photo = call_in(CallState.COVERED), "a" * 64
    held = held_by(call, FIRST)
    report = ReportProgress(percent=0, photos=(photo,), epoch=held.epoch)
    begun = progress(
        call, held.claim_id, report, partner_id=FIRST.id, person="li", at=LATER, terms=TERMS
    ).state
    assert (
        progress(begun, held.claim_id, report, partner_id=FIRST.id, person="li", at=LATER, terms=TERMS).state
        is begun
    )
    other = ReportProgress(percent=0, photos=("b" * 64,), epoch=held.epoch)
    assert progress(
        begun, held.claim_id, other, partner_id=FIRST.id, person="li", at=LATER, terms=TERMS
    ).events
    delivery = DeliverWork(photos=("c" * 64,), epoch=held.epoch)
    done = deliver(
        begun, held.claim_id, delivery, partner_id=FIRST.id, person="li", at=LATER, terms=TERMS
    ).state
    assert [one.photos for one in held_by(done, FIRST).reports] == [(photo,), ("c" * 64,)]
    with pytest.raises(ValidationError):
        DeliverWork(photos=("not a digest",), epoch=1)


def test_a_claim_has_only_so_many_reports() -> None:
    call = reporting(call_in(CallState.COVERED), FIRST).state
    held = held_by(call, FIRST)
    command = ReportProgress(public_note="more", percent=41, epoch=held.epoch)
    with pytest.raises(TooManyReports):
        progress(
            call,
            held.claim_id,
            command,
            partner_id=FIRST.id,
            person="li",
            at=LATER,
            terms=Terms(reports_most=1),
        )


@pytest.mark.parametrize(
    ("starts", "ends"),
    [
        ("2026-01-01", "2026-02-01"),
        ("2000-01-01", "2026-03-09"),
        ("2026-03-03", "2200-12-31"),
        ("2026-06-01", "2026-06-02"),  # whoever begins in three months keeps others from beginning today
    ],
)
def test_a_plan_is_neither_past_nor_far_away(starts: str, ends: str) -> None:
    call = call_in(CallState.COVERED)
    held = held_by(call, FIRST)
    command = SubmitPlan.model_validate({"plan": "x", "starts": starts, "ends": ends, "epoch": held.epoch})
    with pytest.raises(PlanOutOfTime):
        plan(call, held.claim_id, command, partner_id=FIRST.id, person="li", at=LATER, terms=TERMS)


def test_one_partner_delivers_and_the_check_may_begin() -> None:
    decision = delivering(call_in(CallState.COVERED), FIRST)
    assert decision.state.state is CallState.DELIVERED
    assert decision.events == (
        WorkDeliveredV2(round=1, partners=(FIRST.id,), people=("member-of-1",), note="it works"),
    )


def test_the_work_is_delivered_once_when_the_last_partner_delivers() -> None:
    call = claiming(open_to_partners(), FIRST, pipe=12).state
    call = claiming(call, SECOND, money=200_000).state
    call = claiming(call, THIRD, money=400_000).state
    told = []
    for partner in (SECOND, FIRST, THIRD):
        decision = delivering(call, partner)
        call = decision.state
        told += [type(event) for event in decision.events]
    assert told == [ProgressReportedV1, ProgressReportedV1, WorkDeliveredV2]
    assert call.state is CallState.DELIVERED


def test_delivering_twice_changes_nothing() -> None:
    once = delivering(call_in(CallState.COVERED), FIRST).state
    assert delivering(once, FIRST).state is once


def test_after_a_delivery_there_is_nothing_to_plan_or_to_report() -> None:
    done = call_in(CallState.DELIVERED)
    for act in (planning, reporting):
        with pytest.raises(AlreadyDelivered):
            act(done, FIRST)


def test_rework_is_delivered_again_by_the_same_hands() -> None:
    again = back_to_work(call_in(CallState.DELIVERED)).state
    assert again.state is CallState.IN_WORK
    decision = delivering(again, FIRST)
    assert [type(event) for event in decision.events] == [WorkDeliveredV2]
    assert held_by(decision.state, FIRST).deliveries == 2


def test_when_a_partner_drops_out_the_next_one_finishes_its_part() -> None:
    call = claiming(open_to_partners(), FIRST, pipe=12).state
    call = claiming(call, SECOND, money=600_000).state
    call = delivering(call, FIRST).state
    call = releasing(call, SECOND).state
    assert call.state is CallState.OPEN
    call = taking_all(call, THIRD).state
    assert call.state is CallState.COVERED
    decision = delivering(call, THIRD)
    assert decision.events == (
        WorkDeliveredV2(
            round=1, partners=(FIRST.id, THIRD.id), people=("member-of-1", "member-of-3"), note="it works"
        ),
    )


def test_whoever_acted_for_the_partners_is_told_with_the_delivery_each_once() -> None:
    call = taking_all(claiming(open_to_partners(), SECOND, pipe=2).state, FIRST).state
    held = held_by(call, FIRST)
    how: dict[str, Any] = {"partner_id": FIRST.id, "at": LATER, "terms": TERMS}
    report = ReportProgress(percent=40, epoch=held.epoch)
    call = progress(call, held.claim_id, report, person="li", **how).state
    call = progress(call, held.claim_id, report, person="wang", **how).state  # he said nothing new
    word = SubmitPlan(plan="dig", starts=date(2026, 3, 3), ends=date(2026, 3, 9), epoch=held.epoch)
    call = plan(call, held.claim_id, word, person="zhao", **how).state
    call = deliver(call, held.claim_id, DeliverWork(epoch=held.epoch), person="li", **how).state
    [told] = delivering(call, SECOND).events
    assert isinstance(told, WorkDeliveredV2)
    assert told.people == ("member-of-2", "member-of-1", "li", "zhao")


def test_what_was_accepted_is_not_worked_on() -> None:
    for act in (planning, reporting, delivering, releasing):
        with pytest.raises(WrongState):
            act(call_in(CallState.ACCEPTED), FIRST)


@pytest.mark.parametrize(
    "body",
    [
        {"public_note": "x", "percent": 101, "epoch": 1},
        {"public_note": "x", "percent": -1, "epoch": 1},
        {"public_note": "x", "percent": "50", "epoch": 1},
        {"public_note": "x", "percent": 50, "epoch": 0},
        {"public_note": "x\u0000", "percent": 50, "epoch": 1},
        {"public_note": "x" * 501, "percent": 50, "epoch": 1},
        {"public_note": "x", "percent": 50, "epoch": 1, "more": 1},
    ],
)
def test_a_report_that_makes_no_sense_is_malformed(body: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ReportProgress.model_validate(body)


def test_a_plan_does_not_end_before_it_starts() -> None:
    with pytest.raises(ValidationError, match="ends on the day it starts"):
        SubmitPlan.model_validate({"plan": "x", "starts": "2026-03-03", "ends": "2026-03-02", "epoch": 1})
