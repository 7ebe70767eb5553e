"""The households have said yes, no or nothing → `round_closed`, and `notice_opened` when they agree."""

from __future__ import annotations

from uuid import UUID

from services.dispatch.domain.consent import CloseRound, settle
from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.limits import Limits
from services.dispatch.store import Dispatches
from shared.asked import Asked
from shared.entry import Entry
from shared.store import retry_lost_races


@retry_lost_races
async def close_round(
    order_id: UUID, number: int, command: CloseRound, dispatches: Dispatches, limits: Limits, asked: Asked
) -> Entry[Dispatch]:
    entry = await dispatches.load(order_id, asked)
    decision = settle(entry.state, number, command, by=asked.caller, at=asked.now, limits=limits)
    return await dispatches.save(entry, decision, asked)
