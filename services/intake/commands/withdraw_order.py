"""Whoever ordered does not want it any more → `order_withdrawn`."""

from __future__ import annotations

from uuid import UUID

from services.intake.domain.order import Order, WithdrawOrder, withdraw
from services.intake.store import Orders
from shared.asked import Asked
from shared.entry import Entry
from shared.store import retry_lost_races


@retry_lost_races
async def withdraw_order(
    order_id: UUID, command: WithdrawOrder, orders: Orders, asked: Asked
) -> Entry[Order]:
    entry = await orders.load(order_id, asked)
    return await orders.save(entry, withdraw(entry.state, command, by=asked.caller, at=asked.now), asked)
