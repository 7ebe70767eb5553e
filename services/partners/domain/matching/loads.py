"""What every partner carries, from its claims on all calls."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple, Self
from uuid import UUID

from services.partners.domain.claim import Pledged
from services.partners.domain.matching.facts import Load
from services.partners.domain.registry.resource import Key, key_of
from services.partners.domain.standing.rules import Event
from services.partners.domain.standing.score import VERDICTS, Happened


class Held(NamedTuple):
    """A claim that is active: what it promised."""

    partner_id: UUID
    lines: Mapping[Key, int]


class Done(NamedTuple):
    """What became of a partner's claims in some time: what was given, in which areas, and what households said."""

    given: Mapping[Key, int] = {}
    worked: frozenset[str] = frozenset()
    satisfied: int = 0  # of `evaluated`; who is mostly satisfied counts as satisfied
    evaluated: int = 0

    @classmethod
    def of(cls, sums: Mapping[str, int]) -> Self:
        """Of what `given_by` and `said_by` add up to."""
        given, worked = {}, set()
        for name, n in sums.items():
            what, _, which = name.partition("|")
            if what == "given":
                given[Key(which)] = n
            elif what == "worked":
                worked.add(which)
        return cls(given, frozenset(worked), sums.get("satisfied", 0), sums.get("evaluated", 0))


NOTHING_DONE = Done()


def given_by(lines: Iterable[Pledged], area: str) -> Counter[str]:
    """What a claim that was fulfilled adds."""
    adds: Counter[str] = Counter({f"worked|{area}": 1})
    for line in lines:
        adds[f"given|{key_of(line.kind, line.unit, line.name)}"] += line.amount
    return adds


def said_by(one: Happened) -> Counter[str]:
    """What it adds, if it is a verdict."""
    if one.event not in VERDICTS:
        return Counter()
    return Counter(evaluated=1, satisfied=int(one.event is not Event.UNSATISFIED))


def lines_of(lines: Iterable[Mapping[str, object]]) -> dict[Key, int]:
    """Of the lines of a claim, as they are stored."""
    amounts: dict[Key, int] = {}
    for line in lines:
        key = key_of(str(line["kind"]), str(line["unit"]), str(line["name"]))
        amounts[key] = amounts.get(key, 0) + int(str(line["amount"]))
    return amounts


def loads_of(
    held: Iterable[Held],
    ever: Mapping[UUID, Done],
    this_year: Mapping[UUID, Done],
    this_month: Mapping[UUID, Done],
) -> dict[UUID, Load]:
    """By partner. Goods are gone for good when they are given; hours and money come anew with the month or the year."""
    claims: Counter[UUID] = Counter()
    promised: dict[UUID, Counter[Key]] = {}
    for one in held:
        claims[one.partner_id] += 1
        promised.setdefault(one.partner_id, Counter()).update(one.lines)
    since = {"once": ever, "year": this_year, "month": this_month}

    def taken(id: UUID) -> dict[str, Mapping[Key, int]]:
        mine = promised.get(id, Counter())
        return {per: mine + Counter(done.get(id, NOTHING_DONE).given) for per, done in since.items()}

    return {
        id: Load(claims[id], taken(id), done.worked, done.satisfied, done.evaluated)
        for id in {*claims, *ever}
        for done in (ever.get(id, NOTHING_DONE),)
    }
