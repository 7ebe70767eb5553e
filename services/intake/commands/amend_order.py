"""Staff correct where an order is, or what it is about → `order_amended`."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from services.intake.domain.category import Category
from services.intake.domain.order import AmendOrder, Order, amend
from services.intake.domain.outline import Outline
from services.intake.store import Orders
from shared.asked import Asked
from shared.entry import Entry
from shared.store import retry_lost_races


@retry_lost_races
async def amend_order(
    order_id: UUID,
    command: AmendOrder,
    orders: Orders,
    categories: Mapping[str, Category],
    outline: Outline,
    asked: Asked,
) -> Entry[Order]:
    entry = await orders.load(order_id, asked)
    decision = amend(
        entry.state, command, by=asked.caller, at=asked.now, categories=categories, outline=outline
    )
    return await orders.save(entry, decision, asked)
