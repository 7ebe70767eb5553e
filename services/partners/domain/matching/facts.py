"""What matching looks at: a need, a partner, and what it carries. Small and frozen, so that scoring is fast."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from math import cos, radians
from typing import NamedTuple, Self
from uuid import UUID

from services.partners.domain.call import Call, Need
from services.partners.domain.registry.partner import Partner
from services.partners.domain.registry.resource import Key, Name, key_of, keys_of


@dataclass(frozen=True, slots=True)
class Point:
    """WGS-84, in radians."""

    longitude: float
    latitude: float
    cosine: float  # of the latitude

    @classmethod
    def at(cls, longitude: float, latitude: float) -> Self:
        """Of degrees."""
        return cls(radians(longitude), radians(latitude), cos(radians(latitude)))

    @classmethod
    def known(cls, longitude: float | None, latitude: float | None) -> Self | None:
        """Of degrees; None when they are not known."""
        return None if longitude is None or latitude is None else cls.at(longitude, latitude)


def about(degrees: float | None) -> float | None:
    """To about a hundred metres: a call leads whoever has no part of it to nobody's door."""
    return None if degrees is None else round(degrees, 3)


class Part(NamedTuple):
    """One line of a need, as far as it is missing."""

    name: str
    kind: str
    unit: str
    missing: int
    latest: date | None
    key: Key


def part_of(line: Need, missing: int) -> Part:
    key = key_of(line.kind, line.unit, line.name)
    return Part(line.name, line.kind, line.unit, missing, line.latest, key)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A need: what is missing, where, and of which category.

    Of a call it is known about where: scores, distances and their order tell no more than is shown.
    """

    area: str
    category: str
    parts: tuple[Part, ...]
    exclusive: bool = False
    point: Point | None = None

    @classmethod
    def of(cls, call: Call) -> Self:
        missing = call.missing()
        return cls(
            area=call.area,
            category=call.category,
            parts=tuple([part_of(line, missing[line.name]) for line in call.lines if missing[line.name]]),
            exclusive=call.exclusive,
            point=Point.known(about(call.longitude), about(call.latitude)),
        )

    def on(self, today: date) -> Self:
        """As of that day: what is of use without an end has to be there by now."""
        days = [part._replace(latest=max(part.latest or today, today)) for part in self.parts]
        return replace(self, parts=tuple(days))


class Stock(NamedTuple):
    """One resource, given in the area `within` (with a `/` behind). `keys` are all that it can be asked for as."""

    within: str
    quantity: int
    per: str
    begins: date | None
    ends: date | None
    keys: tuple[Key, ...]
    name: Name


@dataclass(frozen=True, slots=True)
class Giver:
    """A partner, as matching needs it. `stocks`: what it can give, by what it is.

    `serves`: each area with a `/` behind, and how deep it lies: 1 a district … 4 a grid.
    """

    id: UUID
    kind: str
    name: Name
    serves: tuple[tuple[str, int], ...]
    categories: frozenset[str]
    seat: Point | None
    stocks: Mapping[Key, tuple[Stock, ...]]

    @classmethod
    def of(cls, partner: Partner) -> Self:
        stocks: dict[Key, list[Stock]] = {}
        for one in partner.resources:
            keys = keys_of(one)
            stock = Stock(one.area + "/", one.quantity, one.per, one.begins, one.ends, keys, one.name)
            for key in keys:
                stocks.setdefault(key, []).append(stock)
        return cls(
            id=partner.id,
            kind=partner.kind.value,
            name=partner.name,
            serves=tuple((area + "/", min(4, area.count("/") + 1)) for area in partner.areas),
            categories=frozenset(partner.categories),
            seat=Point.at(partner.seat.longitude, partner.seat.latitude) if partner.seat else None,
            stocks={key: tuple(some) for key, some in stocks.items()},
        )


@dataclass(frozen=True, slots=True)
class Load:
    """What a partner has in hand and has done.

    `taken`: by how often a resource is there anew, what is promised or was given of it in this time.
    """

    held: int = 0  # claims
    taken: Mapping[str, Mapping[Key, int]] = field(default_factory=dict)
    worked: frozenset[str] = frozenset()  # areas in which a claim of it was fulfilled
    satisfied: int = 0  # of `evaluated`
    evaluated: int = 0


NOTHING = Load()
