"""What becomes of a call by what dispatch and evaluation say, and by time."""

from __future__ import annotations

from datetime import UTC, timedelta

import pytest

from services.partners.bus import reactions
from services.partners.domain.call import UNTIL as CLOCK
from services.partners.domain.call import Call
from services.partners.domain.calls.finding import added_by
from services.partners.domain.standing.impact import CATEGORY
from services.partners.domain.states import CallState, ClaimState
from shared.contracts.from_dispatch import (
    CallCorrectedV1,
    CallWithdrawnV1,
    DispatchClosedV1,
    WorkCheckedV1,
)
from shared.contracts.from_evaluation.evaluations import ReworkRequestedV1
from shared.contracts.from_partners import CallExpiredV1, CallPublishedV1, ChangePublishedV1
from shared.contracts.message import Message
from shared.contracts.registry import heard_by
from shared.entry import Decision
from tests.unit.partners.given import (
    FIRST,
    LATER,
    NOW,
    SECOND,
    TERMS,
    UNTIL,
    back_to_work,
    call_in,
    called,
    changing,
    claiming,
    delivering,
    heard,
    held_by,
    open_call,
    open_to_partners,
    partner,
    releasing,
    strike,
)

REACTIONS = reactions(TERMS)


def hear(call: Call, message: Message) -> Decision[Call]:
    return REACTIONS[type(message)](call, heard(message, at=LATER))


def closed(outcome: str) -> DispatchClosedV1:
    return DispatchClosedV1(outcome=outcome, in_time=True)


def test_every_message_that_is_sent_to_us_has_a_reaction() -> None:
    assert {message for some in heard_by("partners").values() for message in some} == set(REACTIONS)


def test_a_call_is_published() -> None:
    decision = hear(Call(), called(exclusive=True, offered_to=(FIRST, SECOND)))
    assert decision.events == (CallPublishedV1(round=1, lines=2, gap=600_000, exclusive=True, offered=2),)
    assert decision.state.state is CallState.OPEN
    assert decision.state.due == {CLOCK: UNTIL}


def test_the_same_round_again_changes_nothing() -> None:
    call = call_in(CallState.COVERED)
    assert hear(call, called(round=1)).state is call
    later = hear(call_in(CallState.WITHDRAWN), called(round=3)).state
    assert hear(later, called(round=2)).state is later


@pytest.mark.parametrize("state", [CallState.WITHDRAWN, CallState.EXPIRED])
def test_a_higher_round_takes_the_place_of_a_call_that_ended(state: CallState) -> None:
    anew = hear(call_in(state), called(("money", "funds", 500), round=2)).state
    assert (anew.state, anew.round, anew.missing(), anew.gap) == (CallState.OPEN, 2, {"money": 500}, 500)
    assert anew.active == ()


def test_a_higher_round_frees_whoever_held_the_older_one() -> None:
    anew = hear(call_in(CallState.IN_WORK), called(round=2)).state
    assert anew.missing() == {"money": 600_000, "pipe": 12}
    assert held_by(anew, FIRST).state is ClaimState.RELEASED


def test_an_end_that_has_passed_or_is_too_far_away_is_corrected() -> None:
    past = hear(Call(), called(until=NOW - timedelta(days=1))).state
    assert past.until == LATER + TERMS.call_default
    assert hear(Call(), called(until=LATER)).state.until == LATER + TERMS.call_default
    far = hear(Call(), called(until=NOW + timedelta(days=4000))).state
    assert far.until == LATER + TERMS.call_maximum
    no_zone = hear(Call(), called(until=UNTIL.replace(tzinfo=None))).state
    assert no_zone.until == UNTIL


def test_two_lines_of_one_name_are_kept_apart() -> None:
    call = open_to_partners(("a", "funds", 1), ("a", "goods", 2), ("a-2", "goods", 3))
    assert call.missing() == {"a": 1, "a-2": 2, "a-2-2": 3}


def test_a_withdrawn_call_frees_everybody() -> None:
    decision = hear(call_in(CallState.COVERED), CallWithdrawnV1(round=1))
    assert decision.state.state is CallState.WITHDRAWN
    assert decision.state.active == ()
    assert decision.state.gap == 600_000
    assert decision.events == ()


def test_every_claim_that_ends_with_the_call_is_a_change_of_hands() -> None:
    call = claiming(claiming(open_to_partners(), FIRST, pipe=1).state, SECOND, pipe=1).state
    assert call.epoch == 2
    assert hear(call, CallWithdrawnV1(round=1)).state.epoch == 4
    assert strike(call, CLOCK, UNTIL).state.epoch == 4


@pytest.mark.parametrize("state", [state for state in CallState if state is not CallState.BLANK])
def test_a_call_is_about_what_was_corrected_and_who_was_asked_or_has_it_stays(state: CallState) -> None:
    asked = call_in(state).but(matched=True, offered_to=(str(FIRST.id),), offer_step=1)
    now = {"category": "noise", "urgency": "urgent", "longitude": 120.37, "latitude": 36.1}
    decision = hear(asked, CallCorrectedV1.model_validate(now))
    assert decision.state == asked.but(**now) != asked
    assert decision.events == ()


def test_what_partners_did_counts_for_the_category_of_today() -> None:
    done = hear(call_in(CallState.DELIVERED), closed("solved")).state
    now = CallCorrectedV1(category="noise", urgency="general", longitude=120.37, latitude=36.1)
    counted = {name for its in (added_by(hear(done, now).state, UTC) or {}).values() for name in its}
    assert {name for name in counted if name.startswith(CATEGORY)} == {f"{CATEGORY}noise"}


def test_the_withdrawal_of_an_older_round_changes_nothing() -> None:
    call = open_to_partners(round=2)
    assert hear(call, CallWithdrawnV1(round=1)).state is call


def test_work_that_passed_stays_delivered_and_work_that_failed_goes_on() -> None:
    call = call_in(CallState.DELIVERED)
    assert hear(call, WorkCheckedV1(passed=True, partners=True)).state is call
    failed = hear(call, WorkCheckedV1(passed=False, partners=True)).state
    assert failed.state is CallState.IN_WORK
    assert not held_by(failed, FIRST).delivered


def test_residents_who_are_not_satisfied_send_it_back_to_work() -> None:
    call = hear(call_in(CallState.DELIVERED), ReworkRequestedV1(reason="leaks", round=1)).state
    assert call.state is CallState.IN_WORK
    assert held_by(call, FIRST).state is ClaimState.ACTIVE


@pytest.mark.parametrize("outcome", ["solved", "partly"])
@pytest.mark.parametrize("state", [CallState.COVERED, CallState.IN_WORK, CallState.DELIVERED])
def test_what_was_solved_is_accepted(outcome: str, state: CallState) -> None:
    call = hear(call_in(state), closed(outcome)).state
    assert call.state is CallState.ACCEPTED
    assert held_by(call, FIRST).state is ClaimState.FULFILLED
    assert call.gap == 0


def test_of_a_call_with_a_gap_only_what_was_delivered_is_fulfilled() -> None:
    assert hear(call_in(CallState.OPEN), closed("partly")).state.state is CallState.WITHDRAWN
    call = claiming(open_to_partners(), FIRST, pipe=12).state
    call = claiming(call, SECOND, money=600_000).state
    call = releasing(delivering(call, FIRST).state, SECOND).state
    call = claiming(call, SECOND, money=100_000).state
    ended = hear(call, closed("partly")).state
    assert ended.state is CallState.ACCEPTED
    assert held_by(ended, FIRST).state is ClaimState.FULFILLED
    assert held_by(ended, SECOND).state is ClaimState.RELEASED


@pytest.mark.parametrize("outcome", ["not_solved", "out_of_remit", "withdrawn", "duplicate"])
def test_what_was_not_solved_is_withdrawn(outcome: str) -> None:
    call = hear(call_in(CallState.DELIVERED), closed(outcome)).state
    assert call.state is CallState.WITHDRAWN
    assert held_by(call, FIRST).state is ClaimState.RELEASED


@pytest.mark.parametrize(
    "message",
    [
        CallWithdrawnV1(round=1),
        WorkCheckedV1(passed=False),
        WorkCheckedV1(passed=True),
        ReworkRequestedV1(reason="leaks", round=1),
        closed("solved"),
        closed("not_solved"),
    ],
)
def test_an_order_that_never_called_partners_stays_blank(message: Message) -> None:
    blank = Call()
    decision = hear(blank, message)
    assert decision.state is blank
    assert decision.events == ()


def test_a_call_that_nobody_took_in_time_expires() -> None:
    decision = strike(open_to_partners(), CLOCK, UNTIL)
    assert decision.events == (CallExpiredV1(round=1, gap=600_000),)
    assert decision.state.state is CallState.EXPIRED
    assert decision.state.due == {}


def test_a_call_that_was_partly_taken_expires_too_and_frees_its_partners() -> None:
    decision = strike(call_in(CallState.OPEN), CLOCK, UNTIL)
    assert decision.events == (CallExpiredV1(round=1, gap=600_000),)
    assert decision.state.active == ()


def one_delivered() -> Call:
    """The first partner has delivered its part, the second has not."""
    call = claiming(claiming(open_to_partners(), FIRST, money=600_000).state, SECOND, pipe=12).state
    return delivering(call, FIRST).state


@pytest.mark.parametrize("after_rework", [False, True])
def test_what_was_delivered_stays_delivered_when_the_call_expires(after_rework: bool) -> None:
    call = one_delivered()
    if after_rework:
        call = back_to_work(delivering(call, SECOND).state).state
    ended = strike(releasing(call, SECOND).state, CLOCK, UNTIL)
    assert ended.state.state is CallState.EXPIRED
    assert (held_by(ended.state, FIRST).state, held_by(ended.state, FIRST).delivered) == (
        ClaimState.FULFILLED,
        True,
    )
    assert ended.events == (CallExpiredV1(round=1, gap=0),)
    assert ended.state.missing() == {"money": 0, "pipe": 12}


@pytest.mark.parametrize("message", [CallWithdrawnV1(round=1), called(round=2)])
def test_what_was_delivered_stays_delivered_when_the_call_is_withdrawn(message: Message) -> None:
    for call in (one_delivered(), releasing(one_delivered(), SECOND).state):
        ended = hear(call, message).state
        assert held_by(ended, FIRST).state is ClaimState.FULFILLED
        assert held_by(ended, SECOND).state is ClaimState.RELEASED


def test_what_did_not_pass_is_not_delivered_when_the_call_is_withdrawn() -> None:
    call = hear(back_to_work(call_in(CallState.DELIVERED)).state, CallWithdrawnV1(round=1)).state
    assert held_by(call, FIRST).state is ClaimState.RELEASED


@pytest.mark.parametrize("state", [state for state in CallState if state is not CallState.OPEN])
def test_only_an_open_call_has_a_clock_and_a_stray_one_is_stopped(state: CallState) -> None:
    call = call_in(state)
    assert CLOCK not in call.due
    decision = strike(call.with_clock(CLOCK, UNTIL), CLOCK, UNTIL)
    assert decision.state == call
    assert decision.events == ()


def test_only_the_latest_claims_of_earlier_rounds_are_kept() -> None:
    call = open_to_partners(("money", "funds", 1000))
    for amount in range(1, 31):
        call = claiming(call, partner(amount), money=amount).state
    for round in range(2, 8):
        call = open_call(call, called(("money", "funds", 1000), round=round), at=LATER, terms=TERMS).state
        for amount in range(1, 31):
            call = claiming(call, partner(amount), money=amount).state
    assert len(call.claims) == 130
    assert len({claim.claim_id for claim in call.claims}) == 130


def test_a_changed_need_stands_on_the_board_and_what_was_taken_stays_taken() -> None:
    covered = call_in(CallState.COVERED)
    decision = changing(covered, ("money", "funds", 100_000), ("fitters", "labour", 8))
    call = decision.state
    assert (call.state, call.gap) == (CallState.OPEN, 100_000)
    assert call.missing() == {"money": 100_000, "pipe": 0, "fitters": 8}
    assert call.claims == covered.claims
    assert decision.events == (ChangePublishedV1(round=1, change=1, gap=100_000, reopened=True),)


def test_a_change_heard_again_changes_nothing() -> None:
    call = changing(call_in(CallState.OPEN), ("pipe", "goods", 1)).state
    assert changing(call, ("pipe", "goods", 5), number=1).state is call


def test_a_call_is_open_for_longer_and_never_for_less_than_it_was() -> None:
    call = changing(call_in(CallState.OPEN), until=UNTIL + timedelta(days=3)).state
    assert call.due[CLOCK] == UNTIL + timedelta(days=3)
    assert changing(call).state.until == UNTIL + timedelta(days=3)


def test_what_was_delivered_is_delivered_again_with_what_is_asked_for_besides() -> None:
    call = changing(call_in(CallState.DELIVERED), ("fitters", "labour", 8)).state
    call = claiming(call, SECOND, fitters=8).state
    assert delivering(call, SECOND).state.state is not CallState.DELIVERED
    assert delivering(delivering(call, SECOND).state, FIRST).state.state is CallState.DELIVERED
