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
from services.partners.domain.standing.publishing import counts_of
from services.partners.domain.standing.rules import Event, Rules
from services.partners.domain.standing.score import (
    Counts,
    Happened,
    Standing,
    honoured,
    means,
    ranked,
    standing_of,
)
from services.partners.queries.standing.publication import Publication
from services.partners.store import Calls
from shared.asked import Asked
from shared.caller import STAFF, Caller
from shared.problems import NotFound

_FRESH_SECONDS = 1.0  # of one partner
_ALL_FRESH_SECONDS = 60.0  # of everybody
_EVENTS_SHOWN = 200


class Standings:
    """Made of sums whenever somebody asks, and kept for a moment."""

    def __init__(self, calls: Calls, rules: Rules, publication: Publication) -> None:
        self.calls = calls
        self.rules = rules
        self.publication = publication
        self.of = alru_cache(maxsize=4096, ttl=_FRESH_SECONDS)(calls.counts_of)
        self.happened_to = alru_cache(maxsize=4096, ttl=_FRESH_SECONDS)(self._happened_to)
        self.live = alru_cache(maxsize=64, ttl=_ALL_FRESH_SECONDS)(calls.counts)
        self._means: tuple[tuple[str, ...] | None, Mapping[str, int]] = (None, {})

    async def means(self, asked: Asked) -> Mapping[str, int]:
        """Of all partners, of what is published: whoever looks at it again and again learns nothing of one verdict."""
        shown = await self.publication.all_shown(asked)
        if self._means[0] != shown.months:
            self._means = shown.months, means(map(counts_of, shown.by_partner.values()), self.rules)
        return self._means[1]

    async def everybody(
        self, area: str | None, period: str | None, asked: Asked
    ) -> tuple[Mapping[UUID, Counts], bool]:
        """As the staff of the area see it now, or as it is published, and which of them. Raises NotPublic."""
        within = area or self.publication.root
        if asked.caller.role in STAFF and asked.caller.covers(within):
            return await self.live(area, self.span(period)), False
        shown = await self.publication.shown_of(area, period, asked)
        return {id: counts_of(its) for id, its in shown.by_partner.items()}, True

    def span(self, period: str | None) -> Span | None:
        return Span.of(period, str(self.calls.zone)) if period else None

    async def _happened_to(self, partner_id: UUID) -> list[tuple[UUID, Happened]]:
        return await self.calls.happened_to(partner_id, most=_EVENTS_SHOWN)


_TOO_FEW = {
    "rate": None,
    "events": None,
    "text": {"zh": "数量尚少，不公开，按平均计", "en": "Too few to be shown; the mean is taken"},
}


class TextOut(BaseModel):
    """Words in both languages."""

    zh: str
    en: str


class FactorOut(BaseModel):
    """`points` of `most`; `rate` and the `mean` it is drawn to in thousandths; `events`: how many count.

    `rate` and `events` are null where it was so few that it would tell of one household.
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

    For everybody else it is of the published `months`: what was too few in one counts for nothing in it, and what is
    in none of them is null in `counts`.
    """

    partner_id: UUID
    months: list[str] | None
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
    """Of accepted work. Money in fen: what was promised, and what was really received.

    A figure is null for everybody else when there was none, or of too few orders to be shown in any month.
    `months`: those published of which it is the sum, without those in which it was too little, and without photos (each
    is of one order); null for its members and the staff that decides of it, who see all.
    """

    partner_id: UUID
    months: list[str] | None
    period: str | None
    orders: int | None
    households: int | None
    fen_pledged: int | None
    fen_received: int | None
    hours: int | None
    goods: int | None
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
    """Who has most points of an area and period; partners that may not claim now are left out.

    `published`: as everybody sees it.
    """

    area: str | None
    period: str | None
    published: bool
    items: list[RankedOut]


class HonourOut(BaseModel):
    """An honour, and who has it."""

    code: str
    name: Name
    items: list[RankedOut]


class HonoursOut(BaseModel):
    """The honours of an area and period. `published`: as everybody sees them."""

    area: str | None
    period: str
    published: bool
    items: list[HonourOut]


async def standing_for(standings: Standings, registry: Registry, id: UUID, asked: Asked) -> StandingOut:
    """Raises NotFound."""
    near = _is_near(await _public(registry, id), asked.caller)
    shown = None if near else await standings.publication.all_shown(asked)
    counts = counts_of(shown.by_partner.get(id, {})) if shown else await standings.of(id)
    its = standing_of(counts, await standings.means(asked), standings.rules)
    return StandingOut(
        partner_id=id,
        months=shown and list(shown.months),
        score=its.score,
        stars=its.stars,
        points=its.points,
        factors=[
            FactorOut.model_validate(
                {**one._asdict(), "text": one.text._asdict(), **({} if near or one.events else _TOO_FEW)}
            )
            for one in its.factors
        ],
        counts={event: counts[event] if near else counts[event] or None for event in Event},
        happened=[
            EventOut(order_id=order_id, event=one.event, at=one.at, of=one.of)
            for order_id, one in await standings.happened_to(id)
        ]
        if near
        else None,
    )


async def impact_for(
    standings: Standings, registry: Registry, id: UUID, period: str | None, asked: Asked
) -> ImpactOut:
    """Raises NotFound, NotPublic."""
    calls, months = standings.calls, None
    if _is_near(await _public(registry, id), asked.caller):
        found = impact_of(*await calls.came_to(id, standings.span(period)))
    else:
        shown = await standings.publication.shown_of(None, period, asked)
        found, months = impact_of(shown.by_partner.get(id, {}), ()), list(shown.months)
    its = found._asdict() if months is None else {name: n or None for name, n in found._asdict().items()}
    categories = [CategoryOut(category=name, orders=n) for name, n in its.pop("by_category") or ()]
    photos = [PhotosOut(**one._asdict()) for one in its.pop("photos") or ()]
    return ImpactOut(
        partner_id=id, period=period, months=months, by_category=categories, photos=photos, **its
    )


async def ranking_for(
    standings: Standings, registry: Registry, area: str | None, period: str | None, asked: Asked, limit: int
) -> RankingOut:
    """Raises NotPublic."""
    everybody, published = await standings.everybody(area, period, asked)
    known, mean = registry.roster.partners, await standings.means(asked)
    order = ranked(
        (id, standing_of(counts, mean, standings.rules)) for id, counts in everybody.items() if id in known
    )
    items = [
        RankedOut.of(n, id, known[id].name, its, everybody[id])
        for n, (id, its) in enumerate(order[:limit], 1)
    ]
    return RankingOut(area=area, period=period, published=published, items=items)


async def honours_for(
    standings: Standings, registry: Registry, area: str | None, period: str, asked: Asked
) -> HonoursOut:
    """Raises NotPublic."""
    found, published = await standings.everybody(area, period, asked)
    known, mean, span = registry.roster.partners, await standings.means(asked), standings.span(period)
    everybody = {id: counts for id, counts in found.items() if id in known}
    items = []
    for honour in standings.rules.honours:
        if span and honour.period == span.kind:
            its = honoured(honour, everybody, mean, standings.rules)
            ranks = [
                RankedOut.of(n, id, known[id].name, standing, everybody[id])
                for n, (id, standing) in enumerate(its, 1)
            ]
            items.append(HonourOut(code=honour.code, name=honour.name, items=ranks))
    return HonoursOut(area=area, period=period, published=published, items=items)


def _is_near(partner: Registered, caller: Caller) -> bool:
    return partner.role_of(caller) is not None or partner.is_decided_by(caller)


async def _public(registry: Registry, id: UUID) -> Registered:
    partner = (await registry.get(id)).value
    if not partner.is_public:
        raise NotFound
    return partner
