"""What a partner carries, from the sums of its claims on all calls."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple, Self

from services.partners.domain.claim import Pledged
from services.partners.domain.matching.facts import Load
from services.partners.domain.registry.resource import Key, key_of
from services.partners.domain.standing.rules import Event
from services.partners.domain.standing.score import VERDICTS, Happened


class Done(NamedTuple):
    """What became of a partner's claims in some time: what was given, in which areas, and what households said.

    What it has in hand counts at no time, and is only in the sum of all times: how many claims, and what they promise.
    """

    held: int = 0
    promised: Mapping[Key, int] = {}
    given: Mapping[Key, int] = {}
    worked: frozenset[str] = frozenset()
    satisfied: int = 0  # of `evaluated`; who is mostly satisfied counts as satisfied
    evaluated: int = 0

    @classmethod
    def of(cls, sums: Mapping[str, int]) -> Self:
        """Of what `held_in`, `given_by` and `said_by` add up to."""
        promised, given, worked = {}, {}, set()
        for name, n in sums.items():
            what, _, which = name.partition("|")
            if what == "promised":
                promised[Key(which)] = n
            elif what == "given":
                given[Key(which)] = n
            elif what == "worked":
                worked.add(which)
        held, satisfied, evaluated = (sums.get(name, 0) for name in ("held", "satisfied", "evaluated"))
        return cls(held, promised, given, frozenset(worked), satisfied, evaluated)


NOTHING_DONE = Done()


def held_in(lines: Iterable[Pledged]) -> Counter[str]:
    """What a claim that is active adds."""
    return Counter(held=1) + _amounts("promised", lines)


def given_by(lines: Iterable[Pledged], area: str) -> Counter[str]:
    """What a claim that was fulfilled adds."""
    return Counter({f"worked|{area}": 1}) + _amounts("given", lines)


def _amounts(what: str, lines: Iterable[Pledged]) -> Counter[str]:
    adds: Counter[str] = Counter()
    for line in lines:
        adds[f"{what}|{key_of(line.kind, line.unit, line.name)}"] += line.amount
    return adds


def said_by(one: Happened) -> Counter[str]:
    """What it adds, if it is a verdict."""
    if one.event not in VERDICTS:
        return Counter()
    return Counter(evaluated=1, satisfied=int(one.event is not Event.UNSATISFIED))


def load_of(ever: Done, this_year: Done, this_month: Done) -> Load:
    """Of one partner. Goods are gone for good when given; hours and money come anew with the month or the year."""
    since = {"once": ever, "year": this_year, "month": this_month}
    taken = {per: Counter(ever.promised) + Counter(done.given) for per, done in since.items()}
    return Load(ever.held, taken, ever.worked, ever.satisfied, ever.evaluated)
