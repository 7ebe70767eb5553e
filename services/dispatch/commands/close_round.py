"""The households have said yes, no or nothing → `round_closed`."""

from __future__ import annotations

from uuid import UUID

from services.dispatch.domain.consent import CloseRound, settle
from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.store import Dispatches
from shared.asked import Asked
from shared.entry import Entry
from shared.store import retry_lost_races


@retry_lost_races
async def close_round(
    order_id: UUID, number: int, command: CloseRound, dispatches: Dispatches, asked: Asked
) -> Entry[Dispatch]:
    entry = await dispatches.load(order_id, asked)
    decision = settle(entry.state, number, command, by=asked.caller, at=asked.now)
    return await dispatches.save(entry, decision, asked)
