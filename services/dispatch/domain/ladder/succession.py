"""A department is no more: whatever of an open dispatch waits for it, or lies in its hands, is its successor's."""

from __future__ import annotations

from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.ladder.joint import clock_for
from services.dispatch.domain.ladder.record import WhistledUnit
from services.dispatch.domain.states import DispatchState
from shared.contracts.from_dispatch import DepartmentSucceededV1
from shared.entry import Decision, decided, unchanged


def succeed(dispatch: Dispatch, department: str, successor: str) -> Decision[Dispatch]:
    """The successor has the rest of the time, and reads it instead; what the department did and said before stays
    under its name."""
    if dispatch.state in (DispatchState.UNKNOWN, DispatchState.CLOSED):
        return unchanged(dispatch)

    def now(unit: str | None) -> str | None:
        return successor if unit == department else unit

    after = _called(_referred(dispatch, department, successor), department, successor)
    watched = after.supervision
    if watched is not None and watched.unit == department:
        after = after.but(supervisions=(*after.supervisions[:-1], watched.but(unit=successor)))
    after = after.but(
        handled_by=now(after.handled_by),
        assigned_to=now(after.assigned_to),
        tasks=tuple(
            one.but(unit=successor) if one.ended is None and one.unit == department else one
            for one in after.tasks
        ),
    )
    if after == dispatch:
        return unchanged(dispatch)
    after = after.but(
        lead=now(after.lead),
        bound=tuple(dict.fromkeys(now(one) or one for one in after.bound)),
        departments=tuple(dict.fromkeys(now(one) or one for one in (*after.departments, successor))),
    )
    return decided(after, DepartmentSucceededV1(department=department, successor=successor))


def _referred(dispatch: Dispatch, department: str, successor: str) -> Dispatch:
    if dispatch.state is not DispatchState.REFERRED or dispatch.referrals[-1].department != department:
        return dispatch
    last = dispatch.referrals[-1].but(department=successor)
    return dispatch.but(referrals=(*dispatch.referrals[:-1], last))


def _called(dispatch: Dispatch, department: str, successor: str) -> Dispatch:
    """Where the successor was called as well, the clock of the other goes on, and its silence is climbed over."""
    whistle = dispatch.whistle
    if dispatch.state is not DispatchState.WHISTLED or whistle is None:
        return dispatch
    if any(one.unit == successor for one in whistle.units):
        return dispatch

    def is_theirs(one: WhistledUnit) -> bool:
        return one.unit == department and one.report is None and one.recalled is None

    units = tuple(one.but(unit=successor) if is_theirs(one) else one for one in whistle.units)
    running = dispatch.due.get(clock_for(department))
    handed = dispatch.but(whistle=whistle.but(units=units)).with_clock(clock_for(department), None)
    return handed.with_clock(clock_for(successor), running)
