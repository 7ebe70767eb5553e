"""An order becomes a dispatch: it has a grid, and its clock runs from now."""

from __future__ import annotations

from datetime import datetime

from services.dispatch.domain.clocks.limits import Limit, Limits
from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.ground.ground import Ground
from services.dispatch.domain.ground.record import Routed
from services.dispatch.domain.ground.routing import case_of
from services.dispatch.domain.ground.territory import Found
from services.dispatch.domain.ladder.record import RULE
from services.dispatch.domain.ladder.referral import ask
from services.dispatch.domain.place.titling import titled
from services.dispatch.domain.states import Clock, DispatchState, Level
from shared.caller import By
from shared.contracts.from_dispatch import DispatchOpenedV1
from shared.contracts.from_intake import OrderPlacedV1, OrderPlacedV2
from shared.contracts.message import Heard
from shared.entry import Decision, decided, unchanged


def begins_at(found: Found, routed: Routed | None) -> Level:
    """The level that has it first."""
    lowest = Level.COMMUNITY if found.in_no_grid else Level.GRID
    return max(lowest, routed.level if routed else lowest, key=lambda level: level.rank)


def open_dispatch(
    dispatch: Dispatch,
    order: OrderPlacedV1,
    *,
    found: Found,
    by: By,
    at: datetime,
    limits: Limits,
    routed: Routed | None = None,
) -> Decision[Dispatch]:
    """Counted from the moment it was placed, not from when somebody signs. Opening twice opens once.

    Where there is no grid there is no grid worker: the community answers for it from the beginning; or a higher level,
    if a routing rule says so.
    """
    if dispatch.state is not DispatchState.UNKNOWN:
        return unchanged(dispatch)
    level = begins_at(found, routed)
    take_by = limits.term(Limit.TAKE, at, urgency=order.urgency, category=order.category, level=level)
    close_by = limits.term(Limit.CLOSE, at, urgency=order.urgency, category=order.category)
    opened = (
        dispatch.moved(
            DispatchState.RECEIVED,
            level=level,
            area=found.area,
            in_no_grid=found.in_no_grid,
            territory_version=found.version,
            routed=routed,
            about=order.title,
            title=titled(order.title, found),
            kind=order.kind,
            category=order.category,
            urgency=order.urgency,
            longitude=order.place.longitude,
            latitude=order.place.latitude,
            address=order.place.address,
            ordered_by=order.evaluated_by(by),
            answers=order.answers if isinstance(order, OrderPlacedV2) else {},
            opened_at=at,
            close_by=close_by.end,
        )
        .with_limit(Clock.DISPATCH, take_by, at=at, reminder=limits.reminder)
        .with_limit(Clock.CLOSE_BY, close_by, at=at, reminder=limits.reminder)
    )
    return decided(opened, DispatchOpenedV1.of(opened, answer_by=take_by.end))


def receive(
    dispatch: Dispatch, heard: Heard[OrderPlacedV1 | OrderPlacedV2], *, ground: Ground, limits: Limits
) -> Decision[Dispatch]:
    """Its grid is found and its clocks run; where a rule names a department, that one is asked at once."""
    order, at = heard.data, heard.at
    found = ground.territory.find(order.place.longitude, order.place.latitude)
    answers = order.answers if isinstance(order, OrderPlacedV2) else {}
    routed = ground.routing.decide(
        case_of(order.category, order.urgency, found.area, answers, at, limits.calendar)
    )
    opened = open_dispatch(dispatch, order, found=found, by=heard.by, at=at, limits=limits, routed=routed)
    if not opened.events:
        return opened
    asked = handed_on(opened.state, ground=ground, at=at, limits=limits)
    return decided(asked.state, *opened.events, *asked.events)


def handed_on(dispatch: Dispatch, *, ground: Ground, at: datetime, limits: Limits) -> Decision[Dispatch]:
    """The department that the routing rule names, if it names one, is asked."""
    routed = dispatch.routed
    department = ground.department(routed.department) if routed else None
    if routed is None or department is None:
        return unchanged(dispatch)
    return ask(dispatch, department, by=f"{RULE}{routed.rule}", note=routed.name, at=at, limits=limits)
