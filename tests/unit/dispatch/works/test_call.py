"""Calling partners, and what is heard of them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from pydantic import ValidationError

from services.dispatch.clock import strike
from services.dispatch.domain.clocks.limits import Limits
from services.dispatch.domain.deliberation.record import Money
from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.states import DispatchState, Level
from services.dispatch.domain.works.call import (
    CallEndOutOfRange,
    CallPartners,
    FundsMustMatchGap,
    LatestIsPast,
    LineIn,
    TooManyCalls,
    WithdrawCall,
    end_call,
    open_call,
)
from services.dispatch.domain.works.claims import note_claim, note_cover, note_expiry, note_release
from shared.contracts.from_dispatch import CallWithdrawnV1, PartnersCalledV2, WhistleBlownV1
from shared.contracts.from_partners import CallCoveredV1, CallExpiredV1, ClaimReleasedV1
from shared.entry import Decision
from tests.unit.dispatch.situations import situations
from tests.unit.dispatch.stories import (
    CLAIM,
    COMMUNITY,
    LIMITS,
    NEED,
    NOW,
    ORDER,
    OTHER_PARTNER,
    PARTNER,
    RACK,
    claim_of,
    covered,
    funds,
    heard,
    in_community,
    later,
    only,
)

GAP = 860_000 - 120_001


def called(dispatch: Dispatch, command: CallPartners, limits: Limits = LIMITS) -> Decision[Dispatch]:
    return open_call(dispatch, command, by=COMMUNITY, at=NOW, limits=limits)


def released(*, round: int = 1, gap: int = GAP, reopened: bool = True) -> Any:
    return heard(ClaimReleasedV1(round=round, claim_id=CLAIM, partner_id=PARTNER, gap=gap, reopened=reopened))


def test_the_line_of_funds_is_the_gap() -> None:
    decision = called(situations()["in_deliberation, agreed"], NEED)
    said = only(decision, PartnersCalledV2)
    assert [(line.name, line.kind, line.amount, line.unit) for line in said.lines] == [
        ("gap", "funds", GAP, "fen"),
        ("crew", "labour", 2, "unit"),
    ]
    assert (said.round, said.cost, said.shares, said.subsidies) == (1, 860_000, 120_001, 0)
    assert said.until == NOW + timedelta(days=15)


@pytest.mark.parametrize(
    "lines",
    [
        (LineIn(name="gap", kind="funds", amount=GAP - 1),),
        (LineIn(name="gap", kind="funds", amount=GAP + 1),),
        (LineIn(name="crew", kind="labour", amount=2),),
    ],
    ids=["less", "more", "none"],
)
def test_where_the_gap_is_known_it_is_called_for_exactly(lines: tuple[LineIn, ...]) -> None:
    with pytest.raises(FundsMustMatchGap) as refused:
        called(situations()["in_deliberation, agreed"], CallPartners(lines=lines))
    assert refused.value.now == {"gap": GAP}


def test_where_nothing_is_missing_no_funds_are_called_for() -> None:
    paid = in_community().but(money=Money(cost=5, shares=5))
    with pytest.raises(FundsMustMatchGap):
        called(paid, NEED)
    assert called(paid, RACK).state.state is DispatchState.CALLED


def test_where_the_cost_is_not_known_the_call_says_it() -> None:
    with pytest.raises(FundsMustMatchGap):
        called(in_community(), NEED)
    need = CallPartners(lines=(LineIn(name="gap", kind="funds", amount=700),))
    decision = called(in_community(), need)
    dispatch = decision.state
    assert (dispatch.money.cost, dispatch.money.gap) == (700, 700)
    assert only(decision, PartnersCalledV2).cost == 0  # nobody agreed on one
    assert end_call(dispatch, WithdrawCall(), by=COMMUNITY, at=NOW, limits=LIMITS).state.money == Money()


def test_goods_need_no_money() -> None:
    decision = called(situations()["assigned"], RACK)
    assert decision.state.money == Money()
    assert only(decision, PartnersCalledV2).exclusive


def test_a_call_says_where_it_is_whose_matter_it_is_and_how_it_is_offered() -> None:
    dispatch = situations()["in_deliberation, agreed"]
    said = only(called(dispatch, NEED.model_copy(update={"matched": True})), PartnersCalledV2)
    assert (said.longitude, said.latitude) == (dispatch.longitude, dispatch.latitude)
    assert said.own_of == (dispatch.ordered_by, dispatch.handled_by)
    assert said.households == tuple(one.id for one in dispatch.rounds[-1].households)
    assert (said.offer, said.offered_to) == ("matched", ())


def test_a_line_names_the_last_day_on_which_it_is_of_use() -> None:
    today = NOW.date()
    asked = [line.model_copy(update={"latest": today}) for line in RACK.lines]
    said = only(called(in_community(), RACK.model_copy(update={"lines": tuple(asked)})), PartnersCalledV2)
    assert {line.latest for line in said.lines} == {today}
    past = [line.model_copy(update={"latest": today - timedelta(days=2)}) for line in RACK.lines]
    with pytest.raises(LatestIsPast):
        called(in_community(), RACK.model_copy(update={"lines": tuple(past)}))


def test_a_call_may_be_offered_to_chosen_partners_until_a_chosen_time() -> None:
    beijing = timezone(timedelta(hours=8))
    until = datetime(2026, 3, 5, 9, 0, 0, 123456, beijing)
    command = CallPartners(lines=RACK.lines, offered_to=(PARTNER,), until=until)
    said = only(called(in_community(), command), PartnersCalledV2)
    assert said.offered_to == (str(PARTNER),)
    assert said.until == datetime(2026, 3, 5, 1, 0, 0, 123000, UTC)


@pytest.mark.parametrize(
    "until",
    [NOW, NOW + timedelta(days=30, seconds=1)],
    ids=["now", "too late"],
)
def test_a_call_ends_in_the_future_but_not_for_ever(until: datetime) -> None:
    with pytest.raises(CallEndOutOfRange):
        called(in_community(), RACK.model_copy(update={"until": until}))


@pytest.mark.parametrize(
    "body",
    [
        {"lines": []},
        {"lines": [{"name": "a", "kind": "goods"}]},
        {"lines": [{"name": "a", "kind": "goods", "amount": 0}]},
        {"lines": [{"name": "a", "kind": "goods", "amount": 2**53 + 1}]},
        {"lines": [{"name": "A b", "kind": "goods", "amount": 1}]},
        {"lines": [{"name": "a", "kind": "gold", "amount": 1}]},
        {"lines": [{"name": "a", "kind": "funds", "amount": 1, "unit": "yuan"}]},
        {"lines": [{"name": "call-13812345678", "kind": "goods", "amount": 1}]},
        {"lines": [{"name": "a", "kind": "goods", "amount": 1, "unit": "138 1234 5678"}]},
        {"lines": [{"name": "a", "kind": "goods", "amount": 1}] * 2},
        {"lines": [{"name": "a", "kind": "funds"}, {"name": "b", "kind": "funds"}]},
        {"lines": [{"name": "a", "kind": "funds"}], "until": "2026-03-05T09:00:00"},
        {"lines": [{"name": "a", "kind": "funds"}], "offered_to": ["nobody"]},
    ],
    ids=str,
)
def test_a_call_that_makes_no_sense_is_malformed(body: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        CallPartners.model_validate_json(json.dumps(body))


def test_partners_are_called_often_but_not_for_ever() -> None:
    limits = Limits(calls=1)
    back = end_call(
        called(in_community(), RACK, limits).state, WithdrawCall(), by=COMMUNITY, at=NOW, limits=LIMITS
    ).state
    with pytest.raises(TooManyCalls):
        called(back, RACK, limits)


def test_claims_close_the_gap_step_by_step() -> None:
    dispatch = situations()["called"]
    half = note_claim(dispatch, claim_of(funds(GAP - 100), gap=100)).state
    assert (half.money.pledged, half.money.gap) == (GAP - 100, 100)
    assert half.state is DispatchState.CALLED
    rest = claim_of(funds(100), id=ORDER, partner=OTHER_PARTNER, gap=0)
    both = note_claim(half, rest).state
    assert both.money.gap == 0
    assert both.call is not None
    assert both.call.claimed("gap") == GAP
    done = note_cover(both, heard(CallCoveredV1(round=1, partners=(PARTNER,), pledged=GAP))).state
    assert done.state is DispatchState.CLAIMED


def test_a_claim_that_changes_hands_is_not_counted_twice() -> None:
    once = note_claim(situations()["called"], claim_of(funds(100), gap=GAP - 100)).state
    again = note_claim(once, claim_of(funds(100), partner=OTHER_PARTNER, gap=GAP - 100)).state
    assert again.money.pledged == 100
    assert again.call is not None
    assert [claim.partner for claim in again.call.claims] == [OTHER_PARTNER]


def test_pledges_heard_never_pass_the_need() -> None:
    odd = note_claim(situations()["called"], claim_of(funds(GAP + 5), gap=0)).state
    assert odd.money.gap == 0


def test_what_is_released_is_missing_again() -> None:
    partly = note_claim(situations()["called"], claim_of(funds(100), gap=GAP - 100)).state
    back = note_release(partly, released(reopened=False)).state
    assert (back.state, back.money.gap) == (DispatchState.CALLED, GAP)
    reopened = note_release(situations()["claimed"], released()).state
    assert (reopened.state, reopened.money.gap) == (DispatchState.CALLED, GAP)
    assert covered(reopened).state is DispatchState.CLAIMED


@pytest.mark.parametrize(
    ("from_state", "back_to"),
    [
        ("assigned", "in_handling"),
        ("in_handling", "in_handling"),
        ("deadlocked", "deadlocked"),
        ("in_deliberation, agreed", "in_deliberation"),
    ],
)
def test_a_call_that_ends_unclaimed_is_back_where_it_came_from(from_state: str, back_to: str) -> None:
    dispatch = situations()[from_state]
    command = NEED if dispatch.money.gap else RACK
    expired = note_expiry(
        called(dispatch, command).state, heard(CallExpiredV1(round=1, gap=dispatch.money.gap)), limits=LIMITS
    ).state
    assert expired.state == back_to
    assert expired.money == dispatch.money
    if back_to == "in_handling":
        assert expired.handled_by is not None
    withdrawn = end_call(called(dispatch, command).state, WithdrawCall(), by=COMMUNITY, at=NOW, limits=LIMITS)
    assert withdrawn.state.state == back_to
    assert only(withdrawn, CallWithdrawnV1).round == 1


def test_a_new_call_has_a_higher_number_and_the_old_one_is_over() -> None:
    back = end_call(
        covered(situations()["called"]), WithdrawCall(), by=COMMUNITY, at=NOW, limits=LIMITS
    ).state
    assert back.money.pledged == 0
    second = called(back, NEED).state
    assert second.call is not None
    assert second.call.round == 2
    late = (
        note_claim(second, claim_of(funds(5), round=1)),
        note_release(second, released(round=1)),
        note_cover(second, heard(CallCoveredV1(round=1, partners=(), pledged=0))),
        note_expiry(second, heard(CallExpiredV1(round=1, gap=0)), limits=LIMITS),
    )
    assert all(decision.state is second and not decision.events for decision in late)


def test_what_partners_say_after_a_withdrawal_changes_nothing() -> None:
    back = end_call(situations()["called"], WithdrawCall(), by=COMMUNITY, at=NOW, limits=LIMITS).state
    decision = note_claim(back, claim_of(funds(5)))
    assert decision.state is back


@pytest.mark.parametrize("from_state", ["in_handling", "deadlocked", "in_deliberation, agreed"])
def test_a_call_that_came_back_and_is_left_lying_whistles_to_the_level_above(from_state: str) -> None:
    dispatch = situations()[from_state]
    command = NEED if dispatch.money.gap else RACK
    lapsed = heard(CallExpiredV1(round=1, gap=dispatch.money.gap), at=later(days=15))
    back = note_expiry(called(dispatch, command).state, lapsed, limits=LIMITS).state
    assert back.due["returned"] == LIMITS.calendar.after(later(days=15), LIMITS.returned)
    climbed = strike(back, "returned", back.due["returned"], limits=LIMITS)
    assert only(climbed, WhistleBlownV1).by_silence
    assert climbed.state.level is Level.STREET
