"""The district names the unit that leads → `lead_named`, and `task_given` for each co-unit."""

from __future__ import annotations

from uuid import UUID

from services.dispatch.domain.department import Department
from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.duty import must_see
from services.dispatch.domain.lead import NameLead
from services.dispatch.domain.lead import name_lead as decide
from services.dispatch.domain.limits import Limits
from services.dispatch.domain.unit import find_unit, find_units
from services.dispatch.store import Dispatches
from shared.asked import Asked
from shared.entry import Entry
from shared.store import retry_lost_races


@retry_lost_races
async def name_lead(
    order_id: UUID,
    command: NameLead,
    dispatches: Dispatches,
    departments: tuple[Department, ...],
    limits: Limits,
    asked: Asked,
) -> Entry[Dispatch]:
    entry = await dispatches.load(order_id, asked)
    must_see(entry.state, asked.caller)  # before anything is said about the units
    unit = find_unit(command.unit, departments, entry.state.area)
    co_units = find_units(tuple(one.unit for one in command.co_units), departments, entry.state.area)
    decision = decide(entry.state, command, unit, co_units, by=asked.caller, at=asked.now, limits=limits)
    return await dispatches.save(entry, decision, asked)
