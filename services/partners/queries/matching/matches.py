"""Partners for a need: each with its score and the reasons."""

from __future__ import annotations

from typing import Annotated, Any, Self
from uuid import UUID

import orjson
from pydantic import BaseModel, Field, model_validator

from services.partners.domain.call import Need
from services.partners.domain.matching.facts import Point, Wanted, part_of
from services.partners.domain.matching.score import Match, Scale
from services.partners.domain.matching.words import Said, explained, in_short
from services.partners.domain.registry.resource import ResourceKind
from services.partners.queries.matching.market import Market
from services.partners.store import Calls
from shared.caller import STAFF, Caller
from shared.command import Code, Command, Day
from shared.contracts.called import Called, called
from shared.problems import NotFound


class ReasonOut(BaseModel):
    """One reason. `points = weight × worth`; weights sum to 1000, and a factor is worth 0 to 1000."""

    name: str
    weight: int
    worth: int
    points: int
    words: Said


class CoverOut(BaseModel):
    """Of one line: what is missing, and what the partner has free of it."""

    name: str
    missing: int
    free: int


class MatchOut(BaseModel):
    """How well they fit: 0 to 1,000,000, the sum of the points of all factors. `metres` in whole hundreds."""

    score: int
    words: Said
    metres: int | None
    covers: list[CoverOut]
    factors: list[ReasonOut]


class PartnerMatchOut(MatchOut):
    """A partner that fits the need."""

    partner_id: UUID
    partner_name: Called
    kind: str


class MatchesOut(BaseModel):
    """Those who fit best, the best first, and how many fit."""

    items: list[PartnerMatchOut]
    fitting: int


class NeedLineIn(Command):
    """One line of a need, named by the code of a resource. Fen for funds, whole units for everything else."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9_-]{1,40}$")]
    kind: ResourceKind
    amount: Annotated[int, Field(strict=True, gt=0, le=2**53)]
    unit: Annotated[str, Field(min_length=1, max_length=20)] = "fen"
    latest: Day | None = None


class NeedIn(Command):
    """A need that is not called yet. `exclusive`: one partner must have all of it."""

    area: Annotated[str, Field(pattern=r"^[0-9]{6}(/[0-9A-Za-z_-]{1,20}){0,4}$")]
    longitude: Annotated[float | None, Field(ge=-180, le=180)] = None
    latitude: Annotated[float | None, Field(ge=-90, le=90)] = None
    category: Code = "other"
    lines: Annotated[tuple[NeedLineIn, ...], Field(min_length=1, max_length=20)]
    exclusive: bool = False

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.longitude is None) != (self.latitude is None):
            raise ValueError("a place has a longitude and a latitude")
        return self

    def wanted(self) -> Wanted:
        needs = [Need.model_validate(line.model_dump()) for line in self.lines]
        parts = tuple(part_of(need, need.amount) for need in needs)
        point = Point.known(self.longitude, self.latitude)
        return Wanted(self.area, self.category, parts, self.exclusive, point)


async def matches_for(calls: Calls, market: Market, order_id: UUID, caller: Caller, limit: int) -> bytes:
    """Partners for a call, the JSON of a `MatchesOut`. Raises NotFound where the caller does not see it."""
    entry = await calls.peek(order_id)
    if caller.role not in STAFF or not entry.state.is_seen_by(caller):
        raise NotFound
    return _best(market, Wanted.of(entry.state), limit)


def matches_of(market: Market, need: NeedIn, caller: Caller, limit: int) -> bytes:
    """Partners for a need that is not called yet, the JSON of a `MatchesOut`. Raises NotFound for another's area."""
    if not caller.covers(need.area):
        raise NotFound("area: not one of yours")
    return _best(market, need.wanted(), limit)


def _best(market: Market, wanted: Wanted, limit: int) -> bytes:
    matches = market.rank(wanted)
    items = [
        {
            **match_row(match, market.scale),
            "partner_id": match.partner_id,
            "partner_name": called(match.giver.name.zh, match.giver.name.en),
            "kind": match.giver.kind,
        }
        for match in matches[:limit]
    ]
    return orjson.dumps({"items": items, "fitting": len(matches)})


def match_row(match: Match, scale: Scale) -> dict[str, Any]:
    """What becomes the JSON of a `MatchOut`."""
    return {
        "score": match.score,
        "words": in_short(match),
        "metres": match.shown_metres,
        "covers": [{"name": part.name, "missing": part.missing, "free": free} for part, free in match.covers],
        "factors": explained(match, scale),
    }
