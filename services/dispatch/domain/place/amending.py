"""The place or the category was corrected: the grid is found again, and the rules decide again while nobody has it."""

from __future__ import annotations

from services.dispatch.domain.clocks.limits import Limits
from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.ground.ground import Ground
from services.dispatch.domain.ground.routing import case_of
from services.dispatch.domain.place.moving import find_again
from services.dispatch.domain.place.opening import begins_at, handed_on
from services.dispatch.domain.states import DispatchState
from shared.contracts.from_dispatch import DispatchMovedV1
from shared.contracts.from_intake import OrderAmendedV1
from shared.contracts.message import Heard
from shared.entry import Decision, decided, unchanged


def amend(
    dispatch: Dispatch, heard: Heard[OrderAmendedV1], *, ground: Ground, limits: Limits
) -> Decision[Dispatch]:
    """Whoever has it in hand keeps it and its end, unless it lies in another unit's area. Raises NotYet."""
    dispatch.must_be_known()
    if dispatch.state is DispatchState.CLOSED:
        return unchanged(dispatch)
    order, at, place = heard.data, heard.at, heard.data.place
    # another category asks other things
    answers = dispatch.answers if order.category == dispatch.category else {}
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
    asked = handed_on(there, ground=ground, at=at, limits=limits)
    return decided(asked.state, *told, *asked.events)
