"""Whose claim it is. A displaced holder can do nothing with the epoch it had."""

from __future__ import annotations

from uuid import UUID

from services.partners.domain.call import Call, Claim
from services.partners.domain.refusals import DisplacedHolder
from services.partners.domain.states import ClaimState
from shared.problems import NotFound, WrongState


def claim_of(call: Call, claim_id: UUID, partner_id: UUID) -> Claim:
    """The partner's own claim, ended or not. Another's is as if there were none. Raises NotFound."""
    for claim in call.claims:
        if claim.claim_id == claim_id and claim.partner_id == partner_id:
            return claim
    raise NotFound


def must_hold(call: Call, claim: Claim, epoch: int) -> None:
    """Raises DisplacedHolder unless the claim is still in this partner's hands, by this very epoch."""
    if claim.state is ClaimState.FULFILLED and claim.epoch == epoch:
        raise WrongState("the work was accepted", **call.now())
    if claim.state is not ClaimState.ACTIVE or claim.epoch != epoch:
        raise DisplacedHolder(f"the claim is {claim.state.value}", epoch=call.epoch, **call.now())
