"""Routing rules: who has an order first. They stand in an order, and the first one that fits decides.

A rule that says nothing about a thing fits whatever it is. Without rules, or when none fits, the grid has it; what lies
in no grid, the community.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Annotated, Literal, NamedTuple, Self

from pydantic import Field, StringConstraints, model_validator

from services.dispatch.domain.ground.record import Routed
from services.dispatch.domain.ground.span import Between
from services.dispatch.domain.states import Level
from services.dispatch.domain.words import PersonOrUnit
from shared.calendar import Calendar
from shared.caller import lies_in
from shared.command import STAYS_WITH_STAFF, Code, Command, Line, Time
from shared.problems import RuleBroken

AreaPrefix = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}(/[0-9]{1,12}){0,3}$")]

Urgency = Literal["emergency", "urgent", "general"]


class When(Command):
    """What is left out does not matter; everything that is said must be so.

    A `between` past midnight belongs to the day that it begins on: `workday` is then asked of that day.
    """

    categories: Annotated[tuple[Code, ...], Field(max_length=200)] = ()
    area: AreaPrefix | None = None
    urgencies: Annotated[tuple[Urgency, ...], Field(max_length=3)] = ()
    between: Between | None = None
    workday: bool | None = None
    # chosen, by the question of the category
    answers: Annotated[Mapping[Code, Code], Field(max_length=20)] = {}


class Then(Command):
    """`level` begins with it. `unit` is to take it there; or `department` is asked at once. `lead`: the lead unit."""

    level: Level = Level.GRID
    unit: PersonOrUnit | None = None
    department: Code | None = None
    lead: PersonOrUnit | None = None

    @model_validator(mode="after")
    def _one_hand(self) -> Self:
        if self.unit and self.department:
            raise ValueError("it is handed to a unit or to a department, not to both")
        return self


class Rule(Command):
    id: Code
    name: Annotated[Line, Field(description=STAYS_WITH_STAFF)]
    when: When = When()
    then: Then = Then()


class Case(NamedTuple):
    """What rules look at. `at` is local time; `workday` as the jurisdiction's calendar has it, and the day before."""

    category: str
    urgency: str
    area: str
    at: datetime
    workday: bool
    answers: Mapping[str, str] = MappingProxyType({})
    workday_before: bool = True


def case_of(
    category: str, urgency: str, area: str, answers: Mapping[str, str], at: datetime, calendar: Calendar
) -> Case:
    """An order as rules see it, at this moment of the jurisdiction."""
    local = at.astimezone(calendar.zone)
    today = local.date()
    workday, before = (calendar.is_workday(day) for day in (today, today - timedelta(days=1)))
    return Case(category, urgency, area, local, workday, answers, before)


class Look(NamedTuple):
    """One rule held against a case: what of it is so, and what is not."""

    rule: Rule
    so: tuple[str, ...]
    not_so: tuple[str, ...]


class Routing(NamedTuple):
    """One version of the rules."""

    rules: tuple[Rule, ...] = ()
    version: int = 0

    def decide(self, case: Case) -> Routed | None:
        """What the first rule says that fits; None when none does."""
        for rule in self.rules:
            found = look(rule, case)
            if not found.not_so:
                why = "; ".join(found.so) or "it fits every order"
                then = rule.then.model_dump()
                return Routed(rule=rule.id, name=rule.name, version=self.version, why=why, **then)
        return None


def look(rule: Rule, case: Case) -> Look:
    """Hold a rule against a case, condition by condition."""
    when = rule.when
    said: list[tuple[bool, str]] = []
    if when.categories:
        said.append((case.category in when.categories, f"category {case.category}"))
    if when.area is not None:
        said.append((lies_in(case.area, when.area), f"in {when.area}"))
    if when.urgencies:
        said.append((case.urgency in when.urgencies, f"urgency {case.urgency}"))
    if when.between is not None:
        said.append((when.between.holds(case.at.time()), f"{case.at:%H:%M} in {when.between}"))
    if when.workday is not None:
        began = when.between.began(case.at) if when.between else None
        today = began in (None, case.at.date())
        is_one = case.workday if today else case.workday_before
        day = "a workday" if is_one else "no workday"
        said.append((is_one == when.workday, f"on {day}" if today else f"begun on {day}"))
    for question, answer in when.answers.items():
        given = case.answers.get(question, "nothing")
        said.append((given == answer, f"{question} answered with {given}"))
    return Look(rule, tuple(what for so, what in said if so), tuple(what for so, what in said if not so))


def repeated(rules: Sequence[Rule]) -> str | None:
    """An id that stands there twice."""
    ids = [rule.id for rule in rules]
    return next((id for id in ids if ids.count(id) > 1), None)


class RuleTwice(RuleBroken):
    """Two rules have the same id."""


class PutRouting(Command):
    """All rules, in their order: the first one that fits decides. None: the grid has every order first."""

    rules: Annotated[tuple[Rule, ...], Field(max_length=500)]


class TryRouting(Command):
    """An order that might be. `at`: when it is placed, now if left out; `rules`: others than those that count now."""

    category: Code
    urgency: Urgency = "general"
    longitude: Annotated[float, Field(ge=-180, le=180)]
    latitude: Annotated[float, Field(ge=-90, le=90)]
    answers: Annotated[Mapping[Code, Code], Field(max_length=20)] = {}
    at: Time | None = None
    rules: Annotated[tuple[Rule, ...], Field(max_length=500)] | None = None
