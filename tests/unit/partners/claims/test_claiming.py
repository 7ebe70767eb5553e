"""Taking lines: who gets them, and what the others are told."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid5

import pytest
from pydantic import ValidationError

from services.partners.domain.call import UNTIL as CLOCK
from services.partners.domain.call import Appeal, Call
from services.partners.domain.claims.refusals import (
    CallOver,
    ExclusivelyTaken,
    LineTaken,
    NoSuchLine,
    NotOffered,
    PledgeTooLarge,
    TakenAsAWhole,
    TooManyClaims,
)
from services.partners.domain.states import CallState
from services.partners.domain.terms import Terms
from shared.contracts.from_partners.calls import CallCoveredV1
from shared.contracts.from_partners.claims import ClaimMadeV1, PledgedLine
from shared.problems import NotFound
from tests.unit.partners.given import (
    FIRST,
    LATER,
    ORDER,
    SECOND,
    TERMS,
    THIRD,
    UNTIL,
    asking,
    call_in,
    called,
    claiming,
    held_by,
    open_call,
    open_to_partners,
    partner,
    pledge,
    receiving,
    releasing,
    taking_all,
)


def test_the_first_partner_to_ask_gets_the_line() -> None:
    decision = claiming(open_to_partners(), FIRST, pipe=12)
    (told,) = decision.events
    assert told == ClaimMadeV1(
        round=1,
        claim_id=held_by(decision.state, FIRST).claim_id,
        partner_id=FIRST.id,
        partner_name="合伙人1 / Partner 1",
        epoch=1,
        lines=(PledgedLine(name="pipe", kind="goods", amount=12, unit="m"),),
        gap=600_000,
    )
    assert decision.state.state is CallState.OPEN
    with pytest.raises(LineTaken):
        claiming(decision.state, SECOND, pipe=1)


def test_the_last_line_covers_the_call() -> None:
    half = claiming(open_to_partners(), FIRST, pipe=12).state
    decision = claiming(half, SECOND, money=600_000)
    assert [type(event) for event in decision.events] == [ClaimMadeV1, CallCoveredV1]
    assert decision.events[1] == CallCoveredV1(round=1, partners=(FIRST.id, SECOND.id), pledged=600_000)
    assert decision.state.state is CallState.COVERED
    assert CLOCK not in decision.state.due


def test_several_may_share_one_line_down_to_the_last_fen() -> None:
    call = open_to_partners(("money", "funds", 100))
    for number, amount in ((1, 33), (2, 33), (3, 33)):
        call = claiming(call, partner(number), money=amount).state
    with pytest.raises(PledgeTooLarge) as refused:
        claiming(call, partner(4), money=2)
    assert refused.value.now == {"state": "open", "missing": {"money": 1}, "gap": 1}
    assert claiming(call, partner(4), money=1).state.state is CallState.COVERED


def test_asking_twice_changes_nothing() -> None:
    once = claiming(open_to_partners(), FIRST, money=300_000).state
    twice = claiming(once, FIRST, money=300_000)
    assert twice.state is once
    assert twice.events == ()


def test_asking_twice_changes_nothing_even_when_everything_is_taken() -> None:
    covered = taking_all(open_to_partners(), FIRST).state
    assert claiming(covered, FIRST, money=600_000, pipe=12).state is covered


def test_a_partner_may_add_to_what_it_took() -> None:
    more = claiming(claiming(open_to_partners(), FIRST, money=1).state, FIRST, money=2).state
    assert more.missing()["money"] == 600_000 - 3
    assert [claim.epoch for claim in more.active] == [1, 2]


def test_a_pledge_larger_than_the_need_is_refused_with_what_is_missing() -> None:
    with pytest.raises(PledgeTooLarge, match="pipe: 12 still missing"):
        claiming(open_to_partners(), FIRST, pipe=13)


def test_nothing_of_a_pledge_counts_when_one_of_its_lines_does_not_fit() -> None:
    call = open_to_partners()
    with pytest.raises(PledgeTooLarge):
        claiming(call, FIRST, money=1, pipe=13)
    assert call.claims == ()


def test_a_line_that_the_call_does_not_have_cannot_be_taken() -> None:
    with pytest.raises(NoSuchLine):
        claiming(open_to_partners(), FIRST, gravel=1)


def test_an_exclusive_call_is_taken_as_a_whole() -> None:
    call = open_to_partners(exclusive=True)
    with pytest.raises(TakenAsAWhole):
        claiming(call, FIRST, money=600_000)
    assert taking_all(call, FIRST).state.state is CallState.COVERED


def test_an_exclusive_call_has_one_winner() -> None:
    call = taking_all(open_to_partners(exclusive=True), FIRST).state
    with pytest.raises(ExclusivelyTaken) as refused:
        claiming(call, SECOND, money=600_000, pipe=12)
    assert refused.value.now == {"state": "covered", "missing": {"money": 0, "pipe": 0}, "gap": 0}
    with pytest.raises(LineTaken):  # the winner itself cannot have it twice
        claiming(call, FIRST, money=600_000)


def test_an_offered_call_is_for_the_chosen_partners() -> None:
    call = open_to_partners(offered_to=(FIRST, SECOND))
    with pytest.raises(NotFound):  # as if there were none
        claiming(call, THIRD, pipe=1)
    assert claiming(call, SECOND, pipe=1).events


def test_whoever_had_a_part_of_it_is_told_that_it_is_not_offered_any_more() -> None:
    anew = called(round=2, offered_to=(FIRST,))
    call = open_call(taking_all(open_to_partners(), THIRD).state, anew, at=LATER, terms=TERMS).state
    with pytest.raises(NotOffered):
        claiming(call, THIRD, pipe=1)


def test_a_call_cannot_be_taken_after_its_end_even_before_the_clock_strikes() -> None:
    with pytest.raises(CallOver, match="its end has passed"):
        asking(open_to_partners(), FIRST, {"pipe": 12}, at=UNTIL)


@pytest.mark.parametrize("state", [CallState.WITHDRAWN, CallState.EXPIRED])
def test_a_call_that_ended_cannot_be_taken(state: CallState) -> None:
    with pytest.raises(CallOver):
        claiming(call_in(state), SECOND, pipe=1)


def test_a_call_nobody_made_is_not_found() -> None:
    with pytest.raises(NotFound):
        claiming(Call(), FIRST, pipe=1)


def test_every_change_of_hands_raises_the_epoch() -> None:
    call = claiming(open_to_partners(), FIRST, pipe=12).state
    call = releasing(call, FIRST).state
    call = claiming(call, SECOND, pipe=12).state
    assert held_by(call, SECOND).epoch == 3
    call = claiming(call, FIRST, money=1).state
    assert held_by(call, FIRST).epoch == call.epoch == 4


def test_the_id_of_a_claim_follows_from_what_it_is() -> None:
    made = held_by(claiming(open_to_partners(), FIRST, pipe=12).state, FIRST)
    assert made.claim_id == uuid5(ORDER, f"1/{FIRST.id}/1")


def test_a_call_has_only_so_many_claims_and_those_that_ended_make_room() -> None:
    call = claiming(open_to_partners(), FIRST, pipe=1).state
    with pytest.raises(TooManyClaims):
        asking(call, SECOND, {"pipe": 1}, terms=Terms(claims_most=1))
    (only,) = asking(
        releasing(call, FIRST).state, SECOND, {"pipe": 1}, terms=Terms(claims_most=1)
    ).state.claims
    assert only.partner_id == SECOND.id


def test_what_is_on_the_record_or_was_appealed_makes_no_room() -> None:
    call = releasing(
        receiving(claiming(open_to_partners(), FIRST, money=1000).state, FIRST).state, FIRST
    ).state
    with pytest.raises(TooManyClaims):
        asking(call, SECOND, {"pipe": 1}, terms=Terms(claims_most=1))
    call = releasing(claiming(open_to_partners(), FIRST, pipe=1).state, FIRST).state
    of = str(held_by(call, FIRST).claim_id)
    appeal = Appeal(id=ORDER, partner_id=FIRST.id, against="claim", of=of, reason="flood", at=LATER)
    with pytest.raises(TooManyClaims):
        asking(call.but(appeals=(appeal,)), SECOND, {"pipe": 1}, terms=Terms(claims_most=1))


def test_one_partner_cannot_fill_a_call_with_fragments() -> None:
    call = claiming(claiming(open_to_partners(), FIRST, pipe=1).state, FIRST, pipe=2).state
    two = Terms(claims_of_one=2, cool_down=timedelta(0))
    with pytest.raises(TooManyClaims):
        asking(call, FIRST, {"pipe": 3}, terms=two)
    assert asking(call, SECOND, {"pipe": 3}, terms=two).events
    assert asking(releasing(call, FIRST).state, FIRST, {"pipe": 3}, terms=two).events


@pytest.mark.parametrize("amount", [0, -1, 2**53 + 1, True, "5", 1.0, None, {"$ne": None}])
def test_an_amount_is_a_positive_whole_number(amount: object) -> None:
    with pytest.raises(ValidationError):
        pledge(money=amount)  # type: ignore[arg-type]


def test_a_line_is_named_once_in_a_claim() -> None:
    with pytest.raises(ValidationError, match="each line may be named once"):
        pledge(money=1).model_validate({"lines": [{"name": "money", "amount": 1}] * 2})
