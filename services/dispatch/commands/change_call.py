"""More is asked of the partners, or for longer → `call_changed`."""

from __future__ import annotations

from uuid import UUID

from services.dispatch.domain import changing
from services.dispatch.domain.changing import ChangeCall
from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.limits import Limits
from services.dispatch.store import Dispatches
from shared.asked import Asked
from shared.entry import Entry
from shared.store import retry_lost_races


@retry_lost_races
async def change_call(
    order_id: UUID, command: ChangeCall, dispatches: Dispatches, limits: Limits, asked: Asked
) -> Entry[Dispatch]:
    entry = await dispatches.load(order_id, asked)
    decision = changing.change(entry.state, command, by=asked.caller, at=asked.now, limits=limits)
    return await dispatches.save(entry, decision, asked)
