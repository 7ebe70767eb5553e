"""The score of a partner for a call: whole numbers that add up. Pure.

Each factor is worth 0 to 1000, the weights sum to 1000, and the score is the sum of weight × worth: 0 to 1,000,000.
More of a resource never lowers it, and neither does being nearer.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from math import asin, sin, sqrt
from typing import NamedTuple, Self
from uuid import UUID

from services.partners.domain.matching.facts import Giver, Load, Part, Point, Wanted
from services.partners.domain.registry.resource import Key
from shared.caller import lies_in

WHOLE = 1000  # what a factor is worth at most, and what the weights sum to
_DIAMETER = 2 * 6_371_009  # of the earth, in metres


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each factor counts, in thousandths; together a thousand."""

    covers: int = 400
    near: int = 200
    free: int = 150
    record: int = 150
    earlier: int = 50
    willing: int = 50

    @property
    def by_name(self) -> dict[str, int]:
        return {name: getattr(self, name) for name in _WEIGHTS}

    @classmethod
    def of(cls, wanted: Mapping[str, float]) -> Self:
        """Any weights that are not negative, brought to a sum of a thousand. Raises ValueError."""
        names = [one.name for one in fields(cls)]
        total = sum(wanted.values())
        if set(wanted) != set(names) or min(wanted.values()) < 0 or not 0 < total < float("inf"):
            raise ValueError(f"weights are numbers, not negative and not all nothing, of: {', '.join(names)}")
        shares = {name: int(wanted[name] / total * WHOLE) for name in names}
        largest = max(names, key=lambda name: shares[name])
        shares[largest] += WHOLE - sum(shares.values())  # what rounding left
        return cls(**shares)


_WEIGHTS = tuple(one.name for one in fields(Weights))


@dataclass(frozen=True, slots=True)
class Scale:
    """By what is measured."""

    weights: Weights = field(default_factory=Weights)
    half_metres: int = 1500  # so far away, being near is worth half
    held_most: int = 10  # claims that a partner may hold at once
    mean: int = 700  # what a record is worth of whom nobody has evaluated, in thousandths
    drawn: int = 5  # as many evaluations as this pull a record half way to the mean


class Why(StrEnum):
    """Why a partner is no match at all."""

    MAY_NOT_CLAIM = "may_not_claim"  # it is not verified, or suspended
    NOT_HERE = "not_here"  # it does not serve the area
    HAS_NOTHING = "has_nothing"  # that is missing, here, in time, and not promised yet
    NOT_WHOLE = "not_whole"  # the call is taken as a whole, and it has not all of it
    CARRIES_ENOUGH = "carries_enough"  # it holds as many claims as it may


class Cover(NamedTuple):
    """Of one line: what is missing, and what the partner has free of it."""

    part: Part
    free: int

    @property
    def amount(self) -> int:
        return min(self.free, self.part.missing)


class Match(NamedTuple):
    """A partner that fits. The score is Σ weight × worth; `worth` has the factors in the order of the weights."""

    score: int
    giver: Giver
    load: Load
    covers: tuple[Cover, ...]
    metres: int | None
    level: int  # how deep in the tree of areas the two meet: 1 the district … 4 the grid
    worth: tuple[int, int, int, int, int, int]

    @property
    def partner_id(self) -> UUID:
        return self.giver.id

    @property
    def shown_metres(self) -> int | None:
        return rounded(self.metres)

    @property
    def order(self) -> tuple[int, UUID]:
        """The best first; of equals, the lower id."""
        return -self.score, self.giver.id


def fit(giver: Giver, load: Load, wanted: Wanted, scale: Scale) -> Match | Why:
    """How well they fit, or why not at all."""
    area = wanted.area + "/"
    level = max([depth for within, depth in giver.serves if area.startswith(within)], default=0)
    if not level:
        return Why.NOT_HERE
    covers: list[Cover] = []
    aside: dict[Key, int] = {}
    worth_all, has_all = 0, True  # of the lines
    for part in wanted.parts:
        has = free(giver, load, part, area, aside)
        covers.append(Cover(part, has))
        if not has:
            has_all = False
            continue
        amount = min(has, part.missing)
        aside[part.key] = aside.get(part.key, 0) + amount
        worth_all += WHOLE * amount // part.missing
        has_all = has_all and amount == part.missing
    if not aside:
        return Why.HAS_NOTHING
    if wanted.exclusive and not has_all:
        return Why.NOT_WHOLE
    if load.held >= scale.held_most:
        return Why.CARRIES_ENOUGH
    metres = metres_between(giver.seat, wanted.point)
    worth = (
        worth_all // len(covers),
        WHOLE * level // 4 if metres is None else WHOLE * scale.half_metres // (scale.half_metres + metres),
        WHOLE * (scale.held_most - load.held) // scale.held_most,
        (WHOLE * load.satisfied + scale.mean * scale.drawn) // max(1, load.evaluated + scale.drawn),
        WHOLE * earlier(load, wanted.area) // 2,
        WHOLE * willing(giver, wanted.category) // 2,
    )
    w = scale.weights
    score = (
        w.covers * worth[0]
        + w.near * worth[1]
        + w.free * worth[2]
        + w.record * worth[3]
        + w.earlier * worth[4]
        + w.willing * worth[5]
    )
    return Match(score, giver, load, tuple(covers), metres, level, worth)


def free(giver: Giver, load: Load, part: Part, area: str, aside: Mapping[Key, int]) -> int:
    """What the partner has of this, here and until the last day it is of use, and has not promised to others.

    `area` has a `/` behind. `aside`: what the lines before this one take of it already.
    """
    stocks = giver.stocks.get(part.key)
    if not stocks:
        return 0
    quantity, latest = 0, part.latest
    keys: Collection[Key] = ()
    for stock in stocks:
        if not area.startswith(stock.within):
            continue
        if latest and ((stock.begins and latest < stock.begins) or (stock.ends and stock.ends < latest)):
            continue
        quantity += stock.quantity
        keys = {*keys, *stock.keys} if keys else stock.keys
    if load.taken and keys:
        taken = load.taken[stocks[0].per]
        quantity -= sum([taken.get(key, 0) for key in keys])
    if aside:
        quantity -= sum([aside.get(key, 0) for key in keys])
    return max(0, quantity)


def metres_between(one: Point | None, other: Point | None) -> int | None:
    """As the crow flies; None when one of the places is not known."""
    if one is None or other is None:
        return None
    half = (
        sin((one.latitude - other.latitude) / 2) ** 2
        + one.cosine * other.cosine * sin((one.longitude - other.longitude) / 2) ** 2
    )
    return round(_DIAMETER * asin(sqrt(min(1.0, half))))


def rounded(metres: int | None) -> int | None:
    """As it is shown, in whole hundreds."""
    return None if metres is None else round(metres, -2)


def willing(giver: Giver, category: str) -> int:
    """2: it named this category; 1: it named none, and helps with all; 0: it named others."""
    if not giver.categories:
        return 1
    return 2 if category in giver.categories else 0


def earlier(load: Load, area: str) -> int:
    """2: it has worked in this very area; 1: next to it, in the same community; 0: neither."""
    if not load.worked:
        return 0
    if area in load.worked:
        return 2
    community = "/".join(area.split("/")[:3])
    return 1 if any(lies_in(one, community) for one in load.worked) else 0
