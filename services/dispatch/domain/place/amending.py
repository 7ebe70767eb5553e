"""Place, category, answers or urgency were corrected: the grid is found again, and the rules decide again.

They decide about whatever nobody has answered: it is taken back from whoever was asked by the wrong words, and counts
for nobody. What a person asked for stays, unless the rules name somebody else now. Limits count from the placing.
"""

from __future__ import annotations

from datetime import datetime

from services.dispatch.domain.clocks.limits import Limit, Limits
from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.ground.ground import Ground
from services.dispatch.domain.ground.record import Routed
from services.dispatch.domain.ground.routing import case_of
from services.dispatch.domain.ground.territory import Found
from services.dispatch.domain.ladder.recall import called_off, taken_back
from services.dispatch.domain.ladder.record import RULE, Recalled, sent_by_rule
from services.dispatch.domain.place.amended_limits import ending, with_limits
from services.dispatch.domain.place.moving import AMENDED, find_again, with_holder
from services.dispatch.domain.place.opening import begins_at, handed_on
from services.dispatch.domain.place.succeeding import followed
from services.dispatch.domain.place.titling import named
from services.dispatch.domain.states import Clock, DispatchState
from shared.contracts.from_dispatch import AreaSucceededV1, CallCorrectedV1, DispatchMovedV1
from shared.contracts.from_intake import OrderAmendedV1, OrderAmendedV2
from shared.contracts.message import Heard, Message
from shared.entry import Decision, decided, unchanged

_S = DispatchState


def amend(
    dispatch: Dispatch, heard: Heard[OrderAmendedV1 | OrderAmendedV2], *, ground: Ground, limits: Limits
) -> Decision[Dispatch]:
    """Whoever has it in hand keeps it, unless it lies in another unit's area. Raises NotYet."""
    dispatch.must_be_known()
    decision = _amended(dispatch, heard, ground=ground, limits=limits)
    return decided(decision.state, *decision.events, *_told_partners(decision.state, dispatch))


def _amended(
    dispatch: Dispatch, heard: Heard[OrderAmendedV1 | OrderAmendedV2], *, ground: Ground, limits: Limits
) -> Decision[Dispatch]:
    at, place = heard.at, heard.data.place
    corrected = _corrected(dispatch, heard.data)
    found = ground.territory.find(place.longitude, place.latitude)
    if dispatch.state is DispatchState.CLOSED:
        return _noted(corrected, found, ground)
    routed = ground.routing.decide(
        case_of(corrected.category, corrected.urgency, found.area, corrected.answers, at, limits.calendar)
    )
    note = Recalled(by=f"{RULE}{routed.rule}" if routed else heard.by.id, at=at, reason=heard.data.reason)
    excused = _excused(corrected, routed, note, limits)
    if not _decides_again(excused.state, found, routed):
        moved = _found_again(excused.state, found, ground, at=at, limits=limits)
        counted = with_limits(moved.state, dispatch, ground=ground, at=at, limits=limits)
        return decided(counted.state, *excused.events, *moved.events, *counted.events)
    free = _taken_back(excused.state, note, limits)
    anew = _received(free.state, found, routed, at=at, limits=limits)
    counted = with_limits(anew.state, dispatch, ground=ground, at=at, limits=limits)
    asked = handed_on(counted.state, ground=ground, at=at, limits=limits)
    told = (*excused.events, *free.events, *anew.events, *counted.events, *asked.events)
    return decided(asked.state, *told)


def _noted(closed: Dispatch, found: Found, ground: Ground) -> Decision[Dispatch]:
    """It has ended, which who corrected it had not heard: figures count it as what it is, and no clock runs.

    It is opened again where it lies. Residents are told of no move of what they have behind them.
    """
    if found.area == closed.area:
        return decided(closed)
    there = followed(with_holder(closed, found, ground), found)
    renamed = named(there, there.about, found)
    moved = AreaSucceededV1(area=found.area, from_area=closed.area)
    return decided(renamed.state, moved, *renamed.events)


def _corrected(dispatch: Dispatch, order: OrderAmendedV1 | OrderAmendedV2) -> Dispatch:
    if isinstance(order, OrderAmendedV2):
        urgency, answers = order.urgency, order.answers
    else:  # another category asks other things
        urgency, answers = dispatch.urgency, dispatch.answers if order.category == dispatch.category else {}
    place = order.place
    return dispatch.but(
        category=order.category,
        urgency=urgency,
        answers=answers,
        longitude=place.longitude,
        latitude=place.latitude,
        address=place.address,
    )


def _excused(dispatch: Dispatch, routed: Routed | None, note: Recalled, limits: Limits) -> Decision[Dispatch]:
    """What a rule sent, was refused, and no rule would send there now: the refusal was right."""
    now = routed.department if routed else None
    excused = dispatch
    events: tuple[Message, ...] = ()
    for one in dispatch.referrals:
        if sent_by_rule(one) and one.may_be_excused and one.department != now and one.dispute is None:
            decision = taken_back(excused, one, note, limits=limits)
            excused, events = decision.state, (*events, *decision.events)
    return Decision(excused, events)


def _decides_again(dispatch: Dispatch, found: Found, routed: Routed | None) -> bool:
    """Whether nobody has answered, and the rules want it otherwise than it is."""
    there = dispatch.level.of(dispatch.area) == dispatch.level.of(found.area)
    names = routed is not None and bool(routed.department or routed.unit)
    was = dispatch.routed
    otherwise = _what(routed) != _what(was)
    match dispatch.state:
        case _S.RECEIVED:
            return True
        case _S.WHISTLED if dispatch.whistle is not None and dispatch.whistle.is_unanswered:
            return not there or (otherwise and names)
        case _S.REFERRED if dispatch.dispute is None:
            last = dispatch.referrals[-1]
            if routed is not None and routed.department == last.department:
                return False
            return not there or sent_by_rule(last) or (otherwise and names)
        case _:
            return False


def _what(routed: Routed | None) -> tuple[object, ...]:
    return () if routed is None else (routed.level, routed.unit, routed.department)


def _taken_back(dispatch: Dispatch, note: Recalled, limits: Limits) -> Decision[Dispatch]:
    """From whoever is waited for, if anybody is."""
    if dispatch.state is _S.WHISTLED and dispatch.whistle is not None:
        return called_off(dispatch, dispatch.whistle, note)
    if dispatch.state is _S.REFERRED:
        return taken_back(dispatch, dispatch.referrals[-1], note, limits=limits)
    return unchanged(dispatch)


def _received(
    dispatch: Dispatch, found: Found, routed: Routed | None, *, at: datetime, limits: Limits
) -> Decision[Dispatch]:
    """Where it lies by now, with the level that has it first. What another unit gets is counted from the placing."""
    level = begins_at(found, routed)
    stays = dispatch.state is _S.RECEIVED and level.of(found.area) == dispatch.level.of(dispatch.area)
    there = dispatch.moved(
        _S.RECEIVED,
        routed=routed,
        level=level,
        area=found.area,
        in_no_grid=found.in_no_grid,
        territory_version=found.version,
        assigned_to=None,
        handled_by=None,
    )
    if stays and found.area == dispatch.area:
        return decided(there)
    take_by = None
    if not stays:
        assert dispatch.opened_at is not None, "what is known was opened"
        take_by = limits.end(
            Limit.TAKE, dispatch.opened_at, urgency=there.urgency, category=there.category, level=level
        )
        there = ending(there, Clock.DISPATCH, take_by, at, limits)
    return _told(there, dispatch, found, take_by)


def _told(there: Dispatch, before: Dispatch, found: Found, take_by: datetime | None) -> Decision[Dispatch]:
    moved = DispatchMovedV1(
        area=there.area,
        from_area=before.area,
        level=there.level,
        in_no_grid=there.in_no_grid,
        cause=AMENDED,
        answer_by=take_by,
    )
    renamed = named(there, there.about, found)
    return decided(renamed.state, moved, *renamed.events)


def _found_again(
    dispatch: Dispatch, found: Found, ground: Ground, *, at: datetime, limits: Limits
) -> Decision[Dispatch]:
    """As after a new territory; but a department that is asked is asked wherever it lies."""
    if dispatch.state is not _S.REFERRED or dispatch.dispute is not None or found.area == dispatch.area:
        return find_again(dispatch, found, ground, cause=AMENDED, at=at, limits=limits)
    there = {"area": found.area, "in_no_grid": found.in_no_grid, "territory_version": found.version}
    return _told(with_holder(dispatch, found, ground).but(**there), dispatch, found, None)


def _told_partners(dispatch: Dispatch, before: Dispatch) -> tuple[CallCorrectedV1, ...]:
    """What they were called for is something else; also when the call is over, for they keep it and count by it."""
    if dispatch.call is None:
        return ()
    told = CallCorrectedV1.of(dispatch)
    return () if told == CallCorrectedV1.of(before) else (told,)
