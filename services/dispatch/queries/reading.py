"""The read side: dispatches as each caller may see them, the queue, and the departments."""

from __future__ import annotations

from uuid import UUID

from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.duty import must_see
from services.dispatch.domain.territory import Territory
from services.dispatch.queries.views import DepartmentOut, DepartmentsOut, HappenedOut, HistoryOut, LocatedOut
from services.dispatch.store import Dispatches, Queue
from shared.caller import Caller, Role
from shared.entry import Entry
from shared.problems import NotFound


async def dispatch_for(dispatches: Dispatches, order_id: UUID, caller: Caller) -> Entry[Dispatch]:
    """Raises NotFound for what is not there and for what is not the caller's alike."""
    entry = await dispatches.peek(order_id)
    must_see(entry.state, caller)
    return entry


async def history_for(dispatches: Dispatches, order_id: UUID, caller: Caller) -> HistoryOut:
    """Raises NotFound."""
    await dispatch_for(dispatches, order_id, caller)
    return HistoryOut(items=[HappenedOut.model_validate(one) for one in await dispatches.history(order_id)])


def within(caller: Caller, area: str | None) -> Queue:
    """What the caller may list at all: staff their area or a part of it, a department what it was asked.

    Raises NotFound for an area that is not the caller's.
    """
    if caller.role is Role.DEPARTMENT:
        if caller.department is None:
            raise NotFound
        return Queue(department=caller.department, area=area)
    area = area or caller.area
    if area is None or not caller.covers(area):
        raise NotFound
    return Queue(area=area)


def departments_of(territory: Territory) -> DepartmentsOut:
    return DepartmentsOut(
        items=[
            DepartmentOut(id=one.id, name=one.name, remit=list(one.remit)) for one in territory.departments
        ]
    )


def located(territory: Territory, longitude: float, latitude: float) -> LocatedOut:
    """Raises OutsideTerritory."""
    found = territory.locate(longitude, latitude)
    return LocatedOut(area=found.area, name=territory.name_of(found.area), in_no_grid=found.in_no_grid)
