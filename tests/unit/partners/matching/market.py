"""Partners and needs made up by chance: for the properties of matching, and for its proof."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, date, datetime
from uuid import UUID

from services.partners.domain.call import Call, Need
from services.partners.domain.matching.facts import Load, Wanted
from services.partners.domain.registry.partner import Partner, PartnerKind, Seat
from services.partners.domain.registry.resource import Key, Name, Resource
from services.partners.domain.states import CallState

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


def call(chance: random.Random) -> Call:
    """An open call with a need of one to three lines."""
    seat = None if chance.random() < 0.1 else _seat(chance)
    return Call(
        state=CallState.OPEN,
        round=1,
        title="需求",
        category=chance.choice(CATEGORIES),
        urgency="general",
        area=grid(chance),
        longitude=seat.longitude if seat else None,
        latitude=seat.latitude if seat else None,
        lines=tuple(_line(chance, n) for n in range(chance.randint(1, 3))),
        exclusive=chance.random() < 0.3,
        until=datetime(2100, 1, 1, tzinfo=UTC),
    )


def wanted(chance: random.Random) -> Wanted:
    return Wanted.of(call(chance))


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


def _line(chance: random.Random, n: int) -> Need:
    kind, unit, code = _what(chance)
    amount = chance.randint(1, 60) * (10_000 if kind == "funds" else 1)
    latest = date(2026, chance.randint(1, 12), 15) if chance.random() < 0.3 else None
    return Need(name=f"{code}-{n}", kind=kind, amount=amount, unit=unit, latest=latest)
