"""What time does to a claim: a reminder, then it is stale, then it goes back to the call."""

from __future__ import annotations

from datetime import datetime

from services.partners.domain.call import Call
from services.partners.domain.claim import Claim
from services.partners.domain.claims.holding import let_go
from services.partners.domain.claims.watch import watched
from services.partners.domain.states import Ending
from services.partners.domain.terms import Terms
from services.partners.domain.works.blocking import unblocked
from shared.contracts.from_partners import ClaimRemindedV1, ClaimStaleV1
from shared.entry import Decision, decided


def claim_struck(call: Call, claim: Claim, at: datetime, terms: Terms) -> Decision[Call]:
    """Whatever its clock struck for; a clock that strikes too early is set anew."""
    if claim.block is not None:
        if at < claim.block.until:
            return decided(watched(call, terms))
        after, resumed = unblocked(claim, at)
        return decided(watched(call.with_claim(after), terms), *resumed)
    if claim.due is None or claim.waits_for is None:
        return decided(watched(call, terms))
    if claim.stale_at is not None:
        if at < claim.stale_at + terms.take_back_after:
            return decided(watched(call, terms))
        reason = f"no {claim.waits_for} in time"
        left, told = let_go(call, claim, Ending.TAKEN_BACK, reason, at=at, terms=terms)
        return decided(left, told)
    if at >= claim.due:
        stale = ClaimStaleV1.of(claim, taken_back_at=at + terms.take_back_after)
        return decided(watched(call.with_claim(claim.but(stale_at=at)), terms), stale)
    if claim.reminded_of == claim.due or at < claim.due - terms.remind_before:
        return decided(watched(call, terms))
    reminded = ClaimRemindedV1.of(claim, ends=claim.due)
    return decided(watched(call.with_claim(claim.but(reminded_of=claim.due)), terms), reminded)
