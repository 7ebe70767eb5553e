"""The board of a partner: calls that it may take, ordered for it, with the reasons; and the same as a map."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import orjson
from pydantic import BaseModel

from services.partners.domain.call import Call
from services.partners.domain.matching.facts import Point, Wanted, about
from services.partners.domain.matching.score import Match, Why, rounded
from services.partners.domain.matching.words import WHY, Said
from services.partners.domain.registry.partner import partner_of
from services.partners.queries.calls import LineOut, lines_of
from services.partners.queries.matching.market import Market
from services.partners.queries.matching.matches import MatchOut, match_row
from services.partners.queries.matching.needs import Needs
from services.partners.store import Calls
from shared.caller import Caller, Role
from shared.problems import Malformed, NotFound
from shared.store.listing import Row

_FAR = 2**60  # after everything that has a distance


class Order(StrEnum):
    """What a board is ordered by."""

    BEST = "best"  # only what fits, the best first
    NEAREST = "nearest"
    NEWEST = "newest"


class BoardItemOut(BaseModel):
    """A call that the partner may take. `match`: how well it fits; null: it does not, and `why_not` says why.

    Where it is, to about a hundred metres; the very point for whoever has a part of it. `metres` in whole hundreds.
    """

    order_id: UUID
    title: str
    category: str
    urgency: str
    area: str
    longitude: float | None
    latitude: float | None
    until: datetime | None
    exclusive: bool
    offered: bool
    lines: list[LineOut]
    match: MatchOut | None
    why_not: Said | None
    metres: int | None


class BoardOut(BaseModel):
    """A page of a partner's board."""

    items: list[BoardItemOut]
    next: str | None


async def board_for(
    calls: Calls,
    market: Market,
    needs: Needs,
    caller: Caller,
    *,
    order: Order,
    area: str | None,
    cursor: str | None,
    limit: int,
) -> bytes:
    """What a partner may take, ordered for it: the JSON of a `BoardOut`. Raises NotAPartner, Malformed."""
    me, after = partner_of(caller), _decode(cursor)
    if order is Order.BEST:
        wanted = await needs.of(await calls.fitting(me, area, market.keys(me)))
        fits = {id: market.fit(me, one) for id, one in wanted.items()}
        places = [(-fit.score, id) for id, fit in fits.items() if isinstance(fit, Match)]
    else:
        rows = await calls.places_to_take(me, area)
        places = [(_rank(order, row, market.metres(me, _point(row))), row["_id"]) for row in rows]
    left = sorted(place for place in places if after is None or place > after)
    page = left[:limit]
    found = await calls.load_many([id for _, id in page])
    items = [_item(market, me, id, found[id].state) for _, id in page if id in found]
    if order is Order.BEST:  # what was taken in between fits no more
        items = [one for one in items if one["match"]]
    following = _encode(page[-1]) if len(left) > limit else None
    return orjson.dumps({"items": items, "next": following}, option=orjson.OPT_UTC_Z)


def _rank(order: Order, row: Row, metres: int | None) -> int:
    if order is Order.NEWEST:
        id: UUID = row["_id"]
        return -(id.int >> 80)  # ids begin with the time
    return _FAR if metres is None else metres


def _point(row: Row) -> Point | None:
    return Point.known(about(row["state"].get("longitude")), about(row["state"].get("latitude")))


def _item(market: Market, me: UUID, id: UUID, call: Call) -> dict[str, Any]:
    """What becomes the JSON of a `BoardItemOut`."""
    wanted = Wanted.of(call)
    fit, mine = market.fit(me, wanted), call.is_done_by(me)
    return {
        "order_id": id,
        "title": call.title,
        "category": call.category,
        "urgency": call.urgency,
        "area": call.area,
        "longitude": call.longitude if mine else about(call.longitude),
        "latitude": call.latitude if mine else about(call.latitude),
        "until": call.until,
        "exclusive": call.exclusive,
        "offered": bool(call.offered_to),
        "lines": [line.model_dump() for line in lines_of(call)],
        "match": match_row(fit, market.scale) if isinstance(fit, Match) else None,
        "why_not": WHY[fit] if isinstance(fit, Why) else None,
        "metres": rounded(market.metres(me, wanted.point)),
    }


def _encode(place: tuple[int, UUID]) -> str:
    return f"{place[0]}.{place[1].hex}"


def _decode(cursor: str | None) -> tuple[int, UUID] | None:
    if cursor is None:
        return None
    rank, _, id = cursor.partition(".")
    try:
        return int(rank), UUID(id)
    except ValueError as error:
        raise Malformed("cursor: not one of ours") from error


# ── the map ──


async def map_for(calls: Calls, caller: Caller, area: str | None) -> bytes:
    """The open calls that the caller sees, as GeoJSON points (WGS-84). Raises NotAPartner, NotFound."""
    if caller.role is Role.PARTNER:
        me = partner_of(caller)
        return _geojson(_placed(row, me) for row in await calls.places_to_take(me, area))
    within = area or caller.area
    if within is None or not caller.covers(within):
        raise NotFound("area: not one of yours")
    return _geojson(await calls.places_open_in(within))


def _placed(row: Row, me: UUID) -> Row:
    """Where it is, as a partner may see it."""
    state = row["state"]
    if me in row.get("find", {}).get("holders", ()):
        return row
    return {**row, "state": {**state, **{axis: about(state.get(axis)) for axis in ("longitude", "latitude")}}}


def _geojson(rows: Iterable[Row]) -> bytes:
    features = [
        {
            "type": "Feature",
            "id": row["_id"],
            "geometry": {"type": "Point", "coordinates": (state["longitude"], state["latitude"])},
            "properties": {
                **{name: state.get(name) for name in ("title", "category", "urgency", "until")},
                "kinds": sorted({line["kind"] for line in state["lines"]}),
                "offered": bool(state.get("offered_to")),
            },
        }
        for row in rows
        if (state := row["state"]).get("longitude") is not None
    ]
    return orjson.dumps({"type": "FeatureCollection", "features": features}, option=orjson.OPT_UTC_Z)
