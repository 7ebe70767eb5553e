"""The staff take a claim back; and who of several partners speaks for all."""

from __future__ import annotations

import pytest

from services.partners.domain.call import Call
from services.partners.domain.claims.lead import ChooseLead, ForceRelease, choose_lead, force_release
from services.partners.domain.claims.refusals import DisplacedHolder, NotALead, NotYourCall
from services.partners.domain.registry.partner import Partner
from services.partners.domain.states import CallState, Ending
from shared.caller import Caller, Role
from shared.contracts.from_partners import ClaimReleasedV1, LeadChosenV1
from shared.entry import Decision
from shared.problems import NotFound, WrongState
from tests.unit.partners.given import (
    AREA,
    COMMUNITY,
    FIRST,
    LATER,
    SECOND,
    TERMS,
    THIRD,
    call_in,
    claiming,
    delivering,
    held_by,
    member,
    open_to_partners,
    partner,
    planning,
    releasing,
)


def forcing(call: Call, by: Caller = COMMUNITY) -> Decision[Call]:
    command = ForceRelease(reason="nobody came")
    return force_release(call, held_by(call, FIRST).claim_id, command, by=by, at=LATER, terms=TERMS)


def leading(call: Call, whom: Partner, by: Caller = COMMUNITY) -> Decision[Call]:
    return choose_lead(call, ChooseLead(partner_id=whom.id), by=by)


def covered() -> Call:
    return call_in(CallState.COVERED)


# ------------------------------------------------------------ the staff


def test_the_staff_take_a_claim_back_with_a_reason() -> None:
    decision = forcing(covered())
    (told,) = decision.events
    assert isinstance(told, ClaimReleasedV1)
    assert (told.reason, told.reopened) == ("nobody came", True)
    assert held_by(decision.state, FIRST).ending is Ending.FORCED
    assert forcing(decision.state).state is decision.state
    with pytest.raises(DisplacedHolder):
        planning(decision.state, FIRST)


def test_only_the_staff_of_the_area_from_the_community_up_take_claims_back() -> None:
    with pytest.raises(NotYourCall):
        forcing(covered(), Caller("sun", Role.GRID_WORKER, area=AREA))
    with pytest.raises(NotYourCall):
        forcing(covered(), member(SECOND))
    with pytest.raises(NotFound):
        forcing(covered(), Caller("other", Role.STREET, area="370203/370203015"))
    for role, area in ((Role.STREET, AREA[:16]), (Role.DISTRICT, AREA[:6])):
        assert forcing(covered(), Caller("above", role, area=area)).events


def test_what_was_delivered_is_not_taken_back() -> None:
    with pytest.raises(WrongState):
        forcing(call_in(CallState.DELIVERED))
    with pytest.raises(WrongState):
        forcing(call_in(CallState.ACCEPTED))


def test_a_part_that_is_falsely_said_to_be_delivered_is_taken_back_until_all_is() -> None:
    call = claiming(claiming(open_to_partners(), FIRST, pipe=12).state, SECOND, money=600_000).state
    decision = forcing(delivering(call, FIRST).state)
    assert isinstance(decision.events[0], ClaimReleasedV1)
    assert decision.state.missing() == {"money": 0, "pipe": 12}
    assert not held_by(decision.state, FIRST).delivered
    assert claiming(decision.state, THIRD, pipe=12).state.state is CallState.COVERED


# ------------------------------------------------------------ the lead


def shared_by_three() -> Call:
    call = claiming(open_to_partners(), FIRST, pipe=12).state
    call = claiming(call, SECOND, money=300_000).state
    return claiming(call, THIRD, money=300_000).state


def test_who_came_first_leads_until_another_is_chosen() -> None:
    call = shared_by_three()
    assert call.lead == FIRST.id
    decision = leading(call, THIRD)
    assert [type(one) for one in decision.events] == [LeadChosenV1]
    assert decision.state.lead == THIRD.id
    assert leading(decision.state, THIRD).state is decision.state
    assert open_to_partners().lead is None


def test_the_lead_hands_it_on_and_then_no_more() -> None:
    call = leading(shared_by_three(), SECOND, member(FIRST)).state
    assert call.lead == SECOND.id
    assert leading(call, SECOND, member(FIRST)).state is call
    with pytest.raises(NotYourCall):
        leading(call, FIRST, member(FIRST))


def test_a_lead_that_leaves_passes_it_on() -> None:
    call = leading(shared_by_three(), SECOND).state
    assert releasing(call, SECOND).state.lead == FIRST.id


def test_only_who_has_a_part_leads_and_only_the_staff_or_the_lead_say_so() -> None:
    with pytest.raises(NotALead):
        leading(shared_by_three(), partner(9))
    with pytest.raises(NotYourCall):
        leading(shared_by_three(), THIRD, member(THIRD))
    with pytest.raises(NotYourCall):
        leading(shared_by_three(), THIRD, Caller("sun", Role.GRID_WORKER, area=AREA))
    with pytest.raises(NotFound):
        leading(shared_by_three(), THIRD, Caller("other", Role.STREET, area="370203/370203015"))
    with pytest.raises(WrongState):
        leading(call_in(CallState.WITHDRAWN), FIRST)
