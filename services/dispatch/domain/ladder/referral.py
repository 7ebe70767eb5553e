"""A department is asked to act; it accepts, or refuses with a reason and the rule that rests on."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from pydantic import model_validator

from services.dispatch.domain.clocks.limits import Limits
from services.dispatch.domain.clocks.watch import watched
from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.duty import at_least, must_answer, must_see
from services.dispatch.domain.ground.department import Department, find_department
from services.dispatch.domain.ground.unit import Unit
from services.dispatch.domain.ladder.record import Referral
from services.dispatch.domain.ladder.whistle import climb
from services.dispatch.domain.notes import keeps_note
from services.dispatch.domain.states import Clock, DispatchState, Level
from services.dispatch.domain.supervision.raising import supervise, then_supervise
from services.dispatch.domain.supervision.record import Cause
from services.dispatch.domain.words import Noted, PublicNote
from shared.caller import Caller
from shared.command import Code
from shared.contracts.from_dispatch import ReferralAnsweredV1, ReferralMadeV1, ReminderSentV1
from shared.entry import Decision, decided, unchanged
from shared.problems import NotAllowed, RuleBroken


class NotYourReferral(NotAllowed):
    """Another department is asked now."""


class TooManyReferrals(RuleBroken):
    """Enough departments were asked; another way out is needed."""


class Disputed(RuleBroken):
    """The refusal is disputed: the level above decides."""


class CannotRefuse(RuleBroken):
    """The department was overruled or leads: it cannot refuse."""


class ReferToDepartment(Noted):
    department: Code
    public_note: PublicNote = ""


class AnswerReferral(Noted):
    """A refusal needs a reason code, e.g. `out_of_remit`, and the rule that it rests on."""

    accepted: bool
    reason: Code | None = None
    rule: PublicNote = ""

    @model_validator(mode="after")
    def _reasoned(self) -> Self:
        if self.accepted and (self.reason or self.rule):
            raise ValueError("reason and rule belong to a refusal")
        if not self.accepted and not (self.reason and self.rule):
            raise ValueError("a refusal needs its reason and the rule it rests on")
        return self


@keeps_note
def refer(
    dispatch: Dispatch,
    command: ReferToDepartment,
    *,
    departments: tuple[Department, ...],
    by: Caller,
    at: datetime,
    limits: Limits,
) -> Decision[Dispatch]:
    """Ask a department. Communities and higher levels may. Raises UnknownDepartment, TooManyReferrals."""
    must_see(dispatch, by)
    department = find_department(departments, command.department)
    asked = dispatch.referrals[-1] if dispatch.state is DispatchState.REFERRED else None
    if asked and (asked.department, asked.by, asked.note) == (department.id, by.id, command.public_note):
        return unchanged(dispatch)
    dispatch.must_be(DispatchState.ASSIGNED, DispatchState.IN_HANDLING)
    must_answer(dispatch, by, least=Level.COMMUNITY)
    if len(dispatch.referrals) >= limits.referrals:
        raise TooManyReferrals(f"It was referred {len(dispatch.referrals)} times.")
    return ask(dispatch, department, by=by.id, note=command.public_note, at=at, limits=limits)


def ask(
    dispatch: Dispatch, department: Department, *, by: str, note: str, at: datetime, limits: Limits
) -> Decision[Dispatch]:
    """Its answer is waited for from now on; a person asks, or a routing rule does."""
    unit = Unit(department.id, None, department.answer_limit)
    answer_by = unit.term(dispatch.urgency, dispatch.category, at, limits)
    referral = Referral(department=department.id, by=by, at=at, answer_by=answer_by.end, note=note)
    known = dispatch.departments
    referred = dispatch.moved(
        DispatchState.REFERRED,
        referrals=(*dispatch.referrals, referral),
        departments=known if department.id in known else (*known, department.id),
        level=at_least(dispatch.level, Level.COMMUNITY),
        handled_by=None,
    ).with_limit(Clock.REFERRAL, answer_by, at=at, reminder=limits.reminder)
    return decided(referred, ReferralMadeV1.of(referral))


@keeps_note
def respond(
    dispatch: Dispatch, command: AnswerReferral, *, by: Caller, at: datetime, limits: Limits
) -> Decision[Dispatch]:
    """Only the department that is asked may answer. Refusals are counted; too many raise supervision.

    Raises NotYourReferral, Disputed, CannotRefuse.
    """
    must_see(dispatch, by)
    asked = dispatch.referrals[-1] if dispatch.referrals else None
    if (
        dispatch.state is DispatchState.IN_HANDLING
        and asked is not None
        and (asked.department, asked.accepted, asked.reason, asked.rule)
        == (by.department, command.accepted, command.reason, command.rule)
    ):
        return unchanged(dispatch)
    dispatch.must_be(DispatchState.REFERRED)
    assert asked is not None, "a dispatch is referred by a referral"
    if by.department != asked.department:
        raise NotYourReferral(department=asked.department)
    if dispatch.dispute is not None:
        raise Disputed(until=dispatch.dispute.answer_by.isoformat())
    if not command.accepted and asked.department in dispatch.bound:
        raise CannotRefuse
    refusals = dispatch.refusals + (not command.accepted)
    taken = dispatch.moved(
        DispatchState.IN_HANDLING,
        referrals=_answered(
            dispatch, accepted=command.accepted, reason=command.reason, rule=command.rule, answered_at=at
        ),
        refusals=refusals,
        handled_by=asked.department if command.accepted else dispatch.level.of(dispatch.area),
    )
    told = ReferralAnsweredV1.of(command, department=asked.department, refusals=refusals)
    decision = decided(watched(taken, at=at, limits=limits), told)
    if refusals < limits.strikes:
        return decision
    return then_supervise(decision, Cause.REFUSALS, at=at, limits=limits)


def department_silent(dispatch: Dispatch, *, at: datetime, limits: Limits) -> Decision[Dispatch]:
    """A department's silence is silence: the level above the one that asked is whistled to.

    When the district itself had asked there is nobody above: it has the matter in hand again, and is supervised. Where
    it is for silence already it is reminded: everybody hears by that that the department is not asked any more.
    """
    noted = dispatch.but(referrals=_answered(dispatch, silent=True))
    if noted.level.above is not None:
        return climb(noted, at=at, limits=limits)
    back = noted.moved(DispatchState.IN_HANDLING, handled_by=noted.level.of(noted.area))
    raised = supervise(watched(back, at=at, limits=limits), Cause.SILENCE, at=at, limits=limits)
    if raised.events:
        return raised
    ends = raised.state.due[Clock.HANDLING]
    return decided(raised.state, ReminderSentV1(clock=Clock.HANDLING, level=raised.state.level, ends=ends))


def _answered(dispatch: Dispatch, **answer: object) -> tuple[Referral, ...]:
    return (*dispatch.referrals[:-1], dispatch.referrals[-1].but(**answer))
