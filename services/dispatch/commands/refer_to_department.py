"""A department is asked to act → `referral_made`."""

from __future__ import annotations

from uuid import UUID

from services.dispatch.domain.department import Department, find_department
from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.duty import must_see
from services.dispatch.domain.limits import Limits
from services.dispatch.domain.referral import ReferToDepartment, refer
from services.dispatch.store import Dispatches
from shared.asked import Asked
from shared.entry import Entry
from shared.store import retry_lost_races


@retry_lost_races
async def refer_to_department(
    order_id: UUID,
    command: ReferToDepartment,
    dispatches: Dispatches,
    departments: tuple[Department, ...],
    limits: Limits,
    asked: Asked,
) -> Entry[Dispatch]:
    entry = await dispatches.load(order_id, asked)
    must_see(entry.state, asked.caller)  # before anything is said about the department
    department = find_department(departments, command.department)
    decision = refer(
        entry.state, command, by=asked.caller, department=department, at=asked.now, limits=limits
    )
    return await dispatches.save(entry, decision, asked)
