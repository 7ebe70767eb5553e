"""The district says who has to do what → `supervision_directed`."""

from __future__ import annotations

from uuid import UUID

from services.dispatch.domain.department import Department
from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.duty import must_see
from services.dispatch.domain.limits import Limits
from services.dispatch.domain.supervision import DirectSupervision, direct
from services.dispatch.domain.unit import find_unit
from services.dispatch.store import Dispatches
from shared.asked import Asked
from shared.entry import Entry
from shared.store import retry_lost_races


@retry_lost_races
async def direct_supervision(
    order_id: UUID,
    command: DirectSupervision,
    dispatches: Dispatches,
    departments: tuple[Department, ...],
    limits: Limits,
    asked: Asked,
) -> Entry[Dispatch]:
    entry = await dispatches.load(order_id, asked)
    must_see(entry.state, asked.caller)  # before anything is said about the units
    unit = find_unit(command.unit, departments, entry.state.area)
    decision = direct(entry.state, command, unit, by=asked.caller, at=asked.now, limits=limits)
    return await dispatches.save(entry, decision, asked)
