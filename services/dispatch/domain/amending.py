"""The place or the category was corrected: the grid is found again, and the rules decide again while nobody has it."""

from __future__ import annotations

from datetime import datetime

from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.ground import Ground
from services.dispatch.domain.ladder import DispatchState
from services.dispatch.domain.limits import Limits
from services.dispatch.domain.moving import find_again
from services.dispatch.domain.opening import begins_at
from services.dispatch.domain.referral import ask
from services.dispatch.domain.routing import case_of
from shared.contracts.from_dispatch.dispatch_moved import DispatchMovedV1
from shared.contracts.from_intake.order_amended import OrderAmendedV1
from shared.entry import Decision, decided, unchanged


def amend(
    dispatch: Dispatch, order: OrderAmendedV1, *, ground: Ground, at: datetime, limits: Limits
) -> Decision[Dispatch]:
    """Whoever has it in hand keeps it and its end, unless it lies in another unit's area. Raises NotYet."""
    dispatch.must_be_known()
    if dispatch.state is DispatchState.CLOSED:
        return unchanged(dispatch)
    place = order.place
    answers = (
        dispatch.answers if order.category == dispatch.category else {}
    )  # another category asks other things
    corrected = dispatch.but(
        category=order.category,
        answers=answers,
        longitude=place.longitude,
        latitude=place.latitude,
        address=place.address,
    )
    found = ground.territory.find(place.longitude, place.latitude)
    moved = find_again(corrected, found, cause="amended", at=at, limits=limits)
    if moved.state.state is not DispatchState.RECEIVED or moved.state.paused is not None:
        return moved
    routed = ground.routing.decide(
        case_of(order.category, dispatch.urgency, found.area, answers, at, limits.calendar)
    )
    level = begins_at(found, routed)
    there = moved.state.but(routed=routed, level=level)
    told = moved.events
    if level is not dispatch.level and not told:
        told = (
            DispatchMovedV1(
                area=there.area,
                from_area=there.area,
                level=level,
                in_no_grid=there.in_no_grid,
                cause="amended",
            ),
        )
    department = ground.department(routed.department) if routed else None
    if department is None or routed is None:
        return decided(there, *told)
    asked = ask(there, department, by=f"rule:{routed.rule}", note=routed.name, at=at, limits=limits)
    return decided(asked.state, *told, *asked.events)
