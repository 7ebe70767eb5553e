"""HTTP in: rounds of deliberation, and the public notice of what was agreed."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Path
from starlette.responses import Response

from services.dispatch.api.router import ALWAYS, AT, Staff, Uses, router
from services.dispatch.commands.answer_objection import answer_objection
from services.dispatch.commands.close_round import close_round
from services.dispatch.commands.open_round import open_round
from services.dispatch.commands.raise_objection import raise_objection
from services.dispatch.commands.record_consents import record_consents
from services.dispatch.domain.consent import (
    CloseRound,
    RecordConsents,
    RoundIsClosed,
    SubsidiesPassCost,
    UnknownHousehold,
)
from services.dispatch.domain.deliberation import (
    OpenRound,
    RoundEndOutOfRange,
    SharesArePaid,
    SharesPassCost,
    TooManyRounds,
)
from services.dispatch.domain.dispatch import OnNotice, RoundIsOpen
from services.dispatch.domain.notice import AlreadyObjected, AnswerObjection, NotOnNotice, RaiseObjection
from services.dispatch.queries.views import DispatchOut
from shared.http import problems, reply

Number = Annotated[int, Path(ge=1, le=1000)]


@router.post(
    f"{AT}/rounds",
    tags=["dispatches"],
    response_model=DispatchOut,
    responses=problems(
        *ALWAYS, RoundIsOpen, OnNotice, SharesPassCost, TooManyRounds, SharesArePaid, RoundEndOutOfRange
    ),
)
async def post_round(order_id: UUID, body: OpenRound, asked: Staff, use: Uses) -> Response:
    """Put a proposal to the households, with its cost and how it is shared."""
    return reply(await open_round(order_id, body, use.dispatches, use.limits, asked), asked)


@router.post(
    f"{AT}/rounds/{{number}}/consents",
    tags=["dispatches"],
    response_model=DispatchOut,
    responses=problems(*ALWAYS, RoundIsClosed, UnknownHousehold),
)
async def post_consents(
    order_id: UUID, number: Number, body: RecordConsents, asked: Staff, use: Uses
) -> Response:
    """Write down what some households say. They may change their mind until the round is closed."""
    return reply(await record_consents(order_id, number, body, use.dispatches, asked), asked)


@router.post(
    f"{AT}/rounds/{{number}}/result",
    tags=["dispatches"],
    response_model=DispatchOut,
    responses=problems(*ALWAYS, RoundIsClosed, UnknownHousehold, SubsidiesPassCost),
)
async def post_round_result(
    order_id: UUID, number: Number, body: CloseRound, asked: Staff, use: Uses
) -> Response:
    """Close it with what was said. The shares of those who consent, and the subsidies, leave the gap.

    What is agreed is on public notice first, and binds when nobody objected with success."""
    return reply(await close_round(order_id, number, body, use.dispatches, use.limits, asked), asked)


@router.post(
    f"{AT}/rounds/{{number}}/objections",
    tags=["dispatches"],
    response_model=DispatchOut,
    responses=problems(*ALWAYS, NotOnNotice, UnknownHousehold, AlreadyObjected),
)
async def post_objection(
    order_id: UUID, number: Number, body: RaiseObjection, asked: Staff, use: Uses
) -> Response:
    """A household objects to what is on public notice."""
    return reply(await raise_objection(order_id, number, body, use.dispatches, use.limits, asked), asked)


@router.post(
    f"{AT}/rounds/{{number}}/objections/answer",
    tags=["dispatches"],
    response_model=DispatchOut,
    responses=problems(*ALWAYS, NotOnNotice, AlreadyObjected),
)
async def post_objection_answer(
    order_id: UUID, number: Number, body: AnswerObjection, asked: Staff, use: Uses
) -> Response:
    """Answer an objection. Upheld: the result is void. One that nobody answers in time counts as upheld."""
    return reply(await answer_objection(order_id, number, body, use.dispatches, use.limits, asked), asked)
