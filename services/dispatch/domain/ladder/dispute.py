"""A refusal is disputed: the level above upholds or overrules it; its silence climbs."""

from __future__ import annotations

from datetime import datetime

from services.dispatch.domain.clocks.limits import Limits
from services.dispatch.domain.clocks.watch import watched
from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.duty import at_least, must_answer, must_see
from services.dispatch.domain.ground.unit import Unit
from services.dispatch.domain.ladder.recall import taken_back
from services.dispatch.domain.ladder.record import Dispute, Recalled
from services.dispatch.domain.ladder.whistle import NobodyAbove
from services.dispatch.domain.notes import keeps_note
from services.dispatch.domain.states import Clock, DispatchState, Level
from services.dispatch.domain.supervision.raising import supervise
from services.dispatch.domain.supervision.record import Cause
from services.dispatch.domain.words import Noted, PublicReason
from shared.calendar import Term
from shared.caller import Caller
from shared.contracts.from_dispatch import DisputeRuledV1, RefusalDisputedV1
from shared.entry import Decision, decided, unchanged
from shared.problems import RuleBroken


class NothingToDispute(RuleBroken):
    """Only the last refusal can be disputed, and only once."""


class DisputeRefusal(Noted):
    """`reason`: why the department has to do it."""

    reason: PublicReason


class RuleOnDispute(Noted):
    """Upheld: the asking level has the matter again. Overruled: the department has it and cannot refuse."""

    upheld: bool
    public_note: PublicReason


@keeps_note
def dispute(
    dispatch: Dispatch, command: DisputeRefusal, *, by: Caller, at: datetime, limits: Limits
) -> Decision[Dispatch]:
    """The level that asked does not accept the refusal. Raises NothingToDispute, NobodyAbove."""
    must_see(dispatch, by)
    if dispatch.dispute is not None and (dispatch.dispute.by, dispatch.dispute.reason) == (
        by.id,
        command.reason,
    ):
        return unchanged(dispatch)
    dispatch.must_be(DispatchState.ASSIGNED, DispatchState.IN_HANDLING)
    must_answer(dispatch, by, least=Level.COMMUNITY)
    last = dispatch.referrals[-1] if dispatch.referrals else None
    if last is None or last.accepted is not False or last.dispute is not None:
        raise NothingToDispute
    own = at_least(dispatch.level, Level.COMMUNITY)
    if own.above is None:
        raise NobodyAbove("The district is the highest level.", level=own.value)
    term = _term(dispatch, own.above, at, limits)
    disputed = _with_dispute(
        dispatch, Dispute(by=by.id, at=at, reason=command.reason, from_level=own, answer_by=term.end)
    ).moved(DispatchState.REFERRED, level=own.above, handled_by=None)
    told = RefusalDisputedV1(
        department=last.department, to_level=own.above, answer_by=term.end, reason=command.reason
    )
    return decided(disputed.with_limit(Clock.DISPUTE, term, at=at, reminder=limits.reminder), told)


@keeps_note
def rule_on(
    dispatch: Dispatch, command: RuleOnDispute, *, by: Caller, at: datetime, limits: Limits
) -> Decision[Dispatch]:
    """The level above decides, or a higher one in its stead; the word of who has it then is waited for.

    A refusal that is upheld was right, and counts for neither side.

    Raises NothingToDispute.
    """
    must_see(dispatch, by)
    last = dispatch.referrals[-1] if dispatch.referrals else None
    ruled = last.dispute if last else None
    if (
        dispatch.state is DispatchState.IN_HANDLING
        and ruled is not None
        and (ruled.ruled_by, ruled.upheld, ruled.ruling) == (by.id, command.upheld, command.public_note)
    ):
        return unchanged(dispatch)
    dispatch.must_be(DispatchState.REFERRED)
    if last is None or dispatch.dispute is None:
        raise NothingToDispute
    must_answer(dispatch, by)
    asking = dispatch.dispute.from_level
    done = dispatch.dispute.but(
        upheld=command.upheld, ruled_by=by.id, ruled_at=at, ruling=command.public_note
    )
    ruling = decided(_with_dispute(dispatch, done))
    if command.upheld:
        right = Recalled(by=by.id, at=at, reason=command.public_note)
        ruling = taken_back(ruling.state, ruling.state.referrals[-1], right, limits=limits)
    taken = ruling.state.moved(
        DispatchState.IN_HANDLING,
        level=asking,
        handled_by=asking.of(dispatch.area) if command.upheld else last.department,
        bound=dispatch.bound if command.upheld else tuple(dict.fromkeys((*dispatch.bound, last.department))),
    )
    told = DisputeRuledV1(department=last.department, upheld=command.upheld, note=command.public_note)
    return decided(watched(taken, at=at, limits=limits), told, *ruling.events)


def dispute_silent(dispatch: Dispatch, *, at: datetime, limits: Limits) -> Decision[Dispatch]:
    """Nobody decided in time: the next level has to; at the top supervision is raised, and the district still may."""
    waiting = dispatch.dispute
    if waiting is None:
        return decided(dispatch)
    above = dispatch.level.above
    if above is None:
        term = _term(dispatch, dispatch.level, at, limits)
        again = dispatch.with_limit(Clock.DISPUTE, term, at=at, reminder=limits.reminder)
        return supervise(again, Cause.SILENCE, at=at, limits=limits)
    term = _term(dispatch, above, at, limits)
    climbed = _with_dispute(dispatch, waiting.but(answer_by=term.end)).but(level=above)
    told = RefusalDisputedV1(
        department=dispatch.referrals[-1].department,
        to_level=above,
        answer_by=term.end,
        by_silence=True,
        reason=waiting.reason,
    )
    return decided(climbed.with_limit(Clock.DISPUTE, term, at=at, reminder=limits.reminder), told)


def _term(dispatch: Dispatch, level: Level, at: datetime, limits: Limits) -> Term:
    return Unit("", level).term(dispatch.urgency, dispatch.category, at, limits)


def _with_dispute(dispatch: Dispatch, changed: Dispute) -> Dispatch:
    last = dispatch.referrals[-1].but(dispute=changed)
    return dispatch.but(referrals=(*dispatch.referrals[:-1], last))
