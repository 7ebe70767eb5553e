"""Who sees what of a call."""

from __future__ import annotations

import pytest

from services.partners.domain.call import Call
from services.partners.domain.registry.partner import partner_of
from services.partners.domain.registry.refusals import NotAPartner
from services.partners.domain.states import CallState
from services.partners.queries.calls import CallOut, version_for
from services.partners.queries.money import FundingPage
from shared.caller import Caller, Role
from shared.entry import Entry
from tests.unit.partners.claims.test_hands import stale
from tests.unit.partners.given import (
    FIRST,
    LATER,
    ORDER,
    SECOND,
    THIRD,
    back_to_work,
    call_in,
    claiming,
    close,
    delivering,
    member,
    open_to_partners,
    planning,
    releasing,
)

COMMUNITY = Caller("liu", Role.COMMUNITY, area="370203/370203014/370203014008")
ELSEWHERE = Caller("wu", Role.COMMUNITY, area="370203/370203015/370203015005")
RESIDENT = Caller("wang", Role.RESIDENT)


def seen(call: Call, caller: Caller) -> CallOut:
    return CallOut.of(Entry(ORDER, call, version=1), caller)


def test_the_lines_say_what_is_taken_and_what_is_missing() -> None:
    shown = seen(claiming(open_to_partners(), FIRST, money=200_000).state, member(SECOND))
    assert [(line.name, line.amount, line.taken, line.missing) for line in shown.lines] == [
        ("money", 600_000, 200_000, 400_000),
        ("pipe", 12, 0, 12),
    ]
    assert (shown.cost, shown.shares, shown.subsidies, shown.pledges, shown.gap) == (
        800_000,
        150_000,
        50_000,
        200_000,
        400_000,
    )


def test_a_call_open_to_all_is_seen_by_every_partner_and_by_the_staff_of_its_area() -> None:
    call = open_to_partners()
    assert call.is_seen_by(member(THIRD))
    assert call.is_seen_by(COMMUNITY)
    assert not call.is_seen_by(ELSEWHERE)
    assert not call.is_seen_by(RESIDENT)
    assert not call.is_seen_by(Caller("x", Role.PARTNER))
    assert not call.is_seen_by(Caller("x", Role.DEPARTMENT, department="sewage"))


def test_an_offered_call_is_seen_by_the_chosen_partners() -> None:
    call = open_to_partners(offered_to=(FIRST,))
    assert call.is_seen_by(member(FIRST))
    assert not call.is_seen_by(member(SECOND))


def test_a_call_nobody_made_is_seen_by_nobody() -> None:
    assert not Call().is_seen_by(member(FIRST))
    assert not Call().is_seen_by(Caller("district", Role.DISTRICT, area="370203"))


def test_whoever_had_a_part_in_it_goes_on_seeing_it() -> None:
    call = claiming(open_to_partners(offered_to=(FIRST,)), FIRST, pipe=1).state
    call = call.but(offered_to=(str(SECOND.id),))
    assert call.is_seen_by(member(FIRST))


def test_the_plan_and_the_epoch_are_for_the_holder_and_the_staff() -> None:
    call = planning(call_in(CallState.COVERED), FIRST).state
    for caller in (member(FIRST), COMMUNITY):
        (claim,) = seen(call, caller).claims
        assert claim.epoch == 1
        assert claim.plan is not None
    (claim,) = seen(call, member(SECOND)).claims
    assert (claim.epoch, claim.plan, claim.reason, claim.reports) == (None, None, None, [])
    assert claim.partner_name == {"zh": "合伙人1", "en": "Partner 1"}
    assert seen(call, member(SECOND)).names == {FIRST.id: claim.partner_name}


def test_released_claims_are_for_the_holder_and_the_staff() -> None:
    call = releasing(call_in(CallState.OPEN), FIRST).state
    assert len(seen(call, member(FIRST)).claims) == len(seen(call, COMMUNITY).claims) == 1
    assert seen(call, member(SECOND)).claims == []


def outcomes() -> list[Call]:
    """A call that was covered, however it went on."""
    shared = claiming(claiming(open_to_partners(), FIRST, pipe=12).state, SECOND, money=600_000).state
    done = delivering(delivering(shared, FIRST).state, SECOND).state
    again = stale(back_to_work(done).state)
    return [shared, planning(shared, FIRST).state, done, again, close(done, outcome="solved", at=LATER).state]


def test_however_the_work_goes_who_has_no_part_in_it_sees_the_same() -> None:
    plain = {seen(call, member(THIRD)).model_dump_json() for call in outcomes()}
    assert len(plain) == 1
    assert seen(outcomes()[-1], member(THIRD)).state is CallState.COVERED
    assert (
        len({FundingPage.of_call(Entry(ORDER, call, version=1)).model_dump_json() for call in outcomes()})
        == 1
    )
    for caller in (member(FIRST), COMMUNITY):
        states = [seen(call, caller).state.value for call in outcomes()]
        assert states == ["covered", "in_work", "delivered", "in_work", "accepted"]


def test_the_etag_of_who_has_no_part_in_it_moves_only_with_what_they_see() -> None:
    entries = [Entry(ORDER, call, version=n) for n, call in enumerate(outcomes(), 5)]
    assert len({version_for(entry, member(THIRD)) for entry in entries}) == 1
    assert [version_for(entry, member(FIRST)) for entry in entries] == [5, 6, 7, 8, 9]
    before = Entry(ORDER, open_to_partners(), version=1)
    assert version_for(before, member(THIRD)) != version_for(entries[0], member(THIRD))
    assert version_for(before, member(THIRD)) < 10**9, "If-Match takes nine digits"


def test_only_the_staff_sees_to_whom_it_was_offered() -> None:
    call = open_to_partners(offered_to=(FIRST, SECOND))
    assert seen(call, COMMUNITY).offered_to == [str(FIRST.id), str(SECOND.id)]
    assert seen(call, member(FIRST)).offered_to is None
    assert seen(call, member(FIRST)).offered


def test_a_caller_without_a_partner_acts_for_none() -> None:
    for caller in (RESIDENT, Caller("x", Role.PARTNER, partner="not-an-id")):
        with pytest.raises(NotAPartner):
            partner_of(caller)
    assert partner_of(member(FIRST)) == FIRST.id
