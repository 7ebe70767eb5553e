"""What time does to a call: an offer is widened, its end comes; a claim is reminded, stale, taken back, taken over."""

from __future__ import annotations

from datetime import datetime

from services.partners.domain.call import APPEAL, OFFER, UNTIL, Call
from services.partners.domain.calls.calling import expire
from services.partners.domain.claims.takeover import Able, anybody, silent
from services.partners.domain.claims.watch import CLAIM, TAKEOVER, claim_at, watched
from services.partners.domain.matching.offering import Rank, nobody, offer_on
from services.partners.domain.standing.appeals import appeal_struck
from services.partners.domain.states import CallState
from services.partners.domain.terms import Terms
from services.partners.domain.works.stale import claim_struck
from shared.entry import Decision, decided


def strike(
    call: Call, name: str, at: datetime, *, terms: Terms, rank: Rank = nobody, able: Able = anybody
) -> Decision[Call]:
    if name == UNTIL and call.state is CallState.OPEN:
        return expire(call, at)
    if name == OFFER and call.state is CallState.OPEN:
        return offer_on(call, at=at, terms=terms, rank=rank)
    if name.startswith(CLAIM):
        call = watched(call, terms)  # by the calendar as it is now
    claim = claim_at(call, name)
    if claim is not None and name.startswith(CLAIM):
        return claim_struck(call, claim, at, terms)
    if claim is not None and name.startswith(TAKEOVER):
        return silent(call, claim, at, terms, able)
    if name.startswith(APPEAL):
        return appeal_struck(call, name.removeprefix(APPEAL), at, terms=terms)
    return decided(call.with_clock(name, None))  # nothing is left for it to do
