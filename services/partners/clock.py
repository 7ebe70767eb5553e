"""What time does to a call: an offer is widened → `call_offered`; its end comes → `call_expired`."""

from __future__ import annotations

from datetime import datetime

from services.partners.domain.call import OFFER, UNTIL, Call
from services.partners.domain.calling import expire
from services.partners.domain.offering import Rank, nobody, offer_on
from services.partners.domain.states import CallState
from services.partners.domain.terms import Terms
from shared.entry import Decision, decided


def strike(call: Call, name: str, at: datetime, *, terms: Terms, rank: Rank = nobody) -> Decision[Call]:
    if name == UNTIL and call.state is CallState.OPEN:
        return expire(call, at)
    if name == OFFER and call.state is CallState.OPEN:
        return offer_on(call, at=at, terms=terms, rank=rank)
    return decided(call.with_clock(name, None))  # nothing is left for it to do
