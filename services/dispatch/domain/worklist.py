"""What work lists find a dispatch by: where it lies, who has it, whose answer it waits for, and until when.

Made of the state at every save and kept beside it, so that each list is one range of an index.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.ladder import DispatchState
from shared.caller import Caller, Role


def above(area: str) -> list[str]:
    """An area path with everything it lies in, the widest first."""
    codes = area.split("/")
    return ["/".join(codes[: depth + 1]) for depth in range(len(codes))]


def found_by(dispatch: Dispatch) -> dict[str, Any]:
    """`areas` of all levels; while it is open also who `has` it, whom it `waits_for` and its `next_at`."""
    if dispatch.state is DispatchState.UNKNOWN:
        return {}
    found: dict[str, Any] = {"areas": above(dispatch.area)}
    if dispatch.state is DispatchState.CLOSED:
        return found
    found["open"] = True
    if has := [one for one in (dispatch.assigned_to, dispatch.handled_by) if one]:
        found["has"] = has
    if waits_for := _waits_for(dispatch):
        found["waits_for"] = waits_for
    if (next_at := next_end(dispatch)) is not None:
        found["next_at"] = next_at
    return found


def next_end(dispatch: Dispatch) -> datetime | None:
    """When the next of its clocks ends."""
    return min(dispatch.due.values(), default=None)


def _waits_for(dispatch: Dispatch) -> list[str]:
    """The units whose turn it is to answer: the area path of a level, or the id of a department."""
    match dispatch.state:
        case DispatchState.RECEIVED | DispatchState.WHISTLED:
            return [dispatch.level.of(dispatch.area)]
        case DispatchState.REFERRED:
            return [dispatch.referrals[-1].department]
        case DispatchState.TO_CHECK | DispatchState.DEADLOCKED:
            return [dispatch.level.of(dispatch.area)]
        case _:
            return []


def units_of(caller: Caller) -> list[str]:
    """What the caller answers as, besides in person: the unit of an area, or a department."""
    unit = caller.department if caller.role is Role.DEPARTMENT else caller.area
    return [unit] if unit else []
