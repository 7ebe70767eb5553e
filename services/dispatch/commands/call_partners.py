"""The need is opened to partners → `partners_called`."""

from __future__ import annotations

from uuid import UUID

from services.dispatch.domain.call import CallPartners, open_call
from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.limits import Limits
from services.dispatch.store import Dispatches
from shared.asked import Asked
from shared.entry import Entry
from shared.store import retry_lost_races


@retry_lost_races
async def call_partners(
    order_id: UUID, command: CallPartners, dispatches: Dispatches, limits: Limits, asked: Asked
) -> Entry[Dispatch]:
    entry = await dispatches.load(order_id, asked)
    decision = open_call(entry.state, command, by=asked.caller, at=asked.now, limits=limits)
    return await dispatches.save(entry, decision, asked)
