"""What was asked is taken back, with a reason: it was sent to the wrong one, and counts for neither side.

Whoever asked may do it, or a level above; what a routing rule sent, the level that it would have begun with. Who asked
a department may also say afterwards that its refusal was right.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field

from services.dispatch.domain.clocks.limits import Limits
from services.dispatch.domain.clocks.watch import watched
from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.duty import must_answer, must_see
from services.dispatch.domain.ground.unit import unit_called
from services.dispatch.domain.ladder.joint import NotCalled, clock_for, gone_on
from services.dispatch.domain.ladder.record import Recalled, Referral, Whistle, sent_by_rule
from services.dispatch.domain.notes import keeps_note
from services.dispatch.domain.states import DispatchState, Level
from services.dispatch.domain.supervision.raising import no_cause_any_more
from services.dispatch.domain.supervision.record import Cause
from services.dispatch.domain.words import Noted, PublicReason
from shared.caller import Caller
from shared.command import Code
from shared.contracts.from_dispatch import ReferralRecalledV1, WhistleRecalledV1
from shared.entry import Decision, decided, unchanged
from shared.problems import RuleBroken

_S = DispatchState


class NothingToRecall(RuleBroken):
    """Nobody was asked, or who was asked has answered, or was silent and the level above was called."""


class RecallReferral(Noted):
    """`reason`: why this department was the wrong one."""

    reason: PublicReason


class RecallWhistle(Noted):
    """`units`: only those of a joint whistle are called off; all that are waited for when it is left out."""

    reason: PublicReason
    units: Annotated[tuple[Code, ...], Field(max_length=10)] = ()


@keeps_note
def recall_referral(
    dispatch: Dispatch, command: RecallReferral, *, by: Caller, at: datetime, limits: Limits
) -> Decision[Dispatch]:
    """Unanswered, or in dispute: the level that asked has it in hand again. Refused: the refusal was right.

    Raises NothingToRecall.
    """
    must_see(dispatch, by)
    last = dispatch.referrals[-1] if dispatch.referrals else None
    if last and last.recalled and (last.recalled.by, last.recalled.reason) == (by.id, command.reason):
        return unchanged(dispatch)
    dispatch.must_be(_S.REFERRED, _S.ASSIGNED, _S.IN_HANDLING)
    waits = dispatch.state is _S.REFERRED
    if last is None or last.recalled or not (waits or last.may_be_excused):
        raise NothingToRecall
    asking = _asking(dispatch, last)
    must_answer(dispatch.but(level=asking), by)
    recalled = Recalled(by=by.id, at=at, reason=command.reason)
    excused = taken_back(dispatch, last, recalled, limits=limits)
    if not waits:
        return excused
    taken = excused.state.moved(_S.IN_HANDLING, level=asking, handled_by=asking.of(dispatch.area))
    return Decision(watched(taken, at=at, limits=limits), excused.events)


def _asking(dispatch: Dispatch, referral: Referral) -> Level:
    """The level that asked, which has the matter again when it is taken back."""
    if referral.dispute is not None and dispatch.state is _S.REFERRED:
        return referral.dispute.from_level
    if dispatch.state is _S.REFERRED and sent_by_rule(referral) and dispatch.routed is not None:
        lowest = Level.COMMUNITY if dispatch.in_no_grid else Level.GRID
        return max(lowest, dispatch.routed.level, key=lambda level: level.rank)
    return max(dispatch.level, Level.COMMUNITY, key=lambda level: level.rank)


def taken_back(
    dispatch: Dispatch, referral: Referral, recalled: Recalled, *, limits: Limits
) -> Decision[Dispatch]:
    """The referral counts for neither side any more; with its refusal goes what was only raised by it."""
    dispute = referral.dispute
    if dispute is not None and dispute.upheld is None:
        dispute = dispute.but(upheld=True, ruled_by=recalled.by, ruled_at=recalled.at, ruling=recalled.reason)
    changed = referral.but(recalled=recalled, dispute=dispute)
    refusals = dispatch.refusals - (referral.accepted is False)
    excused = _known_to_those_who_need_it(
        dispatch.but(
            referrals=tuple(changed if one is referral else one for one in dispatch.referrals),
            refusals=refusals,
        ),
        referral.department,
    )
    told = ReferralRecalledV1(department=referral.department, reason=recalled.reason, refusals=refusals)
    if referral.accepted is not False or refusals >= limits.strikes:
        return decided(excused, told)
    ended = no_cause_any_more(excused, Cause.REFUSALS, result=recalled.reason, at=recalled.at)
    return decided(ended.state, told, *ended.events)


def _known_to_those_who_need_it(dispatch: Dispatch, department: str) -> Dispatch:
    """Whom it was sent to by mistake reads it no more, unless it has to do with it in another way."""
    whistles = (*dispatch.earlier_whistles, *([dispatch.whistle] if dispatch.whistle else ()))
    concerned = (
        *(one.department for one in dispatch.referrals if one.recalled is None),
        *(one.unit for whistle in whistles for one in whistle.units if one.recalled is None),
        *(one.unit for one in dispatch.tasks),
        *(dispatch.handled_by, dispatch.lead, *dispatch.bound, *dispatch.done_by),
    )
    if department in concerned:
        return dispatch
    return dispatch.but(departments=tuple(one for one in dispatch.departments if one != department))


@keeps_note
def recall_whistle(
    dispatch: Dispatch, command: RecallWhistle, *, by: Caller, at: datetime, limits: Limits
) -> Decision[Dispatch]:
    """The level that called has it in hand again; what was answered or missed before stays so.

    Raises NothingToRecall, NotCalled.
    """
    must_see(dispatch, by)
    last = dispatch.whistle
    if last and last.recalled and (last.recalled.by, last.recalled.reason) == (by.id, command.reason):
        return unchanged(dispatch)
    dispatch.must_be(_S.WHISTLED)
    blown = _blown(dispatch)
    if last is None or blown is None:
        raise NothingToRecall
    must_answer(dispatch.but(level=blown.from_level), by)
    recalled = Recalled(by=by.id, at=at, reason=command.reason)
    if last.units:
        return _units_called_off(dispatch, last, command, recalled, limits=limits)
    if command.units:
        raise NotCalled
    back = called_off(dispatch, last, recalled)
    asking = blown.from_level
    taken = back.state.moved(_S.IN_HANDLING, level=asking, handled_by=asking.of(dispatch.area))
    told = WhistleRecalledV1(level=asking, units=_waited_for(dispatch, last), reason=command.reason)
    return decided(watched(taken, at=at, limits=limits), told)


def called_off(dispatch: Dispatch, whistle: Whistle, recalled: Recalled) -> Decision[Dispatch]:
    """The whistle that waits counts for neither side any more; of several units nobody has come yet."""
    units = tuple(one.but(recalled=recalled) if one.waits else one for one in whistle.units)
    changed = whistle.but(recalled=recalled, units=units)
    told = WhistleRecalledV1(
        level=whistle.from_level, units=_waited_for(dispatch, whistle), reason=recalled.reason
    )
    whole = all(one.recalled for one in units)  # who was silent before was, and the whistle with it
    return decided(dispatch.but(whistle=changed, whistles=dispatch.whistles - whole), told)


def _waited_for(dispatch: Dispatch, whistle: Whistle) -> tuple[str, ...]:
    if whistle.units:
        return tuple(one.unit for one in whistle.units if one.waits)
    return (whistle.to_level.of(dispatch.area),)


def _units_called_off(
    dispatch: Dispatch, whistle: Whistle, command: RecallWhistle, recalled: Recalled, *, limits: Limits
) -> Decision[Dispatch]:
    named = {unit_called(name, dispatch.area) for name in command.units}
    off = [one for one in whistle.units if one.waits and (not named or one.unit in named)]
    if len(off) < len(named):
        raise NotCalled
    if not off:
        raise NothingToRecall
    units = tuple(one.but(recalled=recalled) if one in off else one for one in whistle.units)
    waiting = sum(one.waits for one in units)
    told = WhistleRecalledV1(
        level=whistle.from_level,
        units=tuple(one.unit for one in off),
        reason=recalled.reason,
        waiting=waiting,
    )
    changed = whistle.but(units=units)
    if all(one.recalled for one in units):
        changed, dispatch = changed.but(recalled=recalled), dispatch.but(whistles=dispatch.whistles - 1)
    if not waiting:
        taken, _ = gone_on(dispatch, changed, recalled.by, recalled.at, recalled.reason, limits=limits)
        return decided(taken, told)
    rest = dispatch.but(whistle=changed)
    for one in off:
        rest = rest.with_clock(clock_for(one.unit), None)
    return decided(rest, told)


def _blown(dispatch: Dispatch) -> Whistle | None:
    """The whistle that somebody blew, and that silence has carried on since. None: nobody did, time has."""
    last = () if dispatch.whistle is None else (dispatch.whistle,)
    for whistle in reversed(dispatch.earlier_whistles + last):
        if whistle.answered_at is not None or whistle.recalled:
            return None
        if not whistle.by_silence:
            return whistle
    return None
