"""What the tests of intake start from: an outline, categories, people, and the golden case A as it is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from services.intake.bus import REACTIONS
from services.intake.domain.category import Category
from services.intake.domain.order import Order, PlaceOrder, place
from services.intake.domain.outline import Outline
from shared.caller import By, Caller, Role
from shared.contracts.from_dispatch.deliberation import DeadlockDeclaredV1, RoundClosedV1, RoundOpenedV1
from shared.contracts.from_dispatch.ladder import (
    ReferralAnsweredV1,
    ReferralMadeV1,
    WhistleAnsweredV1,
    WhistleBlownV1,
)
from shared.contracts.from_dispatch.place import DispatchAssignedV1, DispatchClosedV1, DispatchOpenedV1
from shared.contracts.from_dispatch.works import WorkCheckedV1
from shared.contracts.from_evaluation import EvaluationOpenedV1, ReworkRequestedV1, WorkEvaluatedV1
from shared.contracts.from_partners.calls import CallCoveredV1, CallPublishedV1
from shared.contracts.from_partners.claims import ClaimMadeV1, ClaimReleasedV1, PledgedLine
from shared.contracts.from_partners.works import (
    PlanSubmittedV1,
    ProgressReportedV1,
    WorkDeliveredV1,
    WorkDeliveredV2,
)
from shared.contracts.message import Heard, Message

ORDER = UUID("01890000-0000-7000-8000-000000000001")
FIRST, SECOND = UUID(int=1), UUID(int=2)
PARTNER, OTHER_PARTNER = UUID(int=11), UUID(int=12)
NOON = datetime(2026, 5, 4, 4, 0, tzinfo=UTC)
AREA = "370203/370203014/370203014004/06"

OUTLINE = Outline({
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "properties": {},
            "geometry": {
                "type": "Polygon",
                "coordinates": [
                    [[west, 36.05], [west + 0.1, 36.05], [west + 0.1, 36.15], [west, 36.15], [west, 36.05]],
                ],
            },
        }
        for west in (120.3, 120.4)
    ],
})  # fmt: skip
CATEGORIES = {
    "sewage_pipe": Category.model_validate({
        "code": "sewage_pipe", "zh": "下水管道", "en": "Sewage pipe", "family": "building", "urgency": "urgent",
    }),
}  # fmt: skip

RESIDENT = Caller("r-li", Role.RESIDENT)
NEIGHBOUR = Caller("r-wang", Role.RESIDENT)
LEADER = Caller("l-26", Role.BUILDING_LEADER)
COMMUNITY = Caller("s-1", Role.COMMUNITY, area="370203/370203014/370203014004")
ELSEWHERE = Caller("s-2", Role.COMMUNITY, area="370203/370203014/370203014005")
DISTRICT = Caller("s-9", Role.DISTRICT, area="370203")

BODY: Mapping[str, Any] = {
    "category": "sewage_pipe",
    "text": "哈尔滨路人行道下的污水管破了。请打电话13812345678找我",
    "place": {"longitude": 120.38, "latitude": 36.1, "address": "哈尔滨路"},
}


def body(**changes: Any) -> PlaceOrder:
    return PlaceOrder.model_validate({**BODY, **changes})


def placed(by: Caller = RESIDENT, **changes: Any) -> Order:
    return place(
        body(**changes), by=by, at=NOON, categories=CATEGORIES, outline=OUTLINE, jurisdiction="370203"
    ).state


def heard(message: Message, *, n: int, at: datetime, after: int = 0) -> Heard[Any]:
    return Heard(
        order_id=ORDER,
        sender=message.sender,
        n=n,
        after=after,
        at=at,
        by=By("community", "s-1"),
        cause="",
        trace="",
        data=message,
    )


def hear(order: Order, *messages: Heard[Any]) -> Order:
    """The order after these messages, in this order."""
    for message in messages:
        order = REACTIONS[type(message.data)](order, message).state
    return order


def told(*minutes_and_messages: tuple[int, Message]) -> dict[str, list[Heard[Any]]]:
    """Messages by sender, numbered, each so many minutes after noon."""
    found: dict[str, list[Heard[Any]]] = {}
    for minute, message in minutes_and_messages:
        mine = found.setdefault(message.sender, [])
        mine.append(heard(message, n=len(mine) + 1, at=NOON + timedelta(minutes=minute)))
    return found


def claim(claim_id: UUID, fen: int, gap: int, *, partner: UUID = PARTNER) -> ClaimMadeV1:
    return ClaimMadeV1(
        round=1,
        claim_id=claim_id,
        partner_id=partner,
        partner_name="海岸建设",
        epoch=1,
        lines=(PledgedLine(name="pipe", kind="funds", amount=fen, unit="fen"),),
        gap=gap,
    )


def evaluated(verdict: str, round: int) -> WorkEvaluatedV1:
    return WorkEvaluatedV1(verdict=verdict, result=5, speed=4, manner=5, reason=None, round=round)


def golden_a() -> Sequence[tuple[int, Message]]:
    """The broken sewage pipe: 50,000 yuan, of which the households pay 12,000; one partner gives back, one stays."""
    later = NOON + timedelta(days=1)
    by: Any = {"claim_id": SECOND, "partner_name": "海岸建设"}
    return (
        (1, DispatchOpenedV1(area=AREA, category="sewage_pipe", urgency="urgent", answer_by=later, close_by=later)),
        (2, DispatchAssignedV1(to="g-06", level="grid")),
        (3, WhistleBlownV1(kind="resident", from_level="grid", to_level="community", area=AREA[:30], answer_by=later)),
        (4, WhistleAnsweredV1(level="community", measures="到现场查看")),
        (5, ReferralMadeV1(department="sewage_office", answer_by=later)),
        (6, ReferralAnsweredV1(department="sewage_office", accepted=False, reason="out_of_remit", refusals=1)),
        (7, DeadlockDeclaredV1(reason="no department is responsible")),
        (8, RoundOpenedV1(number=1, proposal="更换", cost=6_000_000, allocation="equal", households=12)),
        (9, RoundClosedV1(number=1, agreed=False, cost=6_000_000, shares=0, subsidies=0, gap=6_000_000,
                          consenting=3, households=12)),
        (10, RoundOpenedV1(number=2, proposal="更换管道", cost=5_000_000, allocation="equal", households=12)),
        (11, RoundClosedV1(number=2, agreed=True, cost=5_000_000, shares=1_200_000, subsidies=300_000, gap=3_500_000,
                           consenting=12, households=12)),
        (12, CallPublishedV1(round=1, lines=1, gap=3_500_000, exclusive=False, offered=0)),
        (13, claim(FIRST, 500_000, 3_000_000, partner=OTHER_PARTNER)),
        (14, ClaimReleasedV1(round=1, claim_id=FIRST, partner_id=OTHER_PARTNER, gap=3_500_000, reopened=False)),
        (15, claim(SECOND, 3_500_000, 0)),
        (15, CallCoveredV1(round=1, partners=(PARTNER,), pledged=3_500_000)),
        (16, PlanSubmittedV1(plan="开挖换管", starts=date(2026, 5, 5), ends=date(2026, 5, 9), **by)),
        (17, ProgressReportedV1(note="一半", percent=50, **by)),
        (18, WorkDeliveredV1(round=1, partners=(PARTNER,))),
        (19, WorkCheckedV1(passed=True, done_by=(str(PARTNER),), partners=True)),
        (20, EvaluationOpenedV1(until=later, round=1)),
        (21, evaluated("unsatisfied", 1)),
        (21, ReworkRequestedV1(reason="leaks", round=1)),
        (22, WorkDeliveredV2(round=1, partners=(PARTNER,), people=("li",))),
        (23, WorkCheckedV1(passed=True, done_by=(str(PARTNER),), partners=True, reworks=1)),
        (24, EvaluationOpenedV1(until=later, round=2)),
        (25, evaluated("satisfied", 2)),
        (26, DispatchClosedV1(outcome="solved", in_time=True)),
    )  # fmt: skip
