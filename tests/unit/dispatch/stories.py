"""People, places and one dispatch in every situation, made by the rules themselves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from typing import Any
from uuid import UUID

from services.dispatch.clock import strike
from services.dispatch.domain.clocks.limits import Limits
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
    CloseRound,
    ConsentIn,
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
from services.dispatch.domain.deliberation.record import Consent
from services.dispatch.domain.deliberation.rounds import HouseholdIn, OpenRound, propose
from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.ground.department import Department
from services.dispatch.domain.ground.territory import Found, Territory
from services.dispatch.domain.ladder.assignment import AssignDispatch, assign
from services.dispatch.domain.ladder.deadlock import AskSupervision, DeclareDeadlock, declare, hand_up
from services.dispatch.domain.ladder.dispute import DisputeRefusal, RuleOnDispute, dispute, rule_on
from services.dispatch.domain.ladder.joint import EndWhistle, end_whistle
from services.dispatch.domain.ladder.referral import AnswerReferral, ReferToDepartment, refer, respond
from services.dispatch.domain.ladder.whistle import AnswerWhistle, BlowWhistle, answer, blow
from services.dispatch.domain.place.moving import TransferDispatch, transfer
from services.dispatch.domain.place.opening import open_dispatch
from services.dispatch.domain.supervision.directing import (
    CloseSupervision,
    DirectSupervision,
    close_supervision,
    direct,
)
from services.dispatch.domain.supervision.raising import supervise
from services.dispatch.domain.supervision.record import Cause
from services.dispatch.domain.words import Name
from services.dispatch.domain.works.call import CallPartners, LineIn, WithdrawCall, end_call, open_call
from services.dispatch.domain.works.changing import ChangeCall, change
from services.dispatch.domain.works.checking import CheckWork, check
from services.dispatch.domain.works.claims import note_claim, note_cover, note_delivery
from services.dispatch.domain.works.closing import CloseDispatch, close
from services.dispatch.domain.works.handling import DeliverWork, ReportHandling, deliver, report
from services.dispatch.domain.works.lead import NameLead, name_lead
from services.dispatch.domain.works.tasks import (
    CancelTask,
    FinishTask,
    GiveTask,
    cancel_task,
    finish_task,
    give_task,
)
from services.dispatch.settings import Settings
from shared.caller import By, Caller, Role
from shared.contracts.from_intake.order_placed import OrderPlacedV1, Place
from shared.contracts.from_partners import CallCoveredV1, ClaimMadeV1, WorkDeliveredV2
from shared.contracts.from_partners.claim_made import PledgedLine
from shared.contracts.message import Heard, M
from shared.entry import Decision

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
LIMITS = Limits()
NO_NOTICE = Limits(notice=timedelta(0))
WORKDAY_1 = datetime(2026, 3, 3, 9, 30, tzinfo=UTC)  # half past five in Shanghai, on the day after NOW
WORKDAY_5 = datetime(2026, 3, 9, 9, 30, tzinfo=UTC)
WORKDAY_15 = datetime(2026, 3, 23, 9, 30, tzinfo=UTC)
AREA = "370203/370203014/370203014008/06"
NEXT_COMMUNITY = "370203/370203014/370203014004/01"  # a grid of another community of the street
ELSEWHERE = TransferDispatch(to=NEXT_COMMUNITY, reason="it lies there")
ORDER = UUID("01900000-0000-7000-8000-0000000000aa")
PARTNER = UUID("01900000-0000-7000-8000-000000000001")
OTHER_PARTNER = UUID("01900000-0000-7000-8000-000000000003")
CLAIM = UUID("01900000-0000-7000-8000-0000000000c1")
RESIDENT = By("resident", "resident-harbin-1")

GRID_WORKER = Caller("grid-worker-06", Role.GRID_WORKER, area=AREA)
COMMUNITY = Caller("community-yichun", Role.COMMUNITY, area="370203/370203014/370203014008")
STREET = Caller("street-dunhua", Role.STREET, area="370203/370203014")
DISTRICT = Caller("district-shibei", Role.DISTRICT, area="370203")
SEWAGE = Caller("officer-sewage", Role.DEPARTMENT, department="sewage")
URBAN = Caller("officer-urban", Role.DEPARTMENT, department="urban_management")
STRANGER = Caller("community-elsewhere", Role.COMMUNITY, area="370203/370203015/370203015005")

SEWAGE_OFFICE = Department(id="sewage", name=Name(zh="排水管理处", en="Sewage Management Office"))
DEPARTMENTS = (SEWAGE_OFFICE, Department(id="urban_management", name=Name(zh="城市管理局")))

TOGETHER = BlowWhistle(kind="joint", units=("sewage", "urban_management", "street"))
FENCE = GiveTask(title="a fence", unit="street", deadline=NOW + timedelta(days=3))

PROPOSAL = OpenRound(
    proposal="replace the pipe under the pavement",
    cost=860_000,
    to_share=120_001,
    households=tuple(HouseholdIn(id=f"1-{flat}") for flat in (101, 102, 201, 202)),
)
ALL_AGREE = CloseRound(
    consents=tuple(ConsentIn(household=one.id, consent=Consent.YES) for one in PROPOSAL.households)
)
PAID = RecordPayment(household="1-101", fen=20_000, receipt="0001")
NEED = CallPartners(lines=(LineIn(name="gap", kind="funds"), LineIn(name="crew", kind="labour", amount=2)))
RACK = CallPartners(lines=(LineIn(name="rack", kind="goods", amount=1),), exclusive=True)
MORE_CREW = ChangeCall(lines=(LineIn(name="crew", kind="labour", amount=3),))


@cache
def territory() -> Territory:
    """The demonstration's."""
    return Settings().first_ground().territory


def heard(message: M, *, at: datetime = NOW, by: By = RESIDENT) -> Heard[M]:
    """A message as a reaction gets it."""
    return Heard(
        order_id=ORDER, sender=message.sender, n=1, after=0, at=at, by=by, cause="", trace="", data=message
    )


def order(
    *, urgency: str = "general", category: str = "sewage_pipe", ordered_for: str | None = None
) -> OrderPlacedV1:
    return OrderPlacedV1(
        kind="problem",
        category=category,
        title="污水管破裂",
        place=Place(longitude=120.3638, latitude=36.0927, address="哈尔滨路"),
        urgency=urgency,
        channel="app",
        ordered_for=ordered_for,
    )


def claim_of(
    *lines: PledgedLine, round: int = 1, id: UUID = CLAIM, partner: UUID = PARTNER, gap: int = 0
) -> Heard[ClaimMadeV1]:
    made = ClaimMadeV1(
        round=round,
        claim_id=id,
        partner_id=partner,
        partner_name="宏图建筑",
        epoch=1,
        lines=lines,
        gap=gap,
    )
    return heard(made)


def funds(fen: int) -> PledgedLine:
    return PledgedLine(name="gap", kind="funds", amount=fen, unit="fen")


def opened(*, urgency: str = "general", in_no_grid: bool = False) -> Dispatch:
    """A dispatch that was just received."""
    area = AREA.rpartition("/")[0] if in_no_grid else AREA
    found = Found(area, in_no_grid)
    return open_dispatch(
        Dispatch(), order(urgency=urgency), found=found, by=RESIDENT, at=NOW, limits=LIMITS
    ).state


def in_community(dispatch: Dispatch | None = None) -> Dispatch:
    """The community was whistled to and works on it."""
    whistled = blow(dispatch or opened(), BlowWhistle(), by=GRID_WORKER, at=NOW, limits=LIMITS).state
    return answer(whistled, AnswerWhistle(measures="we go there"), by=COMMUNITY, at=NOW, limits=LIMITS).state


def covered(called: Dispatch) -> Dispatch:
    """One partner takes all that was called for."""
    assert called.call is not None
    lines = tuple(
        PledgedLine(name=line.name, kind=line.kind, amount=line.amount, unit=line.unit)
        for line in called.call.lines
    )
    claimed = note_claim(called, claim_of(*lines, round=called.call.round)).state
    fen = sum(line.amount for line in lines if line.kind == "funds")
    cover = CallCoveredV1(round=called.call.round, partners=(PARTNER,), pledged=fen)
    return note_cover(claimed, heard(cover)).state


def delivered(claimed: Dispatch) -> Dispatch:
    assert claimed.call is not None
    done = WorkDeliveredV2(round=claimed.call.round, partners=(PARTNER,), people=("li",))
    return note_delivery(claimed, heard(done)).state


def after_notice(noticed: Dispatch) -> Dispatch:
    """The public notice is over, and nobody objected."""
    return strike(noticed, "notice", noticed.due["notice"], limits=LIMITS).state


REST = AskForTime(kind="pause", reason="the part is ordered", until=NOW + timedelta(days=7))


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
        "to_check, by the unit": deliver(handling, DeliverWork(), by=COMMUNITY).state,
        "to_evaluate": check(to_check, CheckWork(passed=True), by=COMMUNITY, at=NOW, limits=LIMITS).state,
        "closed": close(
            handling,
            CloseDispatch(outcome="out_of_remit", note="a matter of the court", rule="§ 2"),
            by=COMMUNITY,
            at=NOW,
        ).state,
    }


Command = Callable[[Dispatch], Decision[Dispatch]]


def commands(by: Caller = DISTRICT, officer: Caller = SEWAGE, at: datetime = NOW) -> dict[str, Command]:
    """Every command, asked by somebody who may do it at any level."""

    def with_limits(rule: Callable[..., Decision[Dispatch]], *asked: Any, who: Caller = by) -> Command:
        return lambda dispatch: rule(dispatch, *asked, by=who, at=at, limits=LIMITS)

    return {
        "transfer": with_limits(partial(transfer, territory=territory()), ELSEWHERE),
        "assignment": lambda dispatch: assign(
            dispatch, AssignDispatch(to="grid-worker-07"), by=by, at=at, limits=LIMITS
        ),
        "whistle": with_limits(blow, BlowWhistle(note="come")),
        "whistle, together": lambda dispatch: blow(
            dispatch,
            TOGETHER.model_copy(update={"note": "all of you", "units": TOGETHER.units[:2]}),
            departments=DEPARTMENTS,
            by=by,
            at=at,
            limits=LIMITS,
        ),
        "whistle/end": with_limits(end_whistle, EndWhistle(note="enough")),
        "whistle/answer": with_limits(answer, AnswerWhistle(measures="soon")),
        "referral": lambda dispatch: refer(
            dispatch,
            ReferToDepartment(department="sewage", note="please"),
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
            (NEED if dispatch.money.gap else RACK).model_copy(update={"offered_to": (PARTNER,)}),
            by=by,
            at=at,
            limits=LIMITS,
        ),
        "call/changes": with_limits(change, MORE_CREW),
        "call/withdrawal": with_limits(end_call, WithdrawCall(reason="not now")),
        "delivery": lambda dispatch: deliver(dispatch, DeliverWork(note="done"), by=by),
        "check": with_limits(check, CheckWork(passed=True, note="good")),
        "closure, partly": lambda dispatch: close(
            dispatch, CloseDispatch(outcome="partly", note="half of it"), by=by, at=at
        ),
        "closure": lambda dispatch: close(
            dispatch, CloseDispatch(outcome="not_solved", note="it cannot be"), by=by, at=at
        ),
    }


def unit_commands(by: Caller, at: datetime) -> dict[str, Command]:
    """What units are asked to do, and what the district watches."""

    def with_limits(rule: Callable[..., Decision[Dispatch]], *asked: Any) -> Command:
        return lambda dispatch: rule(dispatch, *asked, by=by, at=at, limits=LIMITS)

    return {
        "payments": with_limits(pay, RecordPayment(household="1-102", fen=5, receipt="0002")),
        "payments/returns": with_limits(pay_back, RecordPayment(household="1-101", fen=5, receipt="0003")),
        "reports": with_limits(report, ReportHandling(note="the pump is there")),
        "questions": with_limits(ask_resident, AskResident(question="which floor?")),
        "time-requests": with_limits(
            ask_for_time, AskForTime(kind="pause", reason="frost", until=at + timedelta(days=9))
        ),
        "time-requests/answer": with_limits(answer_time_request, AnswerTimeRequest(granted=True)),
        "resumption": with_limits(resume, Resume()),
        "referral/dispute": with_limits(dispute, DisputeRefusal(reason="it is in your remit")),
        "referral/dispute/ruling": with_limits(rule_on, RuleOnDispute(upheld=False, note="they do it")),
        "lead": with_limits(partial(name_lead, departments=DEPARTMENTS), NameLead(unit="sewage")),
        "tasks": with_limits(
            partial(give_task, departments=DEPARTMENTS), FENCE.model_copy(update={"title": "a sign"})
        ),
        "tasks/1/result": lambda dispatch: finish_task(dispatch, 1, FinishTask(note="done"), by=by, at=at),
        "tasks/1/cancellation": lambda dispatch: cancel_task(
            dispatch, 1, CancelTask(reason="no need"), by=by, at=at
        ),
        "supervision": with_limits(
            partial(direct, departments=DEPARTMENTS),
            DirectSupervision(unit="sewage", measures="a new pipe", due=later(days=2)),
        ),
        "supervision/result": lambda dispatch: close_supervision(
            dispatch, CloseSupervision(result="it goes on"), by=by, at=at
        ),
    }


def clocks(dispatch: Dispatch) -> set[str]:
    """The clocks that run, without their reminders."""
    return {name for name in dispatch.due if not name.startswith("reminder/")}


def told(decision: Decision[Dispatch]) -> list[str]:
    """The names of what a decision tells, in order."""
    return [event.name for event in decision.events]


def only(decision: Decision[Dispatch], kind: type[M]) -> M:
    """The one event of a kind."""
    (found,) = [event for event in decision.events if isinstance(event, kind)]
    return found


def later(**time: float) -> datetime:
    return NOW + timedelta(**time)
