"""What partners tell of a call: who took what, what is missing, when it is covered, given back, delivered or over.

Messages of an earlier call, or of one that has ended here, are heard late: they change nothing.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from services.dispatch.domain.call import EXPIRED, call_ended
from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.ladder import DispatchState
from services.dispatch.domain.limits import Limits
from services.dispatch.domain.record import Claim
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
    return dispatch.state in (DispatchState.CALLED, DispatchState.CLAIMED)


def note_claim(dispatch: Dispatch, round: int, claim: Claim) -> Decision[Dispatch]:
    """A partner took lines."""
    if not concerns(dispatch, round):
        return unchanged(dispatch)
    assert dispatch.call is not None, "there is a call to concern"
    others = tuple(one for one in dispatch.call.claims if one.id != claim.id)
    return decided(_with_claims(dispatch, (*others, claim)))


def note_release(dispatch: Dispatch, round: int, claim_id: UUID, *, reopened: bool) -> Decision[Dispatch]:
    """A partner gave its lines back: they are missing again, and a call that was covered is open again."""
    if not concerns(dispatch, round):
        return unchanged(dispatch)
    assert dispatch.call is not None, "there is a call to concern"
    left = _with_claims(dispatch, tuple(one for one in dispatch.call.claims if one.id != claim_id))
    if reopened and left.state is DispatchState.CLAIMED:
        left = left.moved(DispatchState.CALLED)
    return decided(left)


def note_cover(dispatch: Dispatch, round: int) -> Decision[Dispatch]:
    """Nothing of the need is missing: partners have it."""
    if not concerns(dispatch, round) or dispatch.state is DispatchState.CLAIMED:
        return unchanged(dispatch)
    return decided(dispatch.moved(DispatchState.CLAIMED))


def note_expiry(dispatch: Dispatch, round: int, *, at: datetime, limits: Limits) -> Decision[Dispatch]:
    """The call is over and the need is back with the unit that called, with a clock of its own."""
    if not concerns(dispatch, round):
        return unchanged(dispatch)
    return decided(call_ended(dispatch, EXPIRED, at=at, limits=limits))


def note_delivery(
    dispatch: Dispatch, round: int, partners: tuple[UUID, ...], people: tuple[str, ...]
) -> Decision[Dispatch]:
    """Every partner of the call says that its work is done: the acceptance check may begin.

    Not while more is asked for than they had heard of: then partners say that the call is open again.
    """
    if not concerns(dispatch, round) or dispatch.state is not DispatchState.CLAIMED:
        return unchanged(dispatch)
    if dispatch.call is not None and dispatch.call.awaits:
        return unchanged(dispatch)
    hands = dict.fromkeys((*dispatch.done_by, *(str(partner) for partner in partners), *people))
    return decided(dispatch.moved(DispatchState.TO_CHECK, done_by=tuple(hands), partners_did=True))


def _with_claims(dispatch: Dispatch, claims: tuple[Claim, ...]) -> Dispatch:
    assert dispatch.call is not None, "there is a call to concern"
    call = dispatch.call.model_copy(update={"claims": claims})
    return dispatch.but(call=call, money=dispatch.money.with_pledges(call.pledged()))
