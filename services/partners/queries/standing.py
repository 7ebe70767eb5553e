"""The standing of partners, what they did for people, and who is first."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Self
from uuid import UUID

from async_lru import alru_cache
from pydantic import BaseModel

from services.partners.books import Registry
from services.partners.domain.registry.partner import Registered
from services.partners.domain.registry.resource import Name
from services.partners.domain.standing.impact import impact_of
from services.partners.domain.standing.period import Span
from services.partners.domain.standing.rules import Event, Rules
from services.partners.domain.standing.score import (
    VERDICTS,
    Counts,
    Happened,
    Standing,
    for_the_public,
    honoured,
    means,
    ranked,
    standing_of,
)
from services.partners.store import Calls
from shared.caller import Caller
from shared.problems import NotFound

_FRESH_SECONDS = 1.0  # of one partner
_ALL_FRESH_SECONDS = 60.0  # of everybody
_MEANS_FRESH_SECONDS = 600.0  # they move slowly
_EVENTS_SHOWN = 200


class Standings:
    """Made of sums whenever somebody asks, and kept for a moment."""

    def __init__(self, calls: Calls, rules: Rules, least: int) -> None:
        """`least`: the verdicts of which the public sees what they say."""
        self._calls = calls
        self.rules = rules
        self.least = least
        self.of = alru_cache(maxsize=4096, ttl=_FRESH_SECONDS)(calls.counts_of)
        self.happened_to = alru_cache(maxsize=4096, ttl=_FRESH_SECONDS)(self._happened_to)
        self.means = alru_cache(maxsize=1, ttl=_MEANS_FRESH_SECONDS)(self._means)
        self.everybody = alru_cache(maxsize=64, ttl=_ALL_FRESH_SECONDS)(self._everybody)

    async def _means(self) -> Mapping[str, int]:
        """Of all partners, of all time."""
        return means((await self.everybody(None, None)).values(), self.rules)

    async def _happened_to(self, partner_id: UUID) -> list[tuple[UUID, Happened]]:
        return await self._calls.happened_to(partner_id, most=_EVENTS_SHOWN)

    async def _everybody(self, area: str | None, span: Span | None) -> Mapping[UUID, Counts]:
        return await self._calls.counts(area, span)


_TOO_FEW = {
    "rate": None,
    "events": None,
    "text": {"zh": "评价尚少，不公开，按平均计", "en": "Too few evaluations to be shown; the mean is taken"},
}


class TextOut(BaseModel):
    """Words in both languages."""

    zh: str
    en: str


class FactorOut(BaseModel):
    """`points` of `most`; `rate` and the `mean` it is drawn to in thousandths; `events`: how many count.

    `rate` and `events` are null where so few residents said something that it would tell what one household said.
    """

    code: str
    name: Name
    points: int
    most: int
    rate: int | None
    mean: int
    events: int | None
    text: TextOut


class EventOut(BaseModel):
    """What counts; `of` names it in an appeal."""

    order_id: UUID
    event: Event
    at: datetime
    of: str


class StandingOut(BaseModel):
    """`score` of 100 is the sum of the points of its factors. `happened`: for its members and deciding staff.

    For everybody else verdicts that are too few to be shown count for nothing, and their `counts` are null.
    """

    partner_id: UUID
    score: int
    stars: int
    points: int
    factors: list[FactorOut]
    counts: dict[Event, int | None]
    happened: list[EventOut] | None = None


class CategoryOut(BaseModel):
    category: str
    orders: int


class PhotosOut(BaseModel):
    """Photos of one order, before and after the work: the SHA-256 of each."""

    order_id: UUID
    before: list[str]
    after: list[str]


class ImpactOut(BaseModel):
    """Of accepted work. Money in fen: what was promised, and what was really received."""

    partner_id: UUID
    period: str | None
    orders: int
    households: int
    fen_pledged: int
    fen_received: int
    hours: int
    goods: int
    by_category: list[CategoryOut]
    photos: list[PhotosOut]


class RankedOut(BaseModel):
    """One place in a ranking."""

    rank: int
    partner_id: UUID
    name: Name
    points: int
    score: int
    stars: int
    fulfilled: int

    @classmethod
    def of(cls, rank: int, id: UUID, name: Name, its: Standing, counts: Counts) -> Self:
        return cls(
            rank=rank,
            partner_id=id,
            name=name,
            points=its.points,
            score=its.score,
            stars=its.stars,
            fulfilled=counts[Event.FULFILLED],
        )


class RankingOut(BaseModel):
    """Who has most points of an area and period; partners that may not claim now are left out."""

    area: str | None
    period: str | None
    items: list[RankedOut]


class HonourOut(BaseModel):
    """An honour, and who has it."""

    code: str
    name: Name
    items: list[RankedOut]


class HonoursOut(BaseModel):
    """The honours of an area and period."""

    area: str | None
    period: str
    items: list[HonourOut]


async def standing_for(standings: Standings, registry: Registry, id: UUID, caller: Caller) -> StandingOut:
    """Raises NotFound."""
    partner = await _public(registry, id)
    known = await standings.of(id)
    near = partner.role_of(caller) or partner.is_decided_by(caller)
    counts = known if near else for_the_public(known, standings.least)
    hidden = frozenset() if counts is known else frozenset(VERDICTS)
    its = standing_of(counts, await standings.means(), standings.rules)
    judging = {one.code for one in standings.rules.factors if hidden & one.worth.keys()}
    return StandingOut(
        partner_id=id,
        score=its.score,
        stars=its.stars,
        points=its.points,
        factors=[
            FactorOut.model_validate(
                {**one._asdict(), "text": one.text._asdict(), **(_TOO_FEW if one.code in judging else {})}
            )
            for one in its.factors
        ],
        counts={event: None if event in hidden else counts[event] for event in Event},
        happened=[
            EventOut(order_id=order_id, event=one.event, at=one.at, of=one.of)
            for order_id, one in await standings.happened_to(id)
        ]
        if near
        else None,
    )


async def impact_for(
    calls: Calls, registry: Registry, id: UUID, period: str | None, timezone: str
) -> ImpactOut:
    """Raises NotFound."""
    await _public(registry, id)
    its = impact_of(*await calls.came_to(id, Span.of(period, timezone) if period else None))._asdict()
    categories = [CategoryOut(category=name, orders=n) for name, n in its.pop("by_category")]
    photos = [PhotosOut(**one._asdict()) for one in its.pop("photos")]
    return ImpactOut(partner_id=id, period=period, by_category=categories, photos=photos, **its)


async def ranking_for(
    standings: Standings, registry: Registry, area: str | None, period: str | None, timezone: str, limit: int
) -> RankingOut:
    counted = await standings.everybody(area, Span.of(period, timezone) if period else None)
    everybody = {id: for_the_public(counts, standings.least) for id, counts in counted.items()}
    known, mean = registry.roster.partners, await standings.means()
    order = ranked(
        (id, standing_of(counts, mean, standings.rules)) for id, counts in everybody.items() if id in known
    )
    items = [
        RankedOut.of(n, id, known[id].name, its, everybody[id])
        for n, (id, its) in enumerate(order[:limit], 1)
    ]
    return RankingOut(area=area, period=period, items=items)


async def honours_for(
    standings: Standings, registry: Registry, area: str | None, period: str, timezone: str
) -> HonoursOut:
    span = Span.of(period, timezone)
    known, mean = registry.roster.partners, await standings.means()
    everybody = {id: counts for id, counts in (await standings.everybody(area, span)).items() if id in known}
    items = []
    for honour in standings.rules.honours:
        if honour.period == span.kind:
            found = honoured(honour, everybody, mean, standings.rules)
            shown = {id: for_the_public(everybody[id], standings.least) for id, _ in found}
            ranks = [
                RankedOut.of(n, id, known[id].name, standing_of(shown[id], mean, standings.rules), shown[id])
                for n, id in enumerate(shown, 1)
            ]
            items.append(HonourOut(code=honour.code, name=honour.name, items=ranks))
    return HonoursOut(area=area, period=period, items=items)


async def _public(registry: Registry, id: UUID) -> Registered:
    partner = (await registry.get(id)).value
    if not partner.is_public:
        raise NotFound
    return partner
