"""What every partner carries, from its claims on all calls."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import NamedTuple
from uuid import UUID

from services.partners.domain.matching.facts import Key, Load, key_of
from services.partners.domain.standing.rules import Event
from services.partners.domain.standing.score import VERDICTS, Happened


class Held(NamedTuple):
    """A claim that is active: what it promised."""

    partner_id: UUID
    lines: Mapping[Key, int]


class Given(NamedTuple):
    """A claim that was fulfilled: what was given, where and when."""

    partner_id: UUID
    area: str
    lines: Mapping[Key, int]
    ended: date


class Said(NamedTuple):
    """What one household said of a partner's work."""

    partner_id: UUID
    satisfied: bool


def said_of(events: Iterable[Happened]) -> Iterator[Said]:
    """The verdicts among what happened. Who is mostly satisfied counts as satisfied."""
    for one in events:
        if one.event in VERDICTS:
            yield Said(one.partner_id, one.event is not Event.UNSATISFIED)


def lines_of(lines: Iterable[Mapping[str, object]]) -> dict[Key, int]:
    """Of the lines of a claim, as they are stored."""
    amounts: dict[Key, int] = {}
    for line in lines:
        key = key_of(str(line["kind"]), str(line["unit"]), str(line["name"]))
        amounts[key] = amounts.get(key, 0) + int(str(line["amount"]))
    return amounts


def loads_of(
    held: Iterable[Held], given: Iterable[Given], said: Iterable[Said], today: date
) -> dict[UUID, Load]:
    """By partner. Goods are gone for good when they are given; hours and money come anew with the month or the year."""
    claims: dict[UUID, int] = {}
    taken: dict[UUID, dict[str, dict[Key, int]]] = {}
    worked: dict[UUID, set[str]] = {}
    satisfied: Counter[UUID] = Counter()
    evaluated: Counter[UUID] = Counter()

    def take(partner_id: UUID, lines: Mapping[Key, int], *pers: str) -> None:
        of = taken.setdefault(partner_id, {"once": {}, "year": {}, "month": {}})
        for per in pers:
            for key, amount in lines.items():
                of[per][key] = of[per].get(key, 0) + amount

    for one in held:
        claims[one.partner_id] = claims.get(one.partner_id, 0) + 1
        take(one.partner_id, one.lines, "once", "year", "month")
    for done in given:
        worked.setdefault(done.partner_id, set()).add(done.area)
        this_year = done.ended.year == today.year
        this_month = this_year and done.ended.month == today.month
        pers = ["once", *["year"] * this_year, *["month"] * this_month]
        take(done.partner_id, done.lines, *pers)
    for verdict in said:
        evaluated[verdict.partner_id] += 1
        satisfied[verdict.partner_id] += verdict.satisfied
    return {
        id: Load(
            claims.get(id, 0),
            taken.get(id, {}),
            frozenset(worked.get(id, ())),
            satisfied[id],
            evaluated[id],
        )
        for id in {*taken, *evaluated}
    }
