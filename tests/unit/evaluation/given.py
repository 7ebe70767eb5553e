"""What the tests of evaluation start from: people, and an order as intake and dispatch tell of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from services.evaluation.bus import reactions
from services.evaluation.domain.evaluation import Evaluation, GiveVerdict
from shared.caller import By, Caller, Role
from shared.contracts import from_dispatch as dispatch
from shared.contracts.from_intake.orders import OrderPlacedV1, Place
from shared.contracts.message import Heard, Message

ORDER = UUID("01890000-0000-7000-8000-000000000001")
NOON = datetime(2026, 5, 4, 4, 0, tzinfo=UTC)
WINDOW = timedelta(days=14)
AREA = "370203/370203014/370203014004/06"

RESIDENT = Caller("r-li", Role.RESIDENT)
STRANGER = Caller("r-wang", Role.RESIDENT)
LEADER = Caller("l-26", Role.BUILDING_LEADER)
PARTNER = Caller("p-1", Role.PARTNER, partner="partner-7")
COMMUNITY = Caller("s-1", Role.COMMUNITY, area="370203/370203014/370203014004")
ELSEWHERE = Caller("s-2", Role.COMMUNITY, area="370203/370203014/370203014005")

REACTIONS = reactions(WINDOW)


def minute(minutes: int) -> datetime:
    return NOON + timedelta(minutes=minutes)


def heard(message: Message, *, n: int = 1, at: datetime = NOON, by: By = RESIDENT.by) -> Heard[Any]:
    return Heard(
        order_id=ORDER, sender=message.sender, n=n, after=0, at=at, by=by, cause="", trace="", data=message
    )


def hear(evaluation: Evaluation, *messages: Heard[Any]) -> Evaluation:
    for message in messages:
        evaluation = REACTIONS[type(message.data)](evaluation, message).state
    return evaluation


def placed(ordered_for: str | None = None) -> OrderPlacedV1:
    return OrderPlacedV1(
        kind="problem",
        category="other",
        title="污水管破了",
        place=Place(longitude=120.38, latitude=36.1),
        urgency="general",
        channel="app",
        ordered_for=ordered_for,
    )


def opened(answer: int = 120, close: int = 10_000) -> dispatch.DispatchOpenedV1:
    return dispatch.DispatchOpenedV1(
        area=AREA, category="sewage_pipe", urgency="urgent", answer_by=minute(answer), close_by=minute(close)
    )


PASSED = dispatch.WorkCheckedV1(passed=True, done_by=("partner-7",), partners=True)
FAILED = dispatch.WorkCheckedV1(passed=False, reworks=1)
SOLVED = dispatch.DispatchClosedV1(outcome="solved", in_time=True)

FROM_DISPATCH: list[Message] = [
    opened(),
    dispatch.DispatchAssignedV1(to="g-06", level="grid"),
    dispatch.WhistleAnsweredV1(level="community"),
    dispatch.ReferralAnsweredV1(
        department="sewage_office", accepted=False, reason="out_of_remit", refusals=1
    ),
    dispatch.ReferralAnsweredV1(department="water_office", accepted=True),
    FAILED,
    PASSED,
]


def asked(by: By = RESIDENT.by, ordered_for: str | None = None) -> Evaluation:
    """An evaluation that waits for its resident."""
    return hear(
        Evaluation(),
        heard(placed(ordered_for), by=by),
        *(heard(message, n=n, at=minute(n)) for n, message in enumerate(FROM_DISPATCH, 1)),
    )


def verdict(verdict: str = "satisfied", **changes: Any) -> GiveVerdict:
    reason = "leaks" if verdict == "unsatisfied" else None
    return GiveVerdict.model_validate(
        {"verdict": verdict, "result": 5, "speed": 4, "manner": 5, "reason": reason, **changes}
    )
