"""The board of a partner: calls that it may take, ordered for it, with the reasons; and the same as a map."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Self
from uuid import UUID

import orjson
from pydantic import BaseModel

from services.partners.domain.call import Call, Claim
from services.partners.domain.matching.facts import Wanted
from services.partners.domain.matching.score import Match, Scale, Why
from services.partners.domain.matching.words import WHY, Said
from services.partners.domain.partner import partner_of
from services.partners.domain.states import CallState
from services.partners.queries.calls import ClaimOut, LineOut, lines_of
from services.partners.queries.market import Market
from services.partners.queries.matches import MatchOut
from services.partners.store import Calls
from shared.caller import Caller, Role
from shared.problems import Malformed, NotFound

_FAR = 2**60  # after everything that has a distance


class Order(StrEnum):
    """What a board is ordered by."""

    BEST = "best"  # only what fits, the best first
    NEAREST = "nearest"
    NEWEST = "newest"


class BoardItemOut(BaseModel):
    """A call that the partner may take. `match`: how well it fits; null: it does not, and `why_not` says why."""

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

    @classmethod
    def of(cls, id: UUID, call: Call, fit: Match | Why, metres: int | None, scale: Scale) -> Self:
        return cls(
            order_id=id,
            title=call.title,
            category=call.category,
            urgency=call.urgency,
            area=call.area,
            longitude=call.longitude,
            latitude=call.latitude,
            until=call.until,
            exclusive=call.exclusive,
            offered=bool(call.offered_to),
            lines=lines_of(call),
            match=MatchOut.of(fit, scale) if isinstance(fit, Match) else None,
            why_not=WHY[fit] if isinstance(fit, Why) else None,
            metres=metres,
        )


class BoardOut(BaseModel):
    """A page of a partner's board."""

    items: list[BoardItemOut]
    next: str | None


async def board_for(
    calls: Calls,
    market: Market,
    caller: Caller,
    *,
    order: Order,
    area: str | None,
    cursor: str | None,
    limit: int,
) -> BoardOut:
    """What a partner may take, ordered for it. Raises NotAPartner, Malformed."""
    me, after = partner_of(caller), _decode(cursor)
    found: list[tuple[tuple[int, UUID], Call, Match | Why, int | None]] = []
    keys = market.keys(me) if order is Order.BEST else None
    for id, call in await calls.open_to(me, area, keys):
        wanted = Wanted.of(call)
        fit, metres = market.fit(me, wanted), market.metres(me, wanted)
        place = _rank(order, id, fit, metres), id
        if (isinstance(fit, Match) or order is not Order.BEST) and (after is None or place > after):
            found.append((place, call, fit, metres))
    found.sort(key=lambda one: one[0])
    page = found[:limit]
    items = [BoardItemOut.of(place[1], call, fit, metres, market.scale) for place, call, fit, metres in page]
    return BoardOut(items=items, next=_encode(page[-1][0]) if len(found) > limit else None)


def _rank(order: Order, id: UUID, fit: Match | Why, metres: int | None) -> int:
    if order is Order.NEWEST:
        return -(id.int >> 80)  # ids begin with the time
    if order is Order.BEST:
        return -fit.score if isinstance(fit, Match) else 0
    return _FAR if metres is None else metres


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


# ── what a partner has in hand ──


class MyClaimOut(BaseModel):
    """A claim that you have in hand. `next_at`: when something of it is due next; null: nothing is."""

    order_id: UUID
    title: str
    category: str
    area: str
    state: CallState
    next_at: datetime | None
    claim: ClaimOut


class MyClaimsOut(BaseModel):
    """What is due first comes first."""

    items: list[MyClaimOut]


async def claims_of(calls: Calls, caller: Caller) -> MyClaimsOut:
    """Everything that a partner has in hand; the limit of what it may hold bounds it. Raises NotAPartner."""
    me = partner_of(caller)
    items = [
        MyClaimOut(
            order_id=id,
            title=call.title,
            category=call.category,
            area=call.area,
            state=call.state,
            next_at=_next_at(claim),
            claim=ClaimOut.of(call, claim, caller),
        )
        for id, call in await calls.held_by(me)
        for claim in call.active
        if claim.partner_id == me
    ]
    items.sort(key=lambda one: (one.next_at is None, one.next_at or one.claim.at, one.order_id))
    return MyClaimsOut(items=items)


def _next_at(claim: Claim) -> datetime | None:
    """A plan or a word on progress, the end of a block, or the answer to whoever asks for it."""
    ends = [one.until for one in (claim.block, claim.takeover) if one]
    return min([*ends, *([claim.due] if claim.due else [])], default=None)


# ── the map ──


async def map_for(calls: Calls, caller: Caller, area: str | None) -> bytes:
    """The open calls that the caller sees, as GeoJSON points (WGS-84). Raises NotAPartner, NotFound."""
    if caller.role is Role.PARTNER:
        return _geojson(await calls.open_to(partner_of(caller), area))
    within = area or caller.area
    if within is None or not caller.covers(within):
        raise NotFound("area: not one of yours")
    return _geojson(await calls.open_in(within))


def _geojson(found: Iterable[tuple[UUID, Call]]) -> bytes:
    features = [
        {
            "type": "Feature",
            "id": id,
            "geometry": {"type": "Point", "coordinates": (call.longitude, call.latitude)},
            "properties": {
                "title": call.title,
                "category": call.category,
                "urgency": call.urgency,
                "until": call.until,
                "gap": call.gap,
                "kinds": sorted({line.kind for line in call.lines}),
                "offered": bool(call.offered_to),
            },
        }
        for id, call in found
        if call.longitude is not None
    ]
    return orjson.dumps({"type": "FeatureCollection", "features": features}, option=orjson.OPT_UTC_Z)
