"""People of the areas: who answers where, at which hours, and who stands in for whom."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated, NamedTuple, Self

from pydantic import AwareDatetime, ConfigDict, Field, StringConstraints, model_validator

from services.dispatch.domain.duty import LEVEL_OF, NotYourLevel
from services.dispatch.domain.ground.span import Between
from services.dispatch.domain.states import Level
from services.dispatch.domain.words import PersonOrUnit
from shared.caller import Caller, Role, lies_in
from shared.command import STAYS_WITH_STAFF, Code, Command, Line, Time
from shared.problems import NotFound, RuleBroken

AreaOfStaff = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}(/[0-9]{1,12}){0,4}$")]


class Hours(Command):
    """Every week on these days (1 is Monday), local time. Past midnight they count to the day that they begin on."""

    days: Annotated[tuple[Annotated[int, Field(ge=1, le=7)], ...], Field(min_length=1, max_length=7)]
    between: Between

    def hold(self, local: datetime) -> bool:
        began = self.between.began(local)
        return began is not None and began.isoweekday() in self.days


class Away(Command):
    """On leave: from then until then somebody else stands in."""

    since: AwareDatetime
    until: AwareDatetime

    @model_validator(mode="after")
    def _some_time(self) -> Self:
        if self.until <= self.since:
            raise ValueError("until lies after since")
        return self


class AwayIn(Away):  # as it is said: what was kept before may be of any age
    __doc__ = Away.__doc__

    since: Time
    until: Time


class Described(Command):
    """What is known of a person."""

    name: Annotated[Line, Field(description=STAYS_WITH_STAFF)]
    role: Code
    area: AreaOfStaff
    duty: Annotated[tuple[Hours, ...], Field(max_length=21)] = ()
    away: Annotated[tuple[Away, ...], Field(max_length=20)] = ()
    substitutes: Annotated[tuple[PersonOrUnit, ...], Field(max_length=10)] = ()


class PutPerson(Described):
    """A person as they shall be. `role` is what they do, e.g. `grid_worker`, `branch_secretary`, `building_leader`."""

    away: Annotated[tuple[AwayIn, ...], Field(max_length=20)] = ()

    @model_validator(mode="after")
    def _not_above_the_area(self) -> Self:
        if self.role in LEVEL_OF and LEVEL_OF[Role(self.role)].rank > _highest(self.area).rank:
            raise ValueError(f"a {self.role} is above this area, whose highest is {_highest(self.area)}")
        return self


class Person(Described):
    """`id` is the one in their token."""

    # readers of what is stored ignore what they do not know
    model_config = ConfigDict(frozen=True, extra="ignore")

    id: PersonOrUnit

    def is_away(self, at: datetime) -> bool:
        return any(one.since <= at < one.until for one in self.away)

    def has_duty(self, local: datetime) -> bool:
        return any(hours.hold(local) for hours in self.duty)


class OnDuty(NamedTuple):
    """`stands_in_for`: whose duty it is."""

    person: Person
    stands_in_for: str | None = None


def must_manage(by: Caller, area: str) -> None:
    """The level above an area looks after its people; the district after its own as well.

    Raises NotFound for an area that is not the caller's, NotYourLevel.
    """
    if not by.covers(area):
        raise NotFound
    level = LEVEL_OF.get(by.role)
    below = area.count("/") > len(Level) - 1 - level.rank if level else False
    if not below and level is not Level.DISTRICT:
        raise NotYourLevel("The level above does this.")


def role_of(person: Person) -> Role | None:
    """The role that a person has as whoever acts for the area: never above the level of their area.

    What they do may have a word of its own; such a one counts as the lowest. None: they see no dispatch.
    """
    if person.role in LEVEL_OF:
        level = LEVEL_OF[Role(person.role)]
    elif person.role in tuple(Role):
        return None
    else:
        level = Level.GRID
    lower = min(level, _highest(person.area), key=lambda one: one.rank)
    return next(role for role, its in LEVEL_OF.items() if its is lower)


def _highest(area: str) -> Level:
    return tuple(Level)[max(0, len(Level) - 1 - area.count("/"))]


class UnknownPerson(RuleBroken):
    """The register of the staff has nobody with this id."""


class NotOfTheArea(RuleBroken):
    """This person does not see what lies there."""


class StillHasWork(RuleBroken):
    """This person has open work, which somebody else must have first."""


def must_see_what_lies_in(area: str, person: Person | None, id: str) -> None:
    """For whoever is given work there. Raises UnknownPerson, NotOfTheArea."""
    if person is None:
        raise UnknownPerson(f"{id} is not in the register.", id=id)
    if role_of(person) is None or not lies_in(area, person.area):
        raise NotOfTheArea(f"{id} is {person.role} of {person.area}.", id=id, area=person.area)


def stand_in(person: Person, known: Mapping[str, Person], at: datetime) -> Person | None:
    """Who stands in for somebody who is away: the first of the substitutes who is not, or else of theirs."""
    return next(
        (known[id] for id in substitutes_through(person, known) if not known[id].is_away(at)),
        None,
    )


def substitutes_through(person: Person, known: Mapping[str, Person]) -> list[str]:
    """All who may have to stand in, those first who are asked first: the substitutes, then theirs, each once."""
    found = dict[str, None]()
    asked = [person]
    while asked:
        theirs = dict.fromkeys(id for one in asked for id in one.substitutes if id in known)
        asked = [known[id] for id in theirs if id not in found]
        found |= theirs
    return list(found)


def on_duty(
    people: Iterable[Person], known: Mapping[str, Person], *, at: datetime, local: datetime
) -> list[OnDuty]:
    """Who of these is on duty; for whoever is away, who stands in.

    A substitute takes over the hours. `known` are the substitutes by id, and theirs.
    """
    found = []
    for person in people:
        if not person.has_duty(local):
            continue
        if not person.is_away(at):
            found.append(OnDuty(person))
            continue
        if (instead := stand_in(person, known, at)) is not None:
            found.append(OnDuty(instead, person.id))
    return found


def substitutes_of(people: Iterable[Person]) -> set[str]:
    return {id for person in people for id in person.substitutes}


def must_govern(by: Caller, district: str) -> None:
    """What holds for all areas is the district's. Raises NotYourLevel."""
    if by.role is not Role.DISTRICT or not by.covers(district):
        raise NotYourLevel("The district does this.", level=Level.DISTRICT.value)
