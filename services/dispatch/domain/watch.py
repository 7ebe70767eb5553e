"""The clock that waits for word of whoever has it."""

from __future__ import annotations

from datetime import datetime

from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.ladder import Clock, DispatchState
from services.dispatch.domain.limits import Limit, Limits


def watched(dispatch: Dispatch, *, at: datetime, limits: Limits) -> Dispatch:
    """While a unit has it, its word is waited for: nothing else runs out when it only keeps silent."""
    if dispatch.state not in (DispatchState.ASSIGNED, DispatchState.IN_HANDLING):
        return dispatch
    own = dispatch.handled_by in dispatch.departments
    end = limits.end(
        Limit.HANDLE,
        at,
        urgency=dispatch.urgency,
        category=dispatch.category,
        level=None if own else dispatch.level,
        department=dispatch.handled_by if own else None,
    )
    return dispatch.with_limit(Clock.HANDLING, end, at=at, reminder=limits.reminder)
