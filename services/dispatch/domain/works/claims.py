"""What partners tell of a call: who took what, what is missing, when it is covered, given back, delivered or over.

Messages of an earlier call, or of one that has ended here, are heard late: they change nothing.
"""

from __future__ import annotations

from services.dispatch.domain.clocks.limits import Limits
from services.dispatch.domain.clocks.watch import to_check
from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.states import WITH_PARTNERS, DispatchState
from services.dispatch.domain.works.call import EXPIRED, call_ended
from services.dispatch.domain.works.record import Claim, TakenLine
from shared.contracts.from_partners import (
    CallCoveredV1,
    CallExpiredV1,
    ChangePublishedV1,
    ClaimMadeV1,
    ClaimReleasedV1,
    WorkDeliveredV1,
    WorkDeliveredV2,
)
from shared.contracts.message import Heard, copied
from shared.entry import Decision, NotYet, decided, unchanged


def concerns(dispatch: Dispatch, round: int) -> bool:
    """Whether a message about this round is about the call as it stands.

    Raises NotYet when the order is not known, and when work goes on whose rework evaluation has asked for, but which
    this list believes to wait for its evaluation: partners can hear that sooner than we do.
    """
    dispatch.must_be_known()
    if dispatch.call is None or dispatch.call.round != round:
        return False
    if dispatch.state is DispatchState.TO_EVALUATE and dispatch.partners_did:
        raise NotYet("evaluation has not said that it is done again")
    return dispatch.state in WITH_PARTNERS


def note_claim(dispatch: Dispatch, heard: Heard[ClaimMadeV1]) -> Decision[Dispatch]:
    """A partner took lines: it is known who has taken what, and what is still missing."""
    said = heard.data
    if not concerns(dispatch, said.round):
        return unchanged(dispatch)
    assert dispatch.call is not None, "there is a call to concern"
    claim = Claim(
        id=said.claim_id,
        partner=said.partner_id,
        name=said.partner_name,
        epoch=said.epoch,
        lines=tuple(copied(TakenLine, line) for line in said.lines),
    )
    others = tuple(one for one in dispatch.call.claims if one.id != claim.id)
    known = dispatch.but(partners={**dispatch.partners, str(said.partner_id): said.partner_name})
    return decided(_with_claims(known, (*others, claim)))


def note_release(dispatch: Dispatch, heard: Heard[ClaimReleasedV1]) -> Decision[Dispatch]:
    """A partner gave its lines back: they are missing again, and a call that was covered is open again."""
    said = heard.data
    if not concerns(dispatch, said.round):
        return unchanged(dispatch)
    assert dispatch.call is not None, "there is a call to concern"
    left = _with_claims(dispatch, tuple(one for one in dispatch.call.claims if one.id != said.claim_id))
    if said.reopened and left.state is DispatchState.CLAIMED:
        left = left.moved(DispatchState.CALLED)
    return decided(left)


def note_cover(dispatch: Dispatch, heard: Heard[CallCoveredV1]) -> Decision[Dispatch]:
    """Nothing of the need is missing: partners have it."""
    if not concerns(dispatch, heard.data.round) or dispatch.state is DispatchState.CLAIMED:
        return unchanged(dispatch)
    return decided(dispatch.moved(DispatchState.CLAIMED))


def note_expiry(dispatch: Dispatch, heard: Heard[CallExpiredV1], *, limits: Limits) -> Decision[Dispatch]:
    """The call is over and the need is back with the unit that called, with a clock of its own."""
    if not concerns(dispatch, heard.data.round):
        return unchanged(dispatch)
    return decided(call_ended(dispatch, EXPIRED, at=heard.at, limits=limits))


def note_delivery(
    dispatch: Dispatch, heard: Heard[WorkDeliveredV1 | WorkDeliveredV2], *, limits: Limits
) -> Decision[Dispatch]:
    """Every partner of the call says that its work is done: the acceptance check may begin.

    Not while more is asked for than they had heard of: then partners say that the call is open again.
    """
    said = heard.data
    if not concerns(dispatch, said.round) or dispatch.state is not DispatchState.CLAIMED:
        return unchanged(dispatch)
    if dispatch.call is not None and dispatch.call.awaits:
        return unchanged(dispatch)
    people = said.people if isinstance(said, WorkDeliveredV2) else ()
    hands = dict.fromkeys((*dispatch.done_by, *(str(partner) for partner in said.partners), *people))
    done = dispatch.moved(DispatchState.TO_CHECK, done_by=tuple(hands), partners_did=True)
    return decided(to_check(done, at=heard.at, limits=limits))


def _with_claims(dispatch: Dispatch, claims: tuple[Claim, ...]) -> Dispatch:
    assert dispatch.call is not None, "there is a call to concern"
    call = dispatch.call.but(claims=claims)
    return dispatch.but(call=call, money=dispatch.money.with_pledges(call.pledged()))


def note_change(dispatch: Dispatch, heard: Heard[ChangePublishedV1]) -> Decision[Dispatch]:
    """Partners show the need as it is now; what was fully taken is open again if it grew."""
    dispatch.must_be_known()
    call, said = dispatch.call, heard.data
    open_here = dispatch.state in WITH_PARTNERS
    if call is None or call.round != said.round or not open_here:
        return unchanged(dispatch)
    shown = dispatch.but(call=call.but(awaits=0)) if said.change >= call.awaits else dispatch
    if said.reopened and shown.state is DispatchState.CLAIMED:
        shown = shown.moved(DispatchState.CALLED)
    return decided(shown) if shown != dispatch else unchanged(dispatch)
