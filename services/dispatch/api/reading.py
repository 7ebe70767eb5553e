"""HTTP in: the queue, one dispatch, its history."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from services.dispatch.api.router import AT, AreaPath, StaffOrDepartment, Uses, router
from services.dispatch.domain.ladder import DispatchState, Level
from services.dispatch.queries.reading import dispatch_for, history_for, within
from services.dispatch.queries.views import DispatchOut, DispatchPage, HistoryOut
from services.dispatch.store import Queue
from shared.command import Code
from shared.http import page_of, problems, reply
from shared.problems import NotFound


class QueueQuery(BaseModel):
    """Which dispatches; what is left out does not matter."""

    model_config = ConfigDict(extra="forbid")

    area: AreaPath | None = None
    state: DispatchState | None = None
    level: Level | None = None
    category: Code | None = None
    urgency: Code | None = None
    overdue: bool | None = None
    cursor: Annotated[str, Field(max_length=64)] | None = None
    limit: Annotated[int, Field(ge=1, le=100)] = 20

    def queue(self, allowed: Queue) -> Queue:
        """What the caller may list, narrowed to this."""
        return replace(
            allowed,
            state=self.state,
            level=self.level,
            category=self.category,
            urgency=self.urgency,
            overdue=self.overdue,
        )


@router.get("/dispatches", tags=["dispatches"], response_model=DispatchPage, responses=problems(NotFound))
async def get_dispatches(
    asked: StaffOrDepartment, use: Uses, wanted: Annotated[QueueQuery, Query()]
) -> Response:
    """The queue, newest first: of the caller's area or a part of it; for a department, what it was asked."""
    queue = wanted.queue(within(asked.caller, wanted.area))
    return page_of(await use.dispatches.queue(queue, cursor=wanted.cursor, limit=wanted.limit), asked)


@router.get(AT, tags=["dispatches"], response_model=DispatchOut, responses=problems(NotFound))
async def get_dispatch(order_id: UUID, asked: StaffOrDepartment, use: Uses) -> Response:
    """One dispatch with its whole record and the money."""
    return reply(await dispatch_for(use.dispatches, order_id, asked.caller), asked)


@router.get(f"{AT}/history", tags=["dispatches"], responses=problems(NotFound))
async def get_history(order_id: UUID, asked: StaffOrDepartment, use: Uses) -> HistoryOut:
    """Everything that was told of it, oldest first."""
    return await history_for(use.dispatches, order_id, asked.caller)
