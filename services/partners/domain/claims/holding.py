"""Whose claim it is. A displaced holder can do nothing with the epoch it had."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from services.partners.domain.call import Call
from services.partners.domain.claim import Claim
from services.partners.domain.claims.refusals import AlreadyDelivered, DisplacedHolder
from services.partners.domain.claims.watch import watched
from services.partners.domain.states import CallState, ClaimState, Ending
from services.partners.domain.terms import Terms
from shared.contracts.from_partners import CallCoveredV1, ClaimMadeV1, ClaimReleasedV1
from shared.contracts.from_partners.claims import PledgedLine
from shared.contracts.message import Message
from shared.problems import NotFound, WrongState


def any_claim_of(call: Call, claim_id: UUID) -> Claim:
    """Whosever it is, ended or not. Raises NotFound."""
    for claim in call.claims:
        if claim.claim_id == claim_id:
            return claim
    raise NotFound


def claim_of(call: Call, claim_id: UUID, partner_id: UUID) -> Claim:
    """The partner's own claim, ended or not. Another's is as if there were none. Raises NotFound."""
    claim = any_claim_of(call, claim_id)
    if claim.partner_id != partner_id:
        raise NotFound
    return claim


def held_by(call: Call, claim_id: UUID, epoch: int, partner_id: UUID) -> Claim:
    """The partner's own claim, in its hands by this very epoch. Raises NotFound, DisplacedHolder, WrongState."""
    held = claim_of(call, claim_id, partner_id)
    must_hold(call, held, epoch)
    return held


def must_hold(call: Call, claim: Claim, epoch: int) -> None:
    """Raises DisplacedHolder unless the claim is still in this partner's hands, by this very epoch."""
    if claim.state is ClaimState.FULFILLED and claim.epoch == epoch:
        raise WrongState("the work was accepted", **call.now())
    if claim.state is not ClaimState.ACTIVE:
        raise DisplacedHolder(f"the claim is {claim.state.value}", epoch=call.last_epoch, **call.now())
    if claim.epoch != epoch:
        raise DisplacedHolder(
            f"the claim has another epoch than {epoch}", epoch=call.last_epoch, **call.now()
        )


def must_be_undelivered(call: Call, claim: Claim) -> None:
    """Raises WrongState, AlreadyDelivered."""
    call.must_be(CallState.OPEN, CallState.COVERED, CallState.IN_WORK)
    if claim.delivered:
        raise AlreadyDelivered(**call.now())


def let_go(
    call: Call, held: Claim, ending: Ending, reason: str, *, at: datetime, terms: Terms
) -> tuple[Call, ClaimReleasedV1]:
    """Nobody holds the claim any more; exactly what it held is missing again."""
    left = call.with_claim(held.ended(ending, at, reason)).but(epoch=call.epoch + 1)
    reopened = call.state is not CallState.OPEN
    if reopened:
        assert call.until is not None, "it was open once"
        left = left.moved(CallState.OPEN, until=terms.until(call.until, at))
    told = ClaimReleasedV1.of(held, round=call.round, reason=reason, gap=left.gap, reopened=reopened)
    return watched(left, terms), told


def taken(call: Call, made: Claim, at: datetime, terms: Terms) -> tuple[Call, tuple[Message, ...]]:
    """With a new claim → `claim_made`, and `call_covered` with the last line."""
    after = call.with_claim(made).but(epoch=made.epoch)
    lines = tuple([PledgedLine(**line.model_dump()) for line in made.lines])
    told = ClaimMadeV1.of(made, round=call.round, lines=lines, gap=after.gap)
    if any(after.missing().values()):
        return watched(after, terms), (told,)
    covered = after.moved(CallState.COVERED).but(work_since=at)
    news = CallCoveredV1(round=call.round, partners=covered.partners, pledged=covered.pledges)
    return watched(covered, terms), (told, news)
