"""HTTP in: a dispatch is handed to another grid, and what is open is found again in a new territory."""

from __future__ import annotations

from functools import partial
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field
from starlette.responses import Response

from services.dispatch.api.router import Staff, Uses, by_rule, on_dispatch, router
from services.dispatch.commands.apply_territory import apply_territory
from services.dispatch.domain.dispatch import TasksOpen
from services.dispatch.domain.duty import NotYourLevel
from services.dispatch.domain.ground.territory import AreaUnknown
from services.dispatch.domain.place.moving import LiesThereAlready, TransferDispatch, transfer
from shared.command import Command
from shared.http import problems, to_json
from shared.problems import WrongState


class ApplyTerritory(Command):
    """`cursor`: the `next` of the answer before; left out, it begins anew, which does no harm."""

    cursor: Annotated[str, Field(max_length=64)] | None = None


class AppliedOut(BaseModel):
    """`moved` lie in another area now, whoever has them in hand.

    `next`: put it into `cursor` for the next batch; null: all were looked at.
    """

    version: int
    looked: int
    moved: int
    next: str | None


@on_dispatch("/transfer", AreaUnknown, TasksOpen, LiesThereAlready)
async def post_transfer(order_id: UUID, body: TransferDispatch, asked: Staff, use: Uses) -> Response:
    """Hand it to another grid. For a level that has both under it; its clock for taking it runs anew there."""
    return await by_rule(use, order_id, asked, partial(transfer, ground=use.ground), body)


@router.post(
    "/territory/application",
    tags=["territory"],
    response_model=AppliedOut,
    responses=problems(NotYourLevel, WrongState),
)
async def post_territory_application(body: ApplyTerritory, asked: Staff, use: Uses) -> Response:
    """Find a hundred open dispatches again in the newest territory; again and again until `next` is null.

    For the district. It may be broken off and done again at any time.
    """
    done = await apply_territory(body.cursor, use.books, use.dispatches, use.limits, asked)
    return Response(to_json(AppliedOut(**done._asdict())), 200, None, "application/json")
