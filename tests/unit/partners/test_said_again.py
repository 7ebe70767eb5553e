"""What a partner says again in other words is no repetition: it is refused, and not answered as if it had been heard.

Before (28d5448): each of these was answered 200, and the words were lost.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from services.partners.domain.call import Call
from services.partners.domain.claim import Claim
from services.partners.domain.claims.claimant import Claimant
from services.partners.domain.claims.claiming import ReleaseClaim, release
from services.partners.domain.claims.refusals import AlreadyDelivered, DisplacedHolder, TakeoverWaits
from services.partners.domain.claims.takeover import AskTakeover, ask_for
from services.partners.domain.matching.offering import DeclineOffer, decline, nobody
from services.partners.domain.matching.refusals import DeclinedAlready
from services.partners.domain.states import CallState
from services.partners.domain.works.working import DeliverWork, deliver
from shared.entry import Decision
from shared.problems import RuleBroken
from tests.unit.partners.given import FIRST, LATER, SECOND, TERMS, call_in, held_by

ANY = replace(TERMS, takeover_any=True)
Said = Callable[[Call, Claim, str], Decision[Call]]


def releasing(call: Call, held: Claim, words: str) -> Decision[Call]:
    command = ReleaseClaim(reason=words, epoch=held.epoch)
    return release(call, held.claim_id, command, partner_id=FIRST.id, at=LATER, terms=TERMS)


def delivering(call: Call, held: Claim, words: str) -> Decision[Call]:
    command = DeliverWork(public_note=words, epoch=held.epoch)
    return deliver(call, held.claim_id, command, partner_id=FIRST.id, person="li", at=LATER, terms=TERMS)


def asking_for(call: Call, held: Claim, words: str) -> Decision[Call]:
    by = Claimant(SECOND, person="zhao")
    return ask_for(call, held.claim_id, AskTakeover(reason=words), by=by, at=LATER, terms=ANY)


def declining(call: Call, held: Claim, words: str) -> Decision[Call]:
    offered = call.but(offered_to=(str(FIRST.id), str(SECOND.id)))
    command = DeclineOffer(reason=words)
    return decline(offered, command, partner_id=SECOND.id, at=LATER, terms=TERMS, rank=nobody)


@pytest.mark.parametrize(
    ("state", "said", "refusal"),
    [
        (CallState.COVERED, releasing, DisplacedHolder),
        (CallState.COVERED, delivering, AlreadyDelivered),
        (CallState.COVERED, asking_for, TakeoverWaits),
        (CallState.OPEN, declining, DeclinedAlready),
    ],
)
def test_in_other_words_it_is_not_the_same_again(
    state: CallState, said: Said, refusal: type[RuleBroken]
) -> None:
    call = call_in(state)
    held = held_by(call, FIRST)
    once = said(call, held, "as said")
    assert once.events
    assert not said(once.state, held, "as said").events
    with pytest.raises(refusal):
        said(once.state, held, "otherwise")
