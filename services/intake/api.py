"""HTTP in: place, read and withdraw orders, and watch one as it goes on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Path, Query
from pydantic import BaseModel
from starlette.responses import Response, StreamingResponse
from uuid_utils.compat import uuid7

from services.intake.domain.amending import AmendOrder, amend
from services.intake.domain.category import AnswerMissing, Category, NoSuchChoice, UnknownQuestion
from services.intake.domain.looking import look
from services.intake.domain.order import (
    CHANNELS,
    ChannelNotYours,
    ForWhomMissing,
    NotYourOrder,
    OnlyForYourself,
    OrderClosed,
    OutsideJurisdiction,
    PlaceOrder,
    SayWhyWithdrawn,
    UnknownCategory,
    WithdrawOrder,
    place,
    withdraw,
)
from services.intake.domain.outline import Outline
from services.intake.domain.question import AnswerQuestion, QuestionAnsweredAlready, answer_question
from services.intake.domain.reopening import (
    NotClosed,
    ReopenedTooOften,
    ReopeningTerms,
    ReopeningTooLate,
    ReopenOrder,
    reopen,
)
from services.intake.domain.timeline import Progress
from services.intake.queries import (
    OrderOut,
    WorkOut,
    followed_by,
    live_lines,
    order_for,
    orders_for,
    seen_by,
    shown_in_list,
    with_original,
)
from services.intake.store import Orders
from shared.caller import STAFF, Role
from shared.http import Asked, Depends, asked_by, page_of, problems, reply, to_json, using
from shared.live import Live
from shared.problems import NotAllowed, NotFound, TooManyStreams
from shared.quick import QuickRoute
from shared.store import decide


@dataclass(frozen=True, slots=True)
class Use:
    """What the routes need; built once at start."""

    orders: Orders
    live: Live
    categories: Mapping[str, Category]
    outline: Outline
    jurisdiction: str
    reopening: ReopeningTerms


class OrderPage(BaseModel):
    items: list[OrderOut]
    next: str | None


class CategoriesOut(BaseModel):
    items: list[Category]


Uses = Annotated[Use, Depends(using(Use))]
Placers = Annotated[Asked, Depends(asked_by(*CHANNELS))]  # whoever may place orders may also read some
Readers = Annotated[Asked, Depends(asked_by(*CHANNELS, Role.DEPARTMENT, Role.PARTNER))]
Staff = Annotated[Asked, Depends(asked_by(*STAFF))]
AreaPath = Annotated[str, Query(pattern=r"^[0-9]{6}(/[0-9A-Za-z_-]{1,20}){0,4}$")]

router = APIRouter(prefix="/api/intake/v1", tags=["orders"], route_class=QuickRoute)


@router.post(
    "/orders",
    status_code=201,
    response_model=OrderOut,
    responses=problems(
        OutsideJurisdiction,
        UnknownCategory,
        UnknownQuestion,
        AnswerMissing,
        NoSuchChoice,
        ChannelNotYours,
        OnlyForYourself,
        ForWhomMissing,
    ),
)
async def post_order(body: PlaceOrder, asked: Placers, use: Uses) -> Response:
    """Place an order. With an Idempotency-Key, repeating the request is safe: one tap, one order."""
    decision = place(
        body,
        by=asked.caller,
        at=asked.now,
        categories=use.categories,
        outline=use.outline,
        jurisdiction=use.jurisdiction,
    )
    return reply(await use.orders.place(uuid7(), decision, asked), asked)


@router.get("/orders", response_model=OrderPage, responses=problems(NotFound))
async def get_orders(
    asked: Placers,
    use: Uses,
    area: AreaPath | None = None,
    progress: Progress | None = None,
    cursor: Annotated[str | None, Query(max_length=64)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> Response:
    """Your own orders, newest first; for staff, the orders of their area, with text and contact of their own."""
    page = await orders_for(
        use.orders, asked.caller, area=area, progress=progress, cursor=cursor, limit=limit
    )
    return page_of(page, replace(asked, view=lambda *shown: to_json(shown_in_list(*shown))))


@router.get("/orders/{order_id}", response_model=OrderOut | WorkOut, responses=problems(NotFound))
async def get_order(order_id: UUID, asked: Readers, use: Uses) -> Response:
    """One order with its timeline, for whoever placed it, for whom it was placed, and the staff of its area.

    A department that is asked or has the work, and a partner that holds a claim, read what the work needs as long as
    that is so. That somebody else than the owners read it stands in `looks` before it is answered, once a day for each.
    """
    entry = await decide(
        use.orders,
        order_id,
        replace(asked, expects=None),
        lambda order: look(order, by=asked.caller, at=asked.now, zone=use.orders.zone),
    )
    return reply(await with_original(use.orders, entry), asked)


@router.get(
    "/orders/{order_id}/live",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {}}}, **problems(NotFound, TooManyStreams)},
)
async def get_order_live(
    order_id: UUID,
    asked: Placers,
    use: Uses,
    last_event_id: Annotated[int, Header(ge=0, le=2**31)] = 0,
) -> Response:
    """Server-sent events: the lines of the timeline as they come, from `Last-Event-ID` on.

    Event: the line's `event`; id: its number; data: `{line, progress, funding}`. After the last line of a closed
    order comes the event `end`; and at once to whoever may not read the order any more, e.g. because it lies in another
    area now. The lines of an order that this one repeats come without an id, once on each stream.
    """
    await order_for(use.orders, order_id, asked.caller)
    return use.live.response(
        order_id, live_lines, last_event_id, asked.caller, sees=seen_by, follows=followed_by
    )


@router.post(
    "/orders/{order_id}/withdrawal",
    response_model=OrderOut,
    responses=problems(NotFound, NotYourOrder, SayWhyWithdrawn, OrderClosed),
)
async def post_withdrawal(order_id: UUID, body: WithdrawOrder, asked: Placers, use: Uses) -> Response:
    """Withdraw an order, as long as it is not closed. Repeating the request is safe."""
    entry = await decide(
        use.orders, order_id, asked, lambda order: withdraw(order, body, by=asked.caller, at=asked.now)
    )
    return reply(entry, asked)


@router.post(
    "/orders/{order_id}/reopening",
    response_model=OrderOut,
    responses=problems(NotFound, NotYourOrder, NotClosed, ReopeningTooLate, ReopenedTooOften),
)
async def post_reopening(order_id: UUID, body: ReopenOrder, asked: Placers, use: Uses) -> Response:
    """Open a closed order again: it is not good. Whoever had it last has it again. Repeating the request is safe."""
    entry = await decide(
        use.orders,
        order_id,
        asked,
        lambda order: reopen(order, body, by=asked.caller, at=asked.now, terms=use.reopening),
    )
    return reply(entry, asked)


@router.post(
    "/orders/{order_id}/questions/{number}/answer",
    response_model=OrderOut,
    responses=problems(NotFound, NotYourOrder, OrderClosed, QuestionAnsweredAlready),
)
async def post_answer(
    order_id: UUID,
    number: Annotated[int, Path(ge=1, le=1000)],
    body: AnswerQuestion,
    asked: Placers,
    use: Uses,
) -> Response:
    """Answer what the unit that has the order asked. Read by you, the staff of the area and whoever has the work."""
    entry = await decide(
        use.orders,
        order_id,
        asked,
        lambda order: answer_question(order, number, body, by=asked.caller, at=asked.now),
    )
    return reply(entry, asked)


@router.post(
    "/orders/{order_id}/amendment",
    response_model=OrderOut,
    responses=problems(
        NotFound,
        NotAllowed,
        OrderClosed,
        UnknownCategory,
        OutsideJurisdiction,
        UnknownQuestion,
        AnswerMissing,
        NoSuchChoice,
    ),
)
async def post_amendment(order_id: UUID, body: AmendOrder, asked: Staff, use: Uses) -> Response:
    """Correct where, what about or how urgent it is, or its title: its grid is found again, limits count anew.

    The routing rules decide again about what nobody has answered; whoever has it in hand there keeps it.
    """
    entry = await decide(
        use.orders,
        order_id,
        asked,
        lambda order: amend(
            order, body, by=asked.caller, at=asked.now, categories=use.categories, outline=use.outline
        ),
    )
    return reply(entry, asked)


@router.get("/categories")
async def get_categories(use: Uses) -> CategoriesOut:
    """What an order can be about."""
    return CategoriesOut(items=list(use.categories.values()))
