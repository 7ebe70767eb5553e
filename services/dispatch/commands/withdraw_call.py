"""The need is no longer open → `call_withdrawn`."""

from __future__ import annotations

from uuid import UUID

from services.dispatch.domain.call import WithdrawCall, end_call
from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.limits import Limits
from services.dispatch.store import Dispatches
from shared.asked import Asked
from shared.entry import Entry
from shared.store import retry_lost_races


@retry_lost_races
async def withdraw_call(
    order_id: UUID, command: WithdrawCall, dispatches: Dispatches, limits: Limits, asked: Asked
) -> Entry[Dispatch]:
    entry = await dispatches.load(order_id, asked)
    decision = end_call(entry.state, command, by=asked.caller, at=asked.now, limits=limits)
    return await dispatches.save(entry, decision, asked)
