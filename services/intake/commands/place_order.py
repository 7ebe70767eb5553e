"""A resident, or somebody for them, says what is wrong or missing → `order_placed`."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from uuid_utils.compat import uuid7

from services.intake.domain.category import Category
from services.intake.domain.order import Order, PlaceOrder, place
from services.intake.domain.outline import Outline
from services.intake.store import Orders
from shared.asked import Asked
from shared.entry import Entry


async def place_order(
    command: PlaceOrder,
    orders: Orders,
    categories: Mapping[str, Category],
    outline: Outline,
    jurisdiction: str,
    asked: Asked,
) -> Entry[Order]:
    id: UUID = uuid7()
    decision = place(
        command,
        by=asked.caller,
        at=asked.now,
        categories=categories,
        outline=outline,
        jurisdiction=jurisdiction,
    )
    return await orders.place(id, decision, asked)
