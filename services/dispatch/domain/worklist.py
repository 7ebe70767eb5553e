"""What work lists find a dispatch by: where it lies, who has it, whose answer it waits for, and until when.

Made of the state at every save and kept beside it, so that each list is one range of an index.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.states import AMONG_US, EXTENSIBLE, OPEN, Clock, DispatchState, Level
from services.dispatch.domain.works.record import WORKED
from shared.caller import Caller, Role, above

_NO_DEADLINES = AMONG_US | {Clock.REMINDER}
OURS = "@"  # stands before the unit that answers for it, among those who have it: no id begins with it


def found_by(dispatch: Dispatch) -> dict[str, Any]:
    """`areas` of all levels; while it is open also who `has` it or answers for it, whom it `waits_for`, its `next_at`,
    and which unit the district has `directed` to act.

    What repeats another order is on nobody's list. What was closed without work waits for the community as long as it
    keeps money of households.
    """
    if dispatch.state is DispatchState.UNKNOWN:
        return {}
    found: dict[str, Any] = {"areas": above(dispatch.area)}
    if dispatch.state is DispatchState.CLOSED:
        if dispatch.paid() and dispatch.outcome not in WORKED:
            # households are to get back what they paid
            found["waits_for"] = [Level.COMMUNITY.of(dispatch.area)]
        return found
    found["open"] = True
    if dispatch.state is DispatchState.MERGED:
        return found
    found["has"] = [*_has(dispatch), f"{OURS}{answers_for(dispatch)}"]
    if waits_for := list(dict.fromkeys((*_waits_for(dispatch), *_decides(dispatch)))):
        found["waits_for"] = waits_for
    if dispatch.supervision is not None and dispatch.supervision.unit:
        found["directed"] = dispatch.supervision.unit
    # A reminder is no deadline: what it reminds of is.
    if ends := [at for name, at in dispatch.due.items() if Clock.of(name) not in _NO_DEADLINES]:
        found["next_at"] = min(ends)
    return found


def answers_for(dispatch: Dispatch) -> str | None:
    """The one unit that answers for it now: the area path of a level, or a department's id; None when it has ended.

    A department that was asked answers until it refuses, and for what it has accepted until the work is delivered.
    """
    if dispatch.state not in OPEN:
        return None
    if dispatch.state is DispatchState.REFERRED and dispatch.dispute is None:
        return dispatch.referrals[-1].department
    if dispatch.state is DispatchState.IN_HANDLING and dispatch.handled_by in dispatch.departments:
        return dispatch.handled_by
    return dispatch.level.of(dispatch.area)


def _has(dispatch: Dispatch) -> list[str]:
    """Persons, units and departments that have it, or a part of it, in hand."""
    parts = (task.unit for task in dispatch.tasks if task.ended is None)
    hand = None if dispatch.hand_rests else dispatch.handled_by
    return list(dict.fromkeys(one for one in (dispatch.assigned_to, hand, *parts) if one))


def _waits_for(dispatch: Dispatch) -> list[str]:
    """The units whose turn it is to answer or to decide: the area path of a level, or the id of a department."""
    level = dispatch.level.of(dispatch.area)
    match dispatch.state:
        case DispatchState.RECEIVED if dispatch.routed is not None and dispatch.routed.unit:
            return [level, dispatch.routed.unit]
        case DispatchState.WHISTLED if dispatch.whistle is not None and dispatch.whistle.units:
            return [
                unit.unit for unit in dispatch.whistle.units if unit.report is None and unit.recalled is None
            ]
        case DispatchState.REFERRED if dispatch.dispute is None:
            return [dispatch.referrals[-1].department]
        case (
            DispatchState.RECEIVED
            | DispatchState.WHISTLED
            | DispatchState.REFERRED
            | DispatchState.DEADLOCKED
        ):
            return [level]
        case DispatchState.TO_CHECK:
            return [level, *([dispatch.check_level.of(dispatch.area)] if dispatch.check_level else [])]
        case _:
            return []


def _decides(dispatch: Dispatch) -> list[str]:
    """The units that have to decide about more time, or to answer an objection, whoever has it in hand."""
    request, round = dispatch.time_request, dispatch.on_notice
    levels = []
    if request is not None and dispatch.paused is None and dispatch.state in EXTENSIBLE:
        levels.append(request.decided_by)
    if round is not None and round.notice and any(one.upheld is None for one in round.notice.objections):
        levels.append(dispatch.level)
    return [level.of(dispatch.area) for level in levels]


def is_with(found: Mapping[str, Any], unit: str | None) -> bool:
    """Whether what is found by this is with the unit: it has it, or a part of it, is waited for, or directed to act."""
    return unit in (*found.get("has", ()), *found.get("waits_for", ()), found.get("directed", ""))


def units_of(caller: Caller) -> list[str]:
    """What the caller answers as, besides in person: the unit of an area, or a department."""
    unit = caller.department if caller.role is Role.DEPARTMENT else caller.area
    return [unit] if unit else []
