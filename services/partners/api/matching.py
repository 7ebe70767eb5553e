"""Matching: partners for a need, and calls for a partner, each with the reasons."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel
from starlette.responses import Response

from services.partners.api.router import (
    AT,
    AreaPath,
    Cursor,
    Known,
    Limit,
    Members,
    Readers,
    Staff,
    Uses,
    answered_partner,
    on_call,
    router,
    unless_known,
)
from services.partners.domain.matching.offering import DeclineOffer, decline
from services.partners.domain.matching.refusals import DeclinedAlready, HasAPart, OpenToAll
from services.partners.domain.registry.refusals import NotAPartner
from services.partners.queries.matching.board import BoardOut, Order, board_for, map_for
from services.partners.queries.matching.matches import MatchesOut, NeedIn, matches_for, matches_of
from shared.http import problems
from shared.problems import NotFound, WrongState

_JSON, _GEOJSON = "application/json", "application/geo+json"


class HowMany(BaseModel):
    limit: Limit = 20


@router.get(AT + "/matches", tags=["matching"], response_model=MatchesOut, responses=problems(NotFound))
async def get_matches(order_id: UUID, asked: Staff, use: Uses, limit: Limit = 20) -> Response:
    """The partners that fit a call of your area, the best first, with the reasons."""
    found = await matches_for(use.calls, use.market, order_id, asked.caller, limit)
    return Response(found, media_type=_JSON)


@router.post("/matches", tags=["matching"], response_model=MatchesOut, responses=problems(NotFound))
async def post_matches(
    body: NeedIn, asked: Staff, use: Uses, wanted: Annotated[HowMany, Query()]
) -> Response:
    """The partners that would fit a need of your area that is not called yet. Nothing is kept of the question."""
    return Response(matches_of(use.market, body, asked.caller, wanted.limit), media_type=_JSON)


@router.get("/board", tags=["matching"], response_model=BoardOut, responses=problems(NotAPartner))
async def get_board(
    asked: Members,
    use: Uses,
    known: Known = None,
    order: Order = Order.BEST,
    area: AreaPath | None = None,
    cursor: Cursor = None,
    limit: Limit = 20,
) -> Response:
    """The calls you may take. `best`: only what fits you. With `If-None-Match`: 304 while nothing has changed."""
    board = await board_for(
        use.calls, use.market, use.needs, asked.caller, order=order, area=area, cursor=cursor, limit=limit
    )
    return unless_known(board, _JSON, known)


@router.get(
    "/board/map",
    tags=["matching"],
    response_class=Response,
    responses={200: {"content": {_GEOJSON: {}}}, **problems(NotFound, NotAPartner)},
)
async def get_board_map(
    asked: Readers, use: Uses, known: Known = None, area: AreaPath | None = None
) -> Response:
    """The open calls that you see as points (GeoJSON, WGS-84), the newest 5,000.

    Partners without a part of it see where it is to about a hundred metres.
    """
    return unless_known(await map_for(use.calls, asked.caller, area), _GEOJSON, known)


@on_call("matching", "/decline", NotFound, NotAPartner, OpenToAll, HasAPart, DeclinedAlready, WrongState)
async def post_decline(order_id: UUID, body: DeclineOffer, asked: Members, use: Uses) -> Response:
    """Say that you do not want what you were offered, and why. When everybody has declined, more are asked at once."""
    return await answered_partner(
        use,
        order_id,
        asked,
        lambda call, me: decline(
            call, body, partner_id=me, at=asked.now, terms=use.terms, rank=use.market.rank
        ),
    )
