"""The resident answers what the unit asked → `question_answered`, without a word of the answer."""

from __future__ import annotations

from uuid import UUID

from services.intake.domain.order import Order
from services.intake.domain.question import AnswerQuestion
from services.intake.domain.question import answer_question as decide
from services.intake.store import Orders
from shared.asked import Asked
from shared.entry import Entry
from shared.store import retry_lost_races


@retry_lost_races
async def answer_question(
    order_id: UUID, number: int, command: AnswerQuestion, orders: Orders, asked: Asked
) -> Entry[Order]:
    entry = await orders.load(order_id, asked)
    return await orders.save(
        entry, decide(entry.state, number, command, by=asked.caller, at=asked.now), asked
    )
