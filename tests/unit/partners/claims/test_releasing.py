"""Giving lines back: exactly that is missing again, and the old holder can do nothing more."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from services.partners.domain.call import UNTIL as CLOCK
from services.partners.domain.call import Call
from services.partners.domain.claims.claiming import ReleaseClaim, release
from services.partners.domain.claims.refusals import AlreadyDelivered, DisplacedHolder
from services.partners.domain.states import CallState, ClaimState
from shared.contracts.from_partners.claims import ClaimReleasedV1
from shared.entry import Decision
from shared.problems import NotFound, WrongState
from tests.unit.partners.given import (
    FIRST,
    LATER,
    SECOND,
    TERMS,
    UNTIL,
    back_to_work,
    call_in,
    called,
    claiming,
    delivering,
    held_by,
    open_call,
    open_to_partners,
    planning,
    releasing,
    reporting,
    taking_all,
)


def test_a_release_reopens_a_covered_call() -> None:
    decision = releasing(call_in(CallState.COVERED), FIRST)
    assert decision.events == (
        ClaimReleasedV1(
            round=1,
            claim_id=held_by(decision.state, FIRST).claim_id,
            partner_id=FIRST.id,
            reason="our builders are ill",
            gap=600_000,
            reopened=True,
        ),
    )
    assert decision.state.state is CallState.OPEN
    assert decision.state.due == {CLOCK: UNTIL}


def test_a_release_reopens_a_call_in_work() -> None:
    assert releasing(call_in(CallState.IN_WORK), FIRST).state.state is CallState.OPEN


def test_only_what_was_released_is_missing_again() -> None:
    call = claiming(open_to_partners(), FIRST, money=200_000).state
    call = claiming(call, SECOND, money=400_000, pipe=12).state
    after = releasing(call, FIRST).state
    assert after.missing() == {"money": 200_000, "pipe": 0}
    assert after.gap == 200_000
    assert held_by(after, SECOND).state is ClaimState.ACTIVE


def test_a_release_from_an_open_call_reopens_nothing() -> None:
    (told,) = releasing(call_in(CallState.OPEN), FIRST).events
    assert isinstance(told, ClaimReleasedV1)
    assert not told.reopened


def test_releasing_twice_changes_nothing() -> None:
    once = releasing(call_in(CallState.COVERED), FIRST).state
    assert releasing(once, FIRST).state is once


def test_a_call_that_reopens_after_its_end_stays_open_for_a_while() -> None:
    covered = call_in(CallState.COVERED)
    after = releasing(covered, FIRST, at=UNTIL + timedelta(days=1)).state
    assert after.until == UNTIL + timedelta(days=1) + TERMS.call_default
    assert after.due == {CLOCK: after.until}


def test_whoever_released_may_claim_again_under_a_new_epoch() -> None:
    call = releasing(taking_all(open_to_partners(exclusive=True), FIRST).state, FIRST).state
    again = taking_all(call, FIRST).state
    assert again.state is CallState.COVERED
    assert len({claim.claim_id for claim in again.claims}) == 2


@pytest.mark.parametrize("act", [planning, reporting, delivering])
def test_a_displaced_holder_can_do_nothing(act: Callable[..., Decision[Call]]) -> None:
    call = releasing(call_in(CallState.COVERED), FIRST).state
    won = taking_all(call, SECOND).state
    with pytest.raises(DisplacedHolder) as refused:
        act(won, FIRST)
    assert refused.value.now["state"] == "covered"
    assert refused.value.now["epoch"] == won.epoch


@pytest.mark.parametrize("act", [planning, reporting, delivering, releasing])
def test_an_old_epoch_does_nothing_to_a_new_claim(act: Callable[..., Decision[Call]]) -> None:
    call = releasing(call_in(CallState.COVERED), FIRST).state
    again = taking_all(call, FIRST).state
    with pytest.raises(DisplacedHolder, match="another epoch than 1"):
        act(again, FIRST, epoch=1)


def test_a_holder_of_an_earlier_round_is_displaced_too() -> None:

    anew = open_call(call_in(CallState.WITHDRAWN), called(round=2), at=LATER, terms=TERMS).state
    with pytest.raises(DisplacedHolder):
        reporting(anew, FIRST)


def test_the_claim_of_another_is_as_if_there_were_none() -> None:
    call = call_in(CallState.COVERED)
    theirs = held_by(call, FIRST)
    command = ReleaseClaim(reason="not mine", epoch=theirs.epoch)

    with pytest.raises(NotFound):
        release(call, theirs.claim_id, command, partner_id=SECOND.id, at=LATER, terms=TERMS)


def test_what_was_delivered_cannot_be_given_back() -> None:
    call = claiming(open_to_partners(), FIRST, pipe=12).state
    call = claiming(call, SECOND, money=600_000).state
    call = delivering(call, FIRST).state
    with pytest.raises(AlreadyDelivered):
        releasing(call, FIRST)
    with pytest.raises(WrongState):
        releasing(delivering(call, SECOND).state, FIRST)


def test_work_that_did_not_pass_may_be_given_back() -> None:
    again = back_to_work(call_in(CallState.DELIVERED)).state
    assert releasing(again, FIRST).state.state is CallState.OPEN


def test_numbers_of_persons_do_not_leave_with_the_reason() -> None:
    call = call_in(CallState.COVERED)
    held = held_by(call, FIRST)

    command = ReleaseClaim(reason="ask 13812345678", epoch=held.epoch)
    decision = release(call, held.claim_id, command, partner_id=FIRST.id, at=LATER, terms=TERMS)
    assert held_by(decision.state, FIRST).reason == "ask ***"


@pytest.mark.parametrize(
    "body", [{"reason": "", "epoch": 1}, {"epoch": 1}, {"reason": "x"}, {"reason": " ", "epoch": 1}]
)
def test_a_release_needs_a_reason_and_an_epoch(body: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ReleaseClaim.model_validate(body)
