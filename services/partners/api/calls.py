"""The board: what may be claimed, and what is claimed."""

from __future__ import annotations

from uuid import UUID

from starlette.responses import Response

from services.partners.api.router import AT, AreaPath, Cursor, Limit, Readers, Uses, router
from services.partners.domain.registry.refusals import NotAPartner
from services.partners.domain.states import CallState
from services.partners.queries.calls import CallOut, CallPage, call_for, calls_for
from shared.http import page_of, problems, reply
from shared.problems import NotFound


@router.get("/calls", tags=["calls"], response_model=CallPage, responses=problems(NotFound, NotAPartner))
async def get_calls(
    asked: Readers,
    use: Uses,
    state: CallState | None = None,
    area: AreaPath | None = None,
    mine: bool = False,
    cursor: Cursor = None,
    limit: Limit = 20,
) -> Response:
    """The board, newest first. Partners: what is open to them and their own; `mine`: only that. Staff: their area."""
    page = await calls_for(
        use.calls, asked.caller, mine=mine, state=state, area=area, cursor=cursor, limit=limit
    )
    return page_of(page, asked)


@router.get(AT, tags=["calls"], response_model=CallOut, responses=problems(NotFound))
async def get_call(order_id: UUID, asked: Readers, use: Uses) -> Response:
    """One call, for the partners it is open to and the staff of its area."""
    return reply(await call_for(use.calls, order_id, asked.caller), asked)
