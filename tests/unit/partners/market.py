"""Partners and needs made up by chance: for the properties of matching, and for its proof."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date
from uuid import UUID

from services.partners.domain.matching.facts import Key, Load, Part, Point, Wanted, key_of
from services.partners.domain.partner import Partner, PartnerKind, Seat
from services.partners.domain.resource import Name, Resource

STREETS, COMMUNITIES, GRIDS = 10, 6, 8  # of the one above
GOODS = tuple(f"thing_{n}" for n in range(20))
TRADES = ("mason", "plumber", "electrician", "gardener", "volunteer", "painter")
CATEGORIES = ("sewage_pipe", "drying_rack", "street_light", "noise", "greening")
_WEST, _SOUTH, _SPAN = 120.33, 36.05, 0.12


def grid(chance: random.Random) -> str:
    street, community = chance.randrange(STREETS), chance.randrange(COMMUNITIES)
    return f"370203/370203{street:03}/370203{street:03}{community:03}/{chance.randrange(GRIDS):02}"


def above(area: str, depth: int) -> str:
    return "/".join(area.split("/")[:depth])


def partner(chance: random.Random, number: int) -> Partner:
    """Serves the district, a street, a community or a grid, with one to four resources."""
    area = above(grid(chance), chance.choices((1, 2, 3, 4), (2, 5, 3, 1))[0])
    return Partner(
        id=UUID(int=number + 1),
        kind=chance.choice(list(PartnerKind)),
        name=Name(zh=f"合伙人{number}", en=f"Partner {number}"),
        areas=(area,),
        seat=None if chance.random() < 0.1 else _seat(chance),
        categories=tuple(chance.sample(CATEGORIES, 2)) if chance.random() < 0.4 else (),
        resources=tuple(_resource(chance, area) for _ in range(chance.randint(1, 4))),
    )


def wanted(chance: random.Random) -> Wanted:
    """A need of one to three lines."""
    area, seat = grid(chance), _seat(chance)
    return Wanted(
        area=area,
        category=chance.choice(CATEGORIES),
        parts=tuple(_part(chance, n) for n in range(chance.randint(1, 3))),
        exclusive=chance.random() < 0.3,
        point=None if chance.random() < 0.1 else Point.at(seat.longitude, seat.latitude),
    )


def load(chance: random.Random, keys: Sequence[Key]) -> Load:
    evaluated = chance.randrange(12)
    taken = {key: chance.randrange(40) for key in chance.sample(keys, min(2, len(keys)))}
    return Load(
        held=chance.randrange(12),
        taken=dict.fromkeys(("once", "year", "month"), taken),
        worked=frozenset(grid(chance) for _ in range(chance.randrange(4))),
        satisfied=chance.randint(0, evaluated),
        evaluated=evaluated,
    )


def _seat(chance: random.Random) -> Seat:
    return Seat(longitude=_WEST + chance.random() * _SPAN, latitude=_SOUTH + chance.random() * _SPAN)


def _what(chance: random.Random) -> tuple[str, str, str]:
    """Kind, unit, code."""
    kind = chance.choices(("funds", "goods", "labour"), (2, 5, 3))[0]
    if kind == "funds":
        return kind, "fen", "funds"
    return (
        (kind, "piece", chance.choice(GOODS)) if kind == "goods" else (kind, "hours", chance.choice(TRADES))
    )


def _resource(chance: random.Random, area: str) -> Resource:
    kind, unit, code = _what(chance)
    return Resource.model_validate({
        "kind": kind,
        "codes": (code,),
        "name": {"zh": code, "en": code},
        "quantity": chance.randint(1, 100) * (10_000 if kind == "funds" else 1),
        "unit": unit,
        "area": area,
        "ends": date(2026, chance.randint(1, 12), 28) if chance.random() < 0.2 else None,
    })  # fmt: skip


def _part(chance: random.Random, n: int) -> Part:
    kind, unit, code = _what(chance)
    missing = chance.randint(1, 60) * (10_000 if kind == "funds" else 1)
    latest = date(2026, chance.randint(1, 12), 15) if chance.random() < 0.3 else None
    return Part(f"{code}-{n}", kind, unit, missing, latest, key_of(kind, unit, code))
