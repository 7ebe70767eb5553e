"""The read side: what each caller is shown of an order."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel

from services.intake.domain.order import Contact, Order
from services.intake.domain.timeline import Line, Progress, Question, Reopening, in_order
from services.intake.store import Orders
from shared.caller import STAFF, Caller
from shared.contracts.from_intake.orders import Place
from shared.contracts.message import copied
from shared.entry import Entry
from shared.live import LiveEvent
from shared.problems import NotFound
from shared.store import Page


class FundingOut(BaseModel):
    """Whole fen. `cost = shares + subsidies + pledged + gap`."""

    cost: int
    shares: int
    subsidies: int
    pledged: int
    gap: int


class OrderOut(BaseModel):
    """An order with its timeline, oldest line first. Text, contact and people: only for the owners and the staff."""

    id: UUID
    kind: str
    category: str
    title: str
    place: Place | None
    urgency: str
    channel: str
    area: str
    progress: Progress
    outcome: str | None
    placed_at: datetime | None
    closed_at: datetime | None
    funding: FundingOut
    timeline: list[Line]
    questions: list[Question] = []  # with the answers
    text: str | None = None
    contact: Contact | None = None
    answers: dict[str, str] | None = None  # to the category's questions
    subject: str | None = None  # what the resident called it
    withdrawn_because: str | None = None
    reopenings: list[Reopening] = []
    placed_by: str | None = None
    ordered_for: str | None = None

    @classmethod
    def of(cls, entry: Entry[Order], caller: Caller) -> Self:
        order = entry.state
        inside = order.is_seen_by(caller)
        return cls(
            id=entry.id,
            kind=order.kind,
            category=order.category,
            title=order.title,
            place=order.place,
            urgency=order.urgency,
            channel=order.channel,
            area=order.area,
            progress=order.progress,
            outcome=order.outcome,
            placed_at=order.placed_at,
            closed_at=order.closed_at,
            funding=copied(FundingOut, order.funding),
            timeline=in_order(order.timeline),
            questions=list(order.questions) if inside else [],
            text=order.text if inside else None,
            contact=order.contact if inside else None,
            answers=dict(order.answers) if inside else None,
            subject=order.subject if inside else None,
            withdrawn_because=order.withdrawn_because if inside else None,
            reopenings=list(order.reopenings) if inside else [],
            placed_by=order.placed_by.id if inside and order.placed_by else None,
            ordered_for=order.ordered_for if inside else None,
        )


async def order_for(orders: Orders, order_id: UUID, caller: Caller) -> Entry[Order]:
    """The order, if the caller may see it. Raises NotFound otherwise, as if there were none."""
    entry = await orders.peek(order_id)
    if not entry.state.is_seen_by(caller):
        raise NotFound
    return entry


async def orders_for(
    orders: Orders,
    caller: Caller,
    *,
    area: str | None,
    progress: Progress | None,
    cursor: str | None,
    limit: int,
) -> Page[Entry[Order]]:
    """Staff: the orders of their area, or of a part of it. Everybody else: their own."""
    if area is not None and not (caller.role in STAFF and caller.covers(area)):
        raise NotFound("area: not one of yours")
    if caller.role not in STAFF:
        return await orders.of_person(caller.id, progress=progress, cursor=cursor, limit=limit)
    within = area or caller.area
    if within is None:
        return Page((), None)
    return await orders.of_area(within, progress=progress, cursor=cursor, limit=limit)


def live_lines(entry: Entry[Order]) -> list[LiveEvent]:
    """The timeline as it came in, each line with the progress and the funding that it led to.

    The line numbers are what a client resumes from, so they follow the arrival; the lines themselves say when things
    happened. Whoever is behind gets the same events as whoever was there. The newest line of a closed order is the
    last one.
    """
    events: list[LiveEvent] = []
    order = Order()
    closed, lines = entry.state.closed_at is not None, entry.state.timeline
    for line in lines:
        order = order.with_line(line)
        events.append(
            LiveEvent(
                line.number, line.event, _as_it_was(order, line), last=closed and line.number == len(lines)
            )
        )
    return events


def _as_it_was(order: Order, line: Line) -> dict[str, Any]:
    return {
        "line": line.model_dump(mode="json"),
        "progress": order.progress,
        "funding": copied(FundingOut, order.funding).model_dump(),
    }
