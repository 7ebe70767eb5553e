"""What the staff decide of claims, and who of several partners speaks for all."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from services.partners.domain.call import Call
from services.partners.domain.claims.holding import any_claim_of, let_go
from services.partners.domain.claims.refusals import NotALead, NotYourCall
from services.partners.domain.states import CallState, ClaimState, Ending
from services.partners.domain.terms import Terms
from services.partners.domain.words import Noted
from shared.caller import Caller, Role
from shared.command import READ_IN_PUBLIC, Command, Note
from shared.contracts.from_partners import LeadChosenV1
from shared.contracts.message import mask
from shared.entry import Decision, decided, unchanged
from shared.problems import NotFound, WrongState

_DECIDES = (Role.COMMUNITY, Role.STREET, Role.DISTRICT)


class ForceRelease(Noted):
    """The staff take a claim from its partner, and say why."""

    reason: Annotated[Note, Field(min_length=1, description=READ_IN_PUBLIC)]


class ChooseLead(Command):
    """Which of the partners speaks for all."""

    partner_id: UUID


def force_release(
    call: Call, claim_id: UUID, command: ForceRelease, *, by: Caller, at: datetime, terms: Terms
) -> Decision[Call]:
    """The staff of the area take a claim from its partner, with a reason → `claim_released`.

    Also one whose part is said to be delivered, until all of it is: who says so falsely must not keep the others.
    """
    if not call.is_seen_by(by):
        raise NotFound
    if by.role not in _DECIDES:
        raise NotYourCall
    held = any_claim_of(call, claim_id)
    reason = mask(command.reason)
    if held.ending is Ending.FORCED and held.reason == reason:
        return unchanged(call)
    if held.state is not ClaimState.ACTIVE:
        raise WrongState(f"the claim is {held.state.value}", **call.now())
    call.must_be(CallState.OPEN, CallState.COVERED, CallState.IN_WORK)
    left, told = let_go(call, held, Ending.FORCED, reason, at=at, terms=terms)
    return decided(left, told)


def choose_lead(call: Call, command: ChooseLead, *, by: Caller) -> Decision[Call]:
    """The staff choose who leads, or the lead hands it on → `lead_chosen`."""
    if not call.is_seen_by(by):
        raise NotFound
    if not call.is_followed_by(by):
        raise NotYourCall
    call.must_be(CallState.OPEN, CallState.COVERED, CallState.IN_WORK, CallState.DELIVERED)
    if call.lead == command.partner_id == call.chosen_lead:
        return unchanged(call)
    if by.role not in _DECIDES and by.partner != str(call.lead):
        raise NotYourCall
    its = next((claim for claim in call.active if claim.partner_id == command.partner_id), None)
    if its is None:
        raise NotALead(**call.now())
    told = LeadChosenV1(round=call.round, partner_id=its.partner_id, partner_name=its.partner_name)
    return decided(call.but(chosen_lead=its.partner_id), told)
