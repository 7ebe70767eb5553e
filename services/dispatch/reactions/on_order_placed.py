"""`intake.order_placed` → its grid is found and its clock runs: `dispatch_opened`; by a rule also `referral_made`."""

from __future__ import annotations

from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.ground import Ground
from services.dispatch.domain.limits import Limits
from services.dispatch.domain.opening import open_dispatch
from services.dispatch.domain.referral import ask
from services.dispatch.domain.routing import case_of
from shared.contracts.from_intake.order_placed import OrderPlacedV1, OrderPlacedV2
from shared.contracts.message import Heard
from shared.entry import Decision, decided


def on_order_placed(
    dispatch: Dispatch, heard: Heard[OrderPlacedV1 | OrderPlacedV2], *, ground: Ground, limits: Limits
) -> Decision[Dispatch]:
    order, at = heard.data, heard.at
    found = ground.territory.find(order.place.longitude, order.place.latitude)
    answers = order.answers if isinstance(order, OrderPlacedV2) else {}
    case = case_of(order.category, order.urgency, found.area, answers, at, limits.calendar)
    routed = ground.routing.decide(case)
    opened = open_dispatch(dispatch, order, found=found, by=heard.by, at=at, limits=limits, routed=routed)
    department = ground.department(routed.department) if routed else None
    if department is None or not opened.events:
        return opened
    assert routed is not None
    asked = ask(opened.state, department, by=f"rule:{routed.rule}", note=routed.name, at=at, limits=limits)
    return decided(asked.state, *opened.events, *asked.events)
