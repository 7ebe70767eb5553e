"""The public notice of what was agreed: households may object, and nobody is bound before it is over."""

from __future__ import annotations

from datetime import datetime

from services.dispatch.domain.clocks.changed_calendar import OBJECTION
from services.dispatch.domain.clocks.limits import Limits
from services.dispatch.domain.clocks.watch import returned
from services.dispatch.domain.deliberation.consent import UnknownHousehold, bind, round_of
from services.dispatch.domain.deliberation.record import Notice, Objection, Round
from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.duty import must_answer, must_be_staff, must_see
from services.dispatch.domain.notes import keeps_note
from services.dispatch.domain.states import Clock, DispatchState, Level
from services.dispatch.domain.words import Flat, Noted, PublicReason, StaffReason
from shared.caller import Caller
from shared.contracts.from_dispatch import NoticeClosedV1, ObjectionAnsweredV1, ObjectionRaisedV1
from shared.entry import Decision, decided, unchanged
from shared.problems import NotFound, RuleBroken

NOT_ANSWERED = "nobody answered it in time"


class NotOnNotice(RuleBroken):
    """The result of this round is not on public notice, or not any more."""


class AlreadyObjected(RuleBroken):
    """This household has objected, or its objection was answered otherwise."""


class RaiseObjection(Noted):
    """`household` by the number of its flat."""

    household: Flat
    reason: StaffReason


class AnswerObjection(Noted):
    """Upheld: the result is void, and the next round may propose something else."""

    household: Flat
    upheld: bool
    reason: PublicReason


@keeps_note
def object_to(
    dispatch: Dispatch, number: int, command: RaiseObjection, *, by: Caller, at: datetime, limits: Limits
) -> Decision[Dispatch]:
    """A household objects while the notice lasts. The unit has its time to answer, if need be beyond the end.

    Raises NotFound, NotOnNotice, UnknownHousehold, AlreadyObjected.
    """
    must_see(dispatch, by)
    must_be_staff(by)
    round = round_of(dispatch, number)
    before = round.notice.of(command.household) if round.notice else None
    if before is not None and before.reason == command.reason:
        return unchanged(dispatch)
    dispatch.must_be(DispatchState.IN_DELIBERATION)
    notice = _open_notice(round)
    if at >= notice.until:
        raise NotOnNotice(f"It ended {notice.until.isoformat()}.", until=notice.until.isoformat())
    if command.household not in {household.id for household in round.households}:
        raise UnknownHousehold(command.household)
    if before is not None:
        raise AlreadyObjected(command.household)
    term = limits.calendar.term(at, limits.objection)
    objection = Objection(
        household=command.household,
        reason=command.reason,
        at=at,
        recorded_by=by.id,
        answer_by=term.end,
    )
    raised = notice.but(objections=(*notice.objections, objection))
    waits = _with_notice(dispatch, round, raised).with_span(f"{OBJECTION}/{command.household}", term, at=at)
    return decided(
        waits,
        ObjectionRaisedV1(number=number, objections=len(raised.objections)),
    )


@keeps_note
def answer_objector(
    dispatch: Dispatch, number: int, command: AnswerObjection, *, by: Caller, at: datetime, limits: Limits
) -> Decision[Dispatch]:
    """The unit answers with its reason. Raises NotFound, NotOnNotice, AlreadyObjected."""
    must_see(dispatch, by)
    round = round_of(dispatch, number)
    objection = round.notice.of(command.household) if round.notice else None
    if objection and (objection.upheld, objection.answer) == (command.upheld, command.reason):
        return unchanged(dispatch)
    dispatch.must_be(DispatchState.IN_DELIBERATION)
    must_answer(dispatch, by, least=Level.COMMUNITY)
    notice = _open_notice(round)
    if objection is None:
        raise NotFound
    if objection.upheld is not None:
        raise AlreadyObjected(command.household, upheld=objection.upheld)
    answered = notice.with_answer(command.household, command.upheld, command.reason, by.id, at)
    told = ObjectionAnsweredV1(number=number, upheld=command.upheld, reason=command.reason)
    if not command.upheld:
        return decided(_with_notice(dispatch, round, answered), told)
    void = _over(dispatch, round, answered, at=at, limits=limits)
    return Decision(void.state, (told, *void.events))


def notice_is_over(dispatch: Dispatch, *, at: datetime, limits: Limits) -> Decision[Dispatch]:
    """Its time has come. An objection that nobody has answered counts as upheld: nobody is bound over silence."""
    round = dispatch.on_notice
    if round is None or round.notice is None:
        return decided(dispatch)
    notice, told = round.notice, []
    for one in notice.objections:
        if one.upheld is None:
            notice = notice.with_answer(one.household, True, NOT_ANSWERED, None, at)
            told.append(ObjectionAnsweredV1(number=round.number, upheld=True, reason=NOT_ANSWERED))
    over = _over(dispatch, round, notice, at=at, limits=limits)
    return Decision(over.state, (*told, *over.events))


def _over(
    dispatch: Dispatch, round: Round, notice: Notice, *, at: datetime, limits: Limits
) -> Decision[Dispatch]:
    stands = not any(one.upheld for one in notice.objections)
    closed = round.but(notice=notice.but(closed_at=at, stands=stands))
    dispatch = dispatch.with_round(closed).with_clock(Clock.NOTICE, None)
    told = NoticeClosedV1.of(closed, stands=stands, objections=len(notice.objections))
    after = (
        bind(dispatch, closed, at=at, limits=limits) if stands else returned(dispatch, at=at, limits=limits)
    )
    return decided(after, told)


def _open_notice(round: Round) -> Notice:
    if round.notice is None or round.notice.closed_at is not None:
        raise NotOnNotice(f"Round {round.number} is not on notice.")
    return round.notice


def _with_notice(dispatch: Dispatch, round: Round, notice: Notice) -> Dispatch:
    noted = dispatch.with_round(round.but(notice=notice))
    due = {**noted.due, Clock.NOTICE.value: notice.lasts_until}  # what it is counted of stays
    return noted.but(due=due)
