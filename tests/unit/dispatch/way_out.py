"""What whoever must act now does, so that a dispatch comes to an honest end."""

from __future__ import annotations

from datetime import datetime

from services.dispatch.clock import strike
from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.ladder.dispute import RuleOnDispute, rule_on
from services.dispatch.domain.ladder.referral import AnswerReferral, respond
from services.dispatch.domain.states import WITH_PARTNERS, Clock, DispatchState
from services.dispatch.domain.works.closing import close_silent
from services.dispatch.domain.works.handling import DeliverWork, deliver
from services.dispatch.domain.works.tasks import CancelTask, cancel_task
from shared.caller import Caller, Role
from shared.contracts.from_evaluation import EvaluationLapsedV1
from tests.unit.dispatch.situations import commands
from tests.unit.dispatch.stories import DISTRICT, LIMITS, heard

COLLEAGUE = Caller("district-shibei-2", Role.DISTRICT, area="370203")  # who has done nothing of the work


def towards_the_end(it: Dispatch, at: datetime) -> Dispatch:
    """One step of it."""
    if it.paused is not None:  # with a reason and an end
        return strike(it, Clock.PAUSE, it.paused.until, limits=LIMITS).state
    task = next((one for one in it.tasks if one.ended is None), None)
    if task is not None and it.state not in WITH_PARTNERS:
        return cancel_task(it, task.number, CancelTask(reason="not needed"), by=DISTRICT, at=at).state
    return _next_step(it, at)


def _next_step(it: Dispatch, at: datetime) -> Dispatch:
    asked = commands(by=DISTRICT, at=at)
    match it.state:
        case DispatchState.WHISTLED:
            called = it.whistle and it.whistle.units
            return asked["whistle/end" if called else "whistle/answer"](it).state
        case DispatchState.REFERRED:
            return _department_or_dispute_answered(it, at)
        case DispatchState.CALLED | DispatchState.CLAIMED:
            return asked["call/withdrawal"](it).state
        case DispatchState.IN_HANDLING:
            return _done_or_closed(it, at)
        case DispatchState.TO_CHECK:
            return commands(by=COLLEAGUE, at=at)["check"](it).state
        case DispatchState.MERGED:
            return asked["unbinding"](it).state
        case DispatchState.TO_EVALUATE:
            return close_silent(it, heard(EvaluationLapsedV1(round=1), at=at)).state
        case _:
            return asked["closure"](it).state


def _done_or_closed(it: Dispatch, at: datetime) -> Dispatch:
    """What a department has it delivers; no level closes that, but the district what it supervises."""
    if it.supervision is None and it.handled_by in it.departments:
        officer = Caller("officer", Role.DEPARTMENT, department=it.handled_by)
        return deliver(it, DeliverWork(), by=officer, at=at, limits=LIMITS).state
    return commands(by=DISTRICT, at=at)["closure"](it).state


def _department_or_dispute_answered(it: Dispatch, at: datetime) -> Dispatch:
    if it.dispute is not None:
        return rule_on(
            it, RuleOnDispute(upheld=True, public_note="so"), by=DISTRICT, at=at, limits=LIMITS
        ).state
    asked = it.referrals[-1].department
    officer = Caller("officer", Role.DEPARTMENT, department=asked)
    yes, no = AnswerReferral(accepted=True), AnswerReferral(accepted=False, reason="out_of_remit", rule="§ 3")
    return respond(it, yes if asked in it.bound else no, by=officer, at=at, limits=LIMITS).state
