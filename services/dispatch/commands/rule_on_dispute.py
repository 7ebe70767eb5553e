"""The level above decides about a refusal → `dispute_ruled`."""

from __future__ import annotations

from uuid import UUID

from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.dispute import RuleOnDispute, rule_on
from services.dispatch.domain.limits import Limits
from services.dispatch.store import Dispatches
from shared.asked import Asked
from shared.entry import Entry
from shared.store import retry_lost_races


@retry_lost_races
async def rule_on_dispute(
    order_id: UUID, command: RuleOnDispute, dispatches: Dispatches, limits: Limits, asked: Asked
) -> Entry[Dispatch]:
    entry = await dispatches.load(order_id, asked)
    decision = rule_on(entry.state, command, by=asked.caller, at=asked.now, limits=limits)
    return await dispatches.save(entry, decision, asked)
