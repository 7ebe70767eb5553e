"""A matched call is offered to those who fit it best first, then to more and farther away, at last to all.

Silence of one step, or a refusal by everybody who was asked, leads to the next. What comes back after it was all taken
is open to all at once (see `Call.moved`): enough time was lost.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from services.partners.domain.call import OFFER, Call, Declined
from services.partners.domain.matching.facts import Wanted
from services.partners.domain.matching.refusals import DeclinedAlready, HasAPart, OpenToAll
from services.partners.domain.matching.score import Match
from services.partners.domain.states import CallState
from services.partners.domain.terms import Terms
from shared.command import READ_IN_PUBLIC, Command, Remark
from shared.contracts.from_partners import CallOfferedV1, OfferDeclinedV1
from shared.entry import Decision, decided, unchanged
from shared.problems import NotFound

Rank = Callable[[Wanted], Sequence[Match]]  # everybody who fits a need at this moment, the best first


def nobody(_: Wanted) -> Sequence[Match]:
    """Where no partners are known, a call is open to all at once."""
    return ()


class DeclineOffer(Command):
    """The partner does not want what it was offered, and says why."""

    reason: Annotated[Remark, Field(min_length=1, description=READ_IN_PUBLIC)]


def offer_on(call: Call, *, at: datetime, terms: Terms, rank: Rank) -> Decision[Call]:
    """The next step that finds somebody new; to all when none does → `call_offered`."""
    matches, steps = rank(Wanted.of(call)), terms.offer_steps
    asked = len(call.offered_to) - len(call.declined)
    for number, step in enumerate(steps[call.offer_step :], call.offer_step + 1):
        near = [str(one.partner_id) for one in matches if one.metres is None or one.metres <= step.metres]
        new = [id for id in near if id not in call.offered_to][: max(0, step.most - asked)]
        if new:
            assert call.until is not None
            to_come = len(steps) - number + 2  # this step, those after it, and all at last
            until = at + min(step.within, (call.until - at) / to_come)
            wider = call.but(offered_to=(*call.offered_to, *new), offer_step=number).with_clock(OFFER, until)
            return decided(wider, _told(wider, until))
    open_to_all = call.but(offered_to=(), offer_step=len(steps) + 1).with_clock(OFFER, None)
    return decided(open_to_all, _told(open_to_all, None))


def decline(
    call: Call, command: DeclineOffer, *, partner_id: UUID, at: datetime, terms: Terms, rank: Rank
) -> Decision[Call]:
    """It need not be waited for → `offer_declined`. When everybody has declined, the next step comes at once."""
    if call.state is CallState.BLANK or not call.is_offered_to(partner_id):
        raise NotFound  # it does not see the call either
    before = next((one for one in call.declined if one.partner_id == partner_id), None)
    if before is not None and before.reason == command.reason:
        return unchanged(call)
    call.must_be_open()
    if before is not None:
        raise DeclinedAlready(**call.now())
    if not call.offered_to:
        raise OpenToAll(**call.now())
    if any(claim.partner_id == partner_id for claim in call.active):
        raise HasAPart(**call.now())
    one = Declined(partner_id=partner_id, reason=command.reason, at=at)
    without = call.but(declined=(*call.declined, one))
    told = OfferDeclinedV1(round=call.round, partner_id=partner_id, reason=one.reason)
    if not call.matched or len(without.declined) < len(call.offered_to):
        return decided(without, told)
    onwards = offer_on(without, at=at, terms=terms, rank=rank)
    return decided(onwards.state, told, *onwards.events)


def _told(call: Call, until: datetime | None) -> CallOfferedV1:
    to_all = not call.offered_to
    return CallOfferedV1(
        round=call.round, step=call.offer_step, offered=len(call.offered_to), to_all=to_all, until=until
    )
