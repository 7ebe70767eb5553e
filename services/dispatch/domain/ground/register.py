"""Everybody of the staff, in memory: who stands in for whom at a moment, and what they may do by it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from services.dispatch.domain.duty import LEVEL_OF
from services.dispatch.domain.ground.staff import Person, role_of, stand_in, substitutes_through
from shared.caller import Caller
from shared.problems import RuleBroken


class CircleOfSubstitutes(RuleBroken):
    """Somebody would stand in for themselves, through others."""


class Register:
    """Frozen. Whoever decides takes it once. `left`: the ids of those who belong to the staff no more."""

    def __init__(self, people: Iterable[Person] = (), left: Iterable[str] = ()) -> None:
        self.people: Mapping[str, Person] = {one.id: one for one in people}
        self.left = frozenset(left) - self.people.keys()
        self._behind = defaultdict[str, list[Person]](list)  # by id: those whom they may have to stand in for
        for person in self.people.values():
            if person.away:
                for id in substitutes_through(person, self.people):
                    self._behind[id].append(person)

    def acting(self, caller: Caller, at: datetime) -> tuple[Caller, ...]:
        """The caller, and after it the same caller as each of those who are away and for whom they stand in now."""
        if caller.id not in self._behind or caller.role not in LEVEL_OF or caller.stands_in_for:
            return (caller,)
        instead = [caller]
        for absent in self._behind[caller.id]:
            there = stand_in(absent, self.people, at) if absent.is_away(at) else None
            role = role_of(absent)
            if there is not None and there.id == caller.id and role is not None:
                instead.append(replace(caller, role=role, area=absent.area, stands_in_for=absent.id))
        return tuple(instead)


def must_be_no_circle(person: Person, known: Mapping[str, Person]) -> None:
    """Raises CircleOfSubstitutes, with those through whom it goes."""
    known = {**known, person.id: person}  # as they shall be
    for id in person.substitutes:
        if id == person.id or (id in known and person.id in substitutes_through(known[id], known)):
            raise CircleOfSubstitutes(f"{person.id} would stand in for {person.id} through {id}.", through=id)
