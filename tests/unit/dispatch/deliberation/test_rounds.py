"""Rounds, shares and the gap: money adds up to the fen."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from services.dispatch.clock import strike
from services.dispatch.domain.clocks.limits import Limits
from services.dispatch.domain.deliberation.consent import (
    CloseRound,
    ConsentIn,
    RecordConsents,
    RoundIsClosed,
    SubsidiesPassCost,
    UnknownHousehold,
    is_agreed,
    record,
    settle,
)
from services.dispatch.domain.deliberation.record import Consent, Household, Money, Round
from services.dispatch.domain.deliberation.rounds import (
    HouseholdIn,
    OpenRound,
    RoundEndOutOfRange,
    SharesPassCost,
    TooManyRounds,
    propose,
)
from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.record import DocumentIn
from services.dispatch.domain.states import DispatchState
from shared.caller import Caller
from shared.contracts.from_dispatch import RoundClosedV2, RoundOpenedV1
from shared.entry import Decision
from shared.problems import NotFound
from tests.unit.dispatch.situations import situations
from tests.unit.dispatch.stories import (
    ALL_AGREE,
    COMMUNITY,
    GRID_WORKER,
    LIMITS,
    NO_NOTICE,
    NOW,
    PROPOSAL,
    in_community,
    later,
    only,
)

FEN = st.integers(0, 2**53)


def votes(**said: str) -> tuple[ConsentIn, ...]:
    return tuple(
        ConsentIn(household=f"1-{flat[1:]}", consent=Consent(consent)) for flat, consent in said.items()
    )


def discussing(command: OpenRound = PROPOSAL) -> Dispatch:
    return propose(in_community(), command, by=COMMUNITY, at=NOW, limits=LIMITS).state


def settled(dispatch: Dispatch, command: CloseRound, number: int = 1) -> Decision[Dispatch]:
    return settle(dispatch, number, command, by=COMMUNITY, at=later(days=2), limits=NO_NOTICE)


def test_a_round_tells_how_many_discuss_and_never_who() -> None:
    decision = propose(in_community(), PROPOSAL, by=COMMUNITY, at=NOW, limits=LIMITS)
    assert only(decision, RoundOpenedV1) == RoundOpenedV1(
        number=1, proposal=PROPOSAL.proposal, cost=860_000, allocation="equal", households=4
    )
    assert [one.share for one in decision.state.rounds[0].households] == [30_001, 30_000, 30_000, 30_000]


def test_agreed_shares_leave_the_gap_to_partners() -> None:
    decision = settled(discussing(), ALL_AGREE.model_copy(update={"subsidies": 100_000}))
    assert only(decision, RoundClosedV2) == RoundClosedV2(
        number=1,
        agreed=True,
        binds=True,
        cost=860_000,
        shares=120_001,
        subsidies=100_000,
        gap=639_999,
        consenting=4,
        households=4,
    )
    assert decision.state.money.gap == 639_999
    assert decision.state.state is DispatchState.IN_DELIBERATION


def test_only_those_who_consent_pay() -> None:
    decision = settled(discussing(), CloseRound(consents=votes(f101="yes", f102="yes", f201="no")))
    closed = only(decision, RoundClosedV2)
    assert (closed.agreed, closed.shares, closed.consenting) == (True, 60_001, 2)


def test_a_round_that_failed_changes_nothing_about_the_money() -> None:
    decision = settled(discussing(), CloseRound(consents=votes(f101="yes", f102="no", f201="no")))
    closed = only(decision, RoundClosedV2)
    assert not closed.agreed
    assert closed.cost == closed.shares + closed.subsidies + closed.gap
    assert decision.state.money == Money()


def test_after_a_round_that_failed_the_next_one_may_propose_something_else() -> None:
    failed = settled(discussing(), CloseRound(consents=())).state
    other = PROPOSAL.model_copy(update={"proposal": "mend it", "cost": 200_000, "to_share": 50_000})
    second = propose(failed, other, by=COMMUNITY, at=NOW, limits=LIMITS).state
    done = settled(second, ALL_AGREE, number=2).state
    assert (done.money.cost, done.money.shares, done.money.gap) == (200_000, 50_000, 150_000)
    assert [(one.number, one.agreed) for one in done.rounds] == [(1, False), (2, True)]


def test_a_later_agreement_takes_the_place_of_the_earlier_one() -> None:
    first = settled(discussing(), ALL_AGREE).state
    more = PROPOSAL.model_copy(update={"to_share": 400_000})
    second = propose(first, more, by=COMMUNITY, at=NOW, limits=LIMITS).state
    assert second.money == first.money
    assert settled(second, ALL_AGREE, number=2).state.money.shares == 400_000


def test_when_nothing_is_missing_the_unit_goes_on_by_itself() -> None:
    whole = PROPOSAL.model_copy(update={"to_share": None})
    decision = settled(discussing(whole), ALL_AGREE)
    assert decision.state.money.gap == 0
    assert decision.state.state is DispatchState.IN_HANDLING


def test_custom_shares_are_taken_as_they_are_named() -> None:
    command = OpenRound(
        proposal="by floor",
        cost=100,
        allocation="custom",
        households=(
            HouseholdIn(id="1", share=10),
            HouseholdIn(id="2", share=0),
            HouseholdIn(id="3单元201", share=90),
        ),
    )
    assert [one.share for one in discussing(command).rounds[0].households] == [10, 0, 90]


def test_households_never_pay_more_than_it_costs() -> None:
    too_much = PROPOSAL.model_copy(update={"to_share": 860_001})
    with pytest.raises(SharesPassCost) as refused:
        discussing(too_much)
    assert refused.value.now == {"cost": 860_000, "shares": 860_001}


def test_subsidies_never_pass_what_is_missing() -> None:
    with pytest.raises(SubsidiesPassCost):
        settled(discussing(), ALL_AGREE.model_copy(update={"subsidies": 740_000}))
    assert settled(discussing(), ALL_AGREE.model_copy(update={"subsidies": 739_999})).state.money.gap == 0


def test_strangers_have_no_voice() -> None:
    with pytest.raises(UnknownHousehold):
        settled(discussing(), CloseRound(consents=votes(f999="yes")))


def test_the_result_of_a_round_stands() -> None:
    done = settled(discussing(), ALL_AGREE).state
    assert settled(done, ALL_AGREE).state is done
    with pytest.raises(RoundIsClosed):
        settled(done, CloseRound(consents=votes(f101="no")))


def test_a_round_that_was_never_opened_has_no_result() -> None:
    for number in (0, 2):
        with pytest.raises(NotFound):
            settled(discussing(), ALL_AGREE, number=number)


def test_rounds_end_some_day() -> None:
    limits = Limits(rounds=1)
    failed = settled(discussing(), CloseRound(consents=())).state
    with pytest.raises(TooManyRounds):
        propose(failed, PROPOSAL, by=COMMUNITY, at=NOW, limits=limits)


@pytest.mark.parametrize(
    ("yes", "no", "silent", "agreed"),
    [
        (4, 0, 2, True),
        (3, 0, 3, False),
        (4, 2, 0, True),
        (3, 2, 1, False),
        (0, 0, 6, False),
        (0, 6, 0, False),
    ],
)
def test_quorum_and_threshold(yes: int, no: int, silent: int, agreed: bool) -> None:
    said = [Consent.YES] * yes + [Consent.NO] * no + [Consent.SILENT] * silent
    households = tuple(Household(id=str(n), share=1, consent=one) for n, one in enumerate(said))
    round = Round(number=1, proposal="", cost=6, allocation="custom", households=households, opened_at=NOW)
    assert is_agreed(round) is agreed


@pytest.mark.parametrize(
    "change",
    [
        {"cost": 0},
        {"cost": -1},
        {"cost": 2**63},
        {"cost": 1.5},
        {"to_share": -1},
        {"households": []},
        {"households": [{"id": "1"}, {"id": "1"}]},
        {"households": [{"id": "1", "share": 5}]},
        {"households": [{"id": "13812345678"}]},
        {"households": [{"id": "$where"}]},
        {"allocation": "custom"},
        {"allocation": "custom", "to_share": None},
        {"allocation": "by_use"},
        {"allocation": "by_area", "households": [{"id": "1", "area": "80.125"}]},
        {"allocation": "by_area", "households": [{"id": "1", "area": 80}, {"id": "2"}]},
        {
            "allocation": "by_area",
            "households": [{"id": "1", "area": 0}, {"id": "2", "area": 80, "pays": 50}],
        },
        {"allocation": "by_use", "households": [{"id": "1", "use": 1.5}]},
        {"allocation": "by_use", "households": [{"id": "1", "use": 0}], "exemptions": "subsidy"},
        {"allocation": "custom", "to_share": None, "households": [{"id": "1", "share": 5, "pays": 50}]},
        {"households": [{"id": "1", "pays": 0}]},
        {"documents": [{"name": "estimate.pdf", "sha256": "abc", "size": 1}]},
        {"proposal": "  "},
        {"proposal": "a\x00b"},
        {"surprise": 1},
    ],
    ids=str,
)
def test_a_round_that_makes_no_sense_is_malformed(change: dict[str, Any]) -> None:
    body = {**PROPOSAL.model_dump(mode="json", exclude_none=True), **change}
    with pytest.raises(ValidationError):
        OpenRound.model_validate(body)


def test_a_household_votes_once() -> None:
    with pytest.raises(ValidationError):
        CloseRound(consents=votes(f101="yes") + votes(f101="no"))


@settings(deadline=None)
@given(
    cost=st.integers(1, 2**53),
    parts=st.lists(st.tuples(FEN, st.sampled_from(Consent)), min_size=1, max_size=12),
    subsidies=FEN,
)
def test_cost_is_shares_and_subsidies_and_gap_whatever_is_proposed(
    cost: int, parts: list[tuple[int, Consent]], subsidies: int
) -> None:
    households = tuple(HouseholdIn(id=str(n), share=share) for n, (share, _) in enumerate(parts))
    command = OpenRound(proposal="x", cost=cost, allocation="custom", households=households)
    result = CloseRound(
        consents=tuple(ConsentIn(household=str(n), consent=said) for n, (_, said) in enumerate(parts)),
        subsidies=subsidies,
    )
    try:
        decision = settled(discussing(command), result)
    except (SharesPassCost, SubsidiesPassCost):
        return
    closed = only(decision, RoundClosedV2)
    assert closed.cost == closed.shares + closed.subsidies + closed.gap
    money = decision.state.money
    assert money.cost == money.shares + money.subsidies + money.pledged + money.gap
    assert money.gap >= 0


def test_money_that_does_not_add_up_cannot_be_made() -> None:
    with pytest.raises(ValidationError):
        Money(cost=1, shares=1, subsidies=1)


def test_a_deadlock_ends_the_discussion_only_when_no_round_is_open() -> None:
    assert situations()["in_deliberation, discussing"].open_round is not None
    assert situations()["in_deliberation, agreed"].open_round is None


def recorded(dispatch: Dispatch, by: Caller = GRID_WORKER, **said: str) -> Dispatch:
    return record(dispatch, 1, RecordConsents(consents=votes(**said)), by=by, at=later(hours=1)).state


def test_what_households_say_is_written_down_one_by_one_and_counts_at_the_end() -> None:
    dispatch = discussing()
    for vote in votes(f101="yes", f102="yes", f201="yes"):
        dispatch = record(
            dispatch, 1, RecordConsents(consents=(vote,)), by=GRID_WORKER, at=later(hours=1)
        ).state
    first = dispatch.rounds[0].households[0]
    assert (first.consent, first.recorded_by, first.said_at) == (
        Consent.YES,
        "grid-worker-06",
        later(hours=1),
    )
    closed = only(settled(dispatch, CloseRound(consents=votes(f202="no"))), RoundClosedV2)
    assert (closed.agreed, closed.consenting, closed.shares) == (True, 3, 90_001)


def test_a_household_may_change_its_mind_until_the_round_is_closed() -> None:
    dispatch = recorded(recorded(discussing(), f101="yes"), by=COMMUNITY, f101="no")
    first = dispatch.rounds[0].households[0]
    assert (first.consent, first.changed, first.recorded_by) == (Consent.NO, 1, "community-yichun")
    assert recorded(dispatch, f101="no") is dispatch
    closed = settled(dispatch, CloseRound()).state
    with pytest.raises(RoundIsClosed):
        recorded(closed, f101="yes")


def test_strangers_are_not_recorded() -> None:
    with pytest.raises(UnknownHousehold):
        recorded(discussing(), f999="yes")


def test_the_same_proposal_put_twice_is_one_round_whatever_was_said_since() -> None:
    dispatch = recorded(discussing(), f101="yes")
    assert propose(dispatch, PROPOSAL, by=COMMUNITY, at=later(hours=2), limits=LIMITS).state is dispatch


def test_a_round_ends_by_itself_with_what_was_said() -> None:
    dispatch = discussing()
    assert dispatch.due["round"] == LIMITS.calendar.after(NOW, LIMITS.round)
    for vote in votes(f101="yes", f102="yes", f201="yes"):
        dispatch = record(
            dispatch, 1, RecordConsents(consents=(vote,)), by=GRID_WORKER, at=later(hours=1)
        ).state
    decision = strike(dispatch, "round", LIMITS.calendar.after(NOW, LIMITS.round), limits=NO_NOTICE)
    closed = only(decision, RoundClosedV2)
    assert (closed.agreed, closed.consenting, closed.shares) == (True, 3, 90_001)
    assert "round" not in decision.state.due
    silent = strike(discussing(), "round", LIMITS.calendar.after(NOW, LIMITS.round), limits=LIMITS)
    assert not only(silent, RoundClosedV2).agreed
    assert silent.state.money == Money()


def test_a_round_ends_when_it_was_said_but_not_beyond_its_longest_time() -> None:
    soon = PROPOSAL.model_copy(update={"until": later(days=2)})
    assert discussing(soon).due["round"] == later(days=2)
    for until in (NOW, later(days=30, seconds=1)):
        with pytest.raises(RoundEndOutOfRange):
            discussing(PROPOSAL.model_copy(update={"until": until}))


def test_the_round_keeps_the_quorum_it_was_opened_with() -> None:
    half = Limits(quorum=Fraction(1, 2), threshold=Fraction(1, 2))
    dispatch = propose(in_community(), PROPOSAL, by=COMMUNITY, at=NOW, limits=half).state
    assert (dispatch.rounds[0].quorum, dispatch.rounds[0].threshold) == ("1/2", "1/2")
    assert settled(dispatch, CloseRound(consents=votes(f101="yes", f102="no"))).state.rounds[0].agreed


def test_minutes_are_kept_without_numbers_of_people_and_subsidies_with_their_source() -> None:
    command = CloseRound.model_validate(
        {
            "consents": [one.model_dump() for one in ALL_AGREE.consents],
            "subsidies": [{"source": "street fund", "fen": 100}, {"source": "lottery", "fen": 23}],
            "minutes": "Wang, 13812345678, spoke for all. " * 20,
        }
    )
    round = settled(discussing(), command).state.rounds[0]
    assert "13812345678" not in round.minutes
    assert len(round.minutes) > 500
    assert [(one.source, one.fen) for one in round.grants] == [("street fund", 100), ("lottery", 23)]
    assert round.subsidies == 123


def test_the_relief_of_households_in_hardship_is_a_subsidy_when_they_consent() -> None:
    flats = [HouseholdIn(id="1-101"), HouseholdIn(id="1-102", pays=0), HouseholdIn(id="1-201", pays=50)]
    command = PROPOSAL.model_copy(
        update={"households": tuple(flats), "to_share": 300, "exemptions": "subsidy"}
    )
    closed = only(
        settled(discussing(command), CloseRound(consents=votes(f101="yes", f102="yes"))), RoundClosedV2
    )
    assert (closed.shares, closed.subsidies, closed.gap) == (100, 100, 859_800)


def test_the_estimate_is_named_by_its_digest() -> None:
    document = DocumentIn(name="estimate of 13812345678.pdf", sha256="a" * 64, size=1234)
    round = discussing(PROPOSAL.model_copy(update={"documents": (document,)})).rounds[0]
    assert [(one.name, one.size) for one in round.documents] == [("estimate of ***.pdf", 1234)]
