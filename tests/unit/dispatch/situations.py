"""One dispatch in every situation, and every command: each of the one meets each of the other."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache, partial
from typing import Any

from services.dispatch.domain.clocks.pause import (
    AnswerTimeRequest,
    AskForTime,
    Resume,
    answer_time_request,
    ask_for_time,
    resume,
)
from services.dispatch.domain.clocks.question import AskResident, ask_resident
from services.dispatch.domain.deliberation.consent import (
    RecordConsents,
    record,
    settle,
)
from services.dispatch.domain.deliberation.notice import (
    AnswerObjection,
    RaiseObjection,
    answer_objector,
    object_to,
)
from services.dispatch.domain.deliberation.payment import RecordPayment, pay, pay_back
from services.dispatch.domain.deliberation.rounds import propose
from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.ground.ground import Ground
from services.dispatch.domain.ground.territory import Found
from services.dispatch.domain.ladder.assignment import AssignDispatch, assign
from services.dispatch.domain.ladder.deadlock import AskSupervision, DeclareDeadlock, declare, hand_up
from services.dispatch.domain.ladder.dispute import DisputeRefusal, RuleOnDispute, dispute, rule_on
from services.dispatch.domain.ladder.joint import EndWhistle, end_whistle
from services.dispatch.domain.ladder.recall import (
    RecallReferral,
    RecallWhistle,
    recall_referral,
    recall_whistle,
)
from services.dispatch.domain.ladder.referral import AnswerReferral, ReferToDepartment, refer, respond
from services.dispatch.domain.ladder.whistle import AnswerWhistle, BlowWhistle, answer, blow
from services.dispatch.domain.place.moving import transfer
from services.dispatch.domain.supervision.directing import (
    CloseSupervision,
    DirectSupervision,
    close_supervision,
    direct,
)
from services.dispatch.domain.supervision.raising import supervise
from services.dispatch.domain.supervision.record import Cause
from services.dispatch.domain.words import Noted
from services.dispatch.domain.works.binding import UnbindDuplicate, unbind
from services.dispatch.domain.works.call import WithdrawCall, end_call, open_call
from services.dispatch.domain.works.changing import change
from services.dispatch.domain.works.checking import CheckWork, check
from services.dispatch.domain.works.closing import CloseDispatch, close, close_silent
from services.dispatch.domain.works.handling import DeliverWork, ReportHandling, deliver, report
from services.dispatch.domain.works.lead import NameLead, name_lead
from services.dispatch.domain.works.reopening import reopen
from services.dispatch.domain.works.tasks import (
    CancelTask,
    FinishTask,
    cancel_task,
    finish_task,
    give_task,
)
from shared.caller import Caller
from shared.contracts.from_evaluation import EvaluationLapsedV1
from shared.contracts.from_intake import OrderReopenedV1
from shared.entry import Decision
from tests.unit.dispatch.stories import (
    ALL_AGREE,
    COMMUNITY,
    DEPARTMENTS,
    DISTRICT,
    ELSEWHERE,
    FENCE,
    GRID_WORKER,
    LIMITS,
    MORE_CREW,
    NEED,
    NOW,
    ORDER,
    PAID,
    PARTNER,
    PROPOSAL,
    RACK,
    REST,
    SEWAGE,
    TOGETHER,
    Command,
    after_notice,
    covered,
    delivered,
    heard,
    in_community,
    later,
    opened,
    territory,
)


@cache
def situations() -> dict[str, Dispatch]:
    """One dispatch in every state; of some states more than one kind."""
    received = opened()
    assigned = assign(received, AssignDispatch(), by=GRID_WORKER, at=NOW, limits=LIMITS).state
    handling = in_community()
    refer_it = ReferToDepartment(department="sewage")
    referred = refer(handling, refer_it, departments=DEPARTMENTS, by=COMMUNITY, at=NOW, limits=LIMITS).state
    no = AnswerReferral(accepted=False, reason="out_of_remit", rule="§ 12")
    refused = respond(referred, no, by=SEWAGE, at=NOW, limits=LIMITS).state
    stuck = declare(handling, DeclareDeadlock(reason="nobody"), by=COMMUNITY, at=NOW, limits=LIMITS).state
    discussing = propose(stuck, PROPOSAL, by=COMMUNITY, at=NOW, limits=LIMITS).state
    noticed = settle(discussing, 1, ALL_AGREE, by=COMMUNITY, at=NOW, limits=LIMITS).state
    against = RaiseObjection(household="1-102", reason="too dear")
    objected = object_to(noticed, 1, against, by=GRID_WORKER, at=NOW, limits=LIMITS).state
    agreed = after_notice(noticed)
    called = open_call(agreed, NEED, by=COMMUNITY, at=NOW, limits=LIMITS).state
    claimed = covered(called)
    to_check = delivered(claimed)
    closed = close(
        handling,
        CloseDispatch(outcome="out_of_remit", public_note="a matter of the court", rule="§ 2"),
        by=COMMUNITY,
        at=NOW,
        limits=LIMITS,
    ).state
    return {
        "unknown": Dispatch(),
        "received": received,
        "assigned": assigned,
        "whistled": blow(received, BlowWhistle(), by=GRID_WORKER, at=NOW, limits=LIMITS).state,
        "whistled, together": blow(
            handling, TOGETHER, departments=DEPARTMENTS, by=COMMUNITY, at=NOW, limits=LIMITS
        ).state,
        "referred": referred,
        "in_handling": handling,
        "referred, disputed": dispute(
            refused, DisputeRefusal(reason="it is theirs"), by=COMMUNITY, at=NOW, limits=LIMITS
        ).state,
        "in_handling, refused": refused,
        "in_handling, split": give_task(
            handling, FENCE, departments=DEPARTMENTS, by=COMMUNITY, at=NOW, limits=LIMITS
        ).state,
        "in_handling, supervised": supervise(handling, Cause.SILENCE, at=NOW, limits=LIMITS).state,
        "in_handling, time asked": ask_for_time(handling, REST, by=COMMUNITY, at=NOW, limits=LIMITS).state,
        "in_handling, paused": ask_resident(
            handling, AskResident(question="since when?"), by=COMMUNITY, at=NOW, limits=LIMITS
        ).state,
        "deadlocked": stuck,
        "in_deliberation, discussing": discussing,
        "in_deliberation, on notice": noticed,
        "in_deliberation, objected": objected,
        "in_deliberation, agreed": agreed,
        "called": called,
        "claimed": claimed,
        "claimed, paid": pay(claimed, PAID, by=COMMUNITY, at=NOW, limits=LIMITS).state,
        "to_check": to_check,
        "to_check, by the unit": deliver(handling, DeliverWork(), by=COMMUNITY, at=NOW, limits=LIMITS).state,
        "to_evaluate": check(to_check, CheckWork(passed=True), by=COMMUNITY, at=NOW, limits=LIMITS).state,
        "merged": close(
            handling,
            CloseDispatch(outcome="duplicate", public_note="the same pipe", duplicate_of=ORDER),
            original=received,
            by=COMMUNITY,
            at=NOW,
            limits=LIMITS,
        ).state,
        "closed": closed,
        "in_handling, reopened": reopened(closed),
        "in_handling, reopened after work": reopened(worked(called)),
    }


def worked(called: Dispatch) -> Dispatch:
    """Households paid, partners did it, it passed its check, and nobody said anything."""
    done = delivered(covered(pay(called, PAID, by=COMMUNITY, at=NOW, limits=LIMITS).state))
    passed = check(done, CheckWork(passed=True), by=COMMUNITY, at=NOW, limits=LIMITS).state
    return close_silent(passed, heard(EvaluationLapsedV1(round=1))).state


def reopened(closed: Dispatch, number: int = 1) -> Dispatch:
    """Opened again by its resident."""
    again = heard(OrderReopenedV1(number=number, reason="came_back"), at=NOW)
    return reopen(closed, again, ground=Ground(territory()), limits=LIMITS).state


ASIDE = "between ourselves"  # the word of every command that stays with the staff


def noted(asked: Any) -> Any:
    """What is asked for, with a note that stays with the staff where it takes one."""
    return asked.model_copy(update={"note": ASIDE}) if isinstance(asked, Noted) else asked


def commands(by: Caller = DISTRICT, officer: Caller = SEWAGE, at: datetime = NOW) -> dict[str, Command]:
    """Every command, asked by somebody who may do it at any level."""

    def with_limits(rule: Callable[..., Decision[Dispatch]], *asked: Any, who: Caller = by) -> Command:
        return lambda dispatch: rule(dispatch, *map(noted, asked), by=who, at=at, limits=LIMITS)

    return {
        "transfer": with_limits(partial(transfer, ground=Ground(territory())), ELSEWHERE),
        "assignment": lambda dispatch: assign(
            dispatch, AssignDispatch(to="grid-worker-07"), by=by, at=at, limits=LIMITS
        ),
        "whistle": with_limits(blow, BlowWhistle(public_note="come")),
        "whistle, together": lambda dispatch: blow(
            dispatch,
            noted(TOGETHER.model_copy(update={"public_note": "all of you", "units": TOGETHER.units[:2]})),
            departments=DEPARTMENTS,
            by=by,
            at=at,
            limits=LIMITS,
        ),
        "whistle/end": with_limits(end_whistle, EndWhistle(public_note="enough")),
        "whistle/answer": with_limits(answer, AnswerWhistle(measures="soon")),
        "referral": lambda dispatch: refer(
            dispatch,
            noted(ReferToDepartment(department="sewage", public_note="please")),
            departments=DEPARTMENTS,
            by=by,
            at=at,
            limits=LIMITS,
        ),
        "referral/answer": with_limits(
            respond, AnswerReferral(accepted=False, reason="out_of_remit", rule="§ 3"), who=officer
        ),
        **unit_commands(by, at),
        "deadlock": with_limits(declare, DeclareDeadlock(reason="nobody is responsible")),
        "deadlock/supervision": with_limits(hand_up, AskSupervision()),
        "rounds": with_limits(propose, PROPOSAL.model_copy(update={"proposal": "another pipe"})),
        "rounds/1/consents": lambda dispatch: record(
            dispatch, 1, RecordConsents(consents=ALL_AGREE.consents[:1]), by=by, at=at
        ),
        "rounds/1/result": with_limits(settle, 1, ALL_AGREE.model_copy(update={"subsidies": 1})),
        "rounds/1/objections": with_limits(
            object_to, 1, RaiseObjection(household="1-101", reason="too much")
        ),
        "rounds/1/objections/answer": with_limits(
            answer_objector, 1, AnswerObjection(household="1-102", upheld=False, reason="as was agreed")
        ),
        "call": lambda dispatch: open_call(
            dispatch,
            noted((NEED if dispatch.money.gap else RACK).model_copy(update={"offered_to": (PARTNER,)})),
            by=by,
            at=at,
            limits=LIMITS,
        ),
        "call/changes": with_limits(change, MORE_CREW),
        "call/withdrawal": with_limits(end_call, WithdrawCall(reason="not now")),
        "delivery": lambda dispatch: deliver(
            dispatch, noted(DeliverWork(public_note="done")), by=by, at=at, limits=LIMITS
        ),
        "check": with_limits(check, CheckWork(passed=True, public_note="good")),
        **endings(by, at),
    }


def endings(by: Caller, at: datetime) -> dict[str, Command]:
    """How it is ended, or bound to another one."""
    return {
        "unbinding": lambda dispatch: unbind(
            dispatch,
            noted(UnbindDuplicate(reason="another pipe")),
            found=Found(dispatch.area),
            by=by,
            at=at,
            limits=LIMITS,
        ),
        "closure, duplicate": lambda dispatch: close(
            dispatch,
            noted(CloseDispatch(outcome="duplicate", public_note="the same fence", duplicate_of=ORDER)),
            original=opened(),
            by=by,
            at=at,
            limits=LIMITS,
        ),
        "closure, partly": lambda dispatch: close(
            dispatch,
            noted(CloseDispatch(outcome="partly", public_note="half of it")),
            by=by,
            at=at,
            limits=LIMITS,
        ),
        "closure": lambda dispatch: close(
            dispatch,
            noted(CloseDispatch(outcome="not_solved", public_note="it cannot be")),
            by=by,
            at=at,
            limits=LIMITS,
        ),
    }


def unit_commands(by: Caller, at: datetime) -> dict[str, Command]:
    """What units are asked to do, and what the district watches."""

    def with_limits(rule: Callable[..., Decision[Dispatch]], *asked: Any) -> Command:
        return lambda dispatch: rule(dispatch, *map(noted, asked), by=by, at=at, limits=LIMITS)

    return {
        "payments": with_limits(pay, RecordPayment(household="1-102", fen=5, receipt="0002")),
        "payments/returns": with_limits(pay_back, RecordPayment(household="1-101", fen=5, receipt="0003")),
        "reports": with_limits(report, ReportHandling(public_note="the pump is there")),
        "questions": with_limits(ask_resident, AskResident(question="which floor?")),
        "time-requests": with_limits(
            ask_for_time, AskForTime(kind="pause", reason="frost", until=at + timedelta(days=9))
        ),
        "time-requests/answer": with_limits(answer_time_request, AnswerTimeRequest(granted=True)),
        "resumption": with_limits(resume, Resume()),
        "referral/recall": with_limits(recall_referral, RecallReferral(reason="the wrong one")),
        "whistle/recall": with_limits(recall_whistle, RecallWhistle(reason="not needed")),
        "referral/dispute": with_limits(dispute, DisputeRefusal(reason="it is in your remit")),
        "referral/dispute/ruling": with_limits(
            rule_on, RuleOnDispute(upheld=False, public_note="they do it")
        ),
        "lead": with_limits(partial(name_lead, departments=DEPARTMENTS), NameLead(unit="sewage")),
        "tasks": with_limits(
            partial(give_task, departments=DEPARTMENTS), FENCE.model_copy(update={"title": "a sign"})
        ),
        "tasks/1/result": lambda dispatch: finish_task(
            dispatch, 1, noted(FinishTask(public_note="done")), by=by, at=at
        ),
        "tasks/1/cancellation": lambda dispatch: cancel_task(
            dispatch, 1, noted(CancelTask(reason="no need")), by=by, at=at
        ),
        "supervision": with_limits(
            partial(direct, departments=DEPARTMENTS),
            DirectSupervision(unit="sewage", measures="a new pipe", due=later(days=2)),
        ),
        "supervision/result": lambda dispatch: close_supervision(
            dispatch, noted(CloseSupervision(result="it goes on")), by=by, at=at
        ),
    }
