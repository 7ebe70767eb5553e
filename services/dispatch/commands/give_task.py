"""A part of the matter is given to a unit → `task_given`."""

from __future__ import annotations

from uuid import UUID

from services.dispatch.domain.department import Department
from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.duty import must_see
from services.dispatch.domain.limits import Limits
from services.dispatch.domain.tasks import GiveTask
from services.dispatch.domain.tasks import give_task as decide
from services.dispatch.domain.unit import find_unit
from services.dispatch.store import Dispatches
from shared.asked import Asked
from shared.entry import Entry
from shared.store import retry_lost_races


@retry_lost_races
async def give_task(
    order_id: UUID,
    command: GiveTask,
    dispatches: Dispatches,
    departments: tuple[Department, ...],
    limits: Limits,
    asked: Asked,
) -> Entry[Dispatch]:
    entry = await dispatches.load(order_id, asked)
    must_see(entry.state, asked.caller)  # before anything is said about the units
    unit = find_unit(command.unit, departments, entry.state.area)
    decision = decide(entry.state, command, unit, by=asked.caller, at=asked.now, limits=limits)
    return await dispatches.save(entry, decision, asked)
