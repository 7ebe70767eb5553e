"""A level calls the next one, or several units → `whistle_blown` or `joint_whistle_blown`."""

from __future__ import annotations

from uuid import UUID

from services.dispatch.domain.department import Department
from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.duty import must_see
from services.dispatch.domain.limits import Limits
from services.dispatch.domain.unit import find_units
from services.dispatch.domain.whistle import BlowWhistle, blow
from services.dispatch.store import Dispatches
from shared.asked import Asked
from shared.entry import Entry
from shared.store import retry_lost_races


@retry_lost_races
async def blow_whistle(
    order_id: UUID,
    command: BlowWhistle,
    dispatches: Dispatches,
    departments: tuple[Department, ...],
    limits: Limits,
    asked: Asked,
) -> Entry[Dispatch]:
    entry = await dispatches.load(order_id, asked)
    must_see(entry.state, asked.caller)  # before anything is said about the units
    units = find_units(command.units, departments, entry.state.area)
    decision = blow(entry.state, command, units=units, by=asked.caller, at=asked.now, limits=limits)
    return await dispatches.save(entry, decision, asked)
