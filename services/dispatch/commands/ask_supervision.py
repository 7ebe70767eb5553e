"""Whoever is stuck asks the district to watch over the way out → `supervision_raised`."""

from __future__ import annotations

from uuid import UUID

from services.dispatch.domain.deadlock import AskSupervision, hand_up
from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.limits import Limits
from services.dispatch.store import Dispatches
from shared.asked import Asked
from shared.entry import Entry
from shared.store import retry_lost_races


@retry_lost_races
async def ask_supervision(
    order_id: UUID, command: AskSupervision, dispatches: Dispatches, limits: Limits, asked: Asked
) -> Entry[Dispatch]:
    entry = await dispatches.load(order_id, asked)
    decision = hand_up(entry.state, command, by=asked.caller, at=asked.now, limits=limits)
    return await dispatches.save(entry, decision, asked)
