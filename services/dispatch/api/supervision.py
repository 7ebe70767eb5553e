"""HTTP in: what the district does about what it supervises, and the register of it."""

from __future__ import annotations

from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from services.dispatch.api.router import AreaPath, Staff, Uses, answered, by_rule, on_dispatch, router
from services.dispatch.domain.clocks.limits import DeadlineOutOfRange
from services.dispatch.domain.ground.department import UnknownDepartment
from services.dispatch.domain.supervision import directing
from services.dispatch.queries.reading import area_of
from services.dispatch.queries.supervision import RegisterOut, SupervisedOut
from shared.http import problems
from shared.problems import NotFound


class RegisterQuery(BaseModel):
    """`still`: only what is supervised now."""

    model_config = ConfigDict(extra="forbid")

    area: AreaPath | None = None
    still: bool = True
    cursor: Annotated[str, Field(max_length=64)] | None = None
    limit: Annotated[int, Field(ge=1, le=100)] = 20


@on_dispatch("/supervision", directing.NotSupervised, DeadlineOutOfRange, UnknownDepartment)
async def post_supervision(
    order_id: UUID, body: directing.DirectSupervision, asked: Staff, use: Uses
) -> Response:
    """Say which unit has to do what, and until when."""
    return await by_rule(
        use, order_id, asked, partial(directing.direct, departments=use.ground.departments), body
    )


@on_dispatch("/supervision/result", directing.NotSupervised)
async def post_supervision_result(
    order_id: UUID, body: directing.CloseSupervision, asked: Staff, use: Uses
) -> Response:
    """Close the supervision, and say what has come of it."""
    return await answered(
        use, order_id, asked, lambda it: directing.close_supervision(it, body, by=asked.caller, at=asked.now)
    )


@router.get("/supervisions", tags=["supervision"], responses=problems(NotFound))
async def get_supervisions(asked: Staff, use: Uses, wanted: Annotated[RegisterQuery, Query()]) -> RegisterOut:
    """The register of supervision of the caller's area or a part of it, newest order first."""
    area = area_of(asked.caller, wanted.area)
    page = await use.dispatches.supervised(area, still=wanted.still, cursor=wanted.cursor, limit=wanted.limit)
    register = RegisterOut(items=[SupervisedOut.of(entry) for entry in page.items], next=page.next)
    return use.names.beside(register)
