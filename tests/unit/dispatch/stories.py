"""People, places, and how a dispatch comes on, made by the rules themselves."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from uuid import UUID

from services.dispatch.clock import strike
from services.dispatch.domain.clocks.limits import Limits
from services.dispatch.domain.clocks.pause import (
    AskForTime,
)
from services.dispatch.domain.deliberation.consent import (
    CloseRound,
    ConsentIn,
)
from services.dispatch.domain.deliberation.payment import RecordPayment
from services.dispatch.domain.deliberation.record import Consent
from services.dispatch.domain.deliberation.rounds import HouseholdIn, OpenRound
from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.ground.department import Department
from services.dispatch.domain.ground.territory import Found, Territory
from services.dispatch.domain.ladder.whistle import AnswerWhistle, BlowWhistle, answer, blow
from services.dispatch.domain.place.moving import TransferDispatch
from services.dispatch.domain.place.opening import open_dispatch
from services.dispatch.domain.states import Clock, DispatchState, runs_in
from services.dispatch.domain.words import Name
from services.dispatch.domain.works.call import CallPartners, LineIn
from services.dispatch.domain.works.changing import ChangeCall
from services.dispatch.domain.works.claims import note_claim, note_cover, note_delivery
from services.dispatch.domain.works.tasks import (
    GiveTask,
)
from services.dispatch.settings import Settings
from shared.caller import By, Caller, Role
from shared.contracts.from_intake.orders import OrderPlacedV1, Place
from shared.contracts.from_partners import CallCoveredV1, ClaimMadeV1, WorkDeliveredV2
from shared.contracts.from_partners.claims import PledgedLine
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
    return note_delivery(claimed, heard(done), limits=LIMITS).state


def after_notice(noticed: Dispatch) -> Dispatch:
    """The public notice is over, and nobody objected."""
    return strike(noticed, "notice", noticed.due["notice"], limits=LIMITS).state


REST = AskForTime(kind="pause", reason="the part is ordered", until=NOW + timedelta(days=7))


Command = Callable[[Dispatch], Decision[Dispatch]]


# What waits for somebody's word in each state, besides the end of the whole.
WAITED_FOR: Mapping[DispatchState, tuple[Clock, ...]] = {
    DispatchState.RECEIVED: (Clock.DISPATCH,),
    DispatchState.ASSIGNED: (Clock.HANDLING,),
    DispatchState.WHISTLED: (Clock.WHISTLE, Clock.UNIT),
    DispatchState.REFERRED: (Clock.REFERRAL, Clock.DISPUTE),
    DispatchState.IN_HANDLING: (Clock.HANDLING,),
    DispatchState.DEADLOCKED: (Clock.DEADLOCK, Clock.RETURNED),
    DispatchState.IN_DELIBERATION: (Clock.ROUND, Clock.NOTICE, Clock.RETURNED),
    DispatchState.CALLED: (Clock.CLOSE_BY, Clock.OVERDUE),  # partners watch their own
    DispatchState.CLAIMED: (Clock.CLOSE_BY, Clock.OVERDUE),
    DispatchState.TO_CHECK: (Clock.CHECK,),
    DispatchState.TO_EVALUATE: (Clock.EVALUATION,),
}


def somebody_is_waited_for(dispatch: Dispatch) -> bool:
    """Of what is open: a clock waits for somebody's word, or a pause that ends by itself; and so for what was asked."""
    running = {Clock.of(name) for name in dispatch.due}
    if dispatch.paused is not None:
        return Clock.PAUSE in running
    asked = dispatch.time_request is None or Clock.TIME_REQUEST in running
    watched = dispatch.supervision is None or not runs_in(Clock.SUPERVISION, dispatch.state)
    return (
        asked
        and (watched or Clock.SUPERVISION in running)
        and not running.isdisjoint(WAITED_FOR[dispatch.state])
    )


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
