"""The read side of the ground: territory and its versions, routing rules, departments, people, who is on duty."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal, Self
from zoneinfo import ZoneInfo

import shapely
from pydantic import BaseModel

from services.dispatch.books import Books
from services.dispatch.domain.clocks.limits import Limits
from services.dispatch.domain.ground.area import KINDS, Area
from services.dispatch.domain.ground.department import Contact, Department
from services.dispatch.domain.ground.ground import Ground
from services.dispatch.domain.ground.importing import Import
from services.dispatch.domain.ground.leaving import Left
from services.dispatch.domain.ground.record import Routed
from services.dispatch.domain.ground.routing import Routing, Rule, TryRouting, case_of, look
from services.dispatch.domain.ground.shadow import never_match
from services.dispatch.domain.ground.staff import Person, on_duty
from services.dispatch.domain.ground.territory import AreaUnknown, Territory
from services.dispatch.domain.words import Name
from services.dispatch.queries.names import WithNames
from services.dispatch.queries.reading import area_of
from shared.calendar import Within
from shared.caller import Caller, above
from shared.contracts.called import called
from shared.contracts.message import copied
from shared.problems import NotFound
from shared.store import Record, Version, under

_MOST_CHANGES = 1000  # that are shown
_MOST_PEOPLE = 500  # in one answer


class LocatedOut(WithNames):
    """The area path of a point. In no grid: of the nearest community. `version` is that of the territory."""

    area: str
    name: Name | None
    in_no_grid: bool
    version: int


class TerritoryOut(WithNames):
    """One version, in figures. `changed`: whether this request made it.

    `moved`: so many orders lay in areas that are gone. `left`: those areas, and who still names one.
    """

    version: int
    changed: bool
    import_id: str
    moved: int
    left: Left
    streets: int
    communities: int
    grids: int
    buildings: int
    households: int

    @classmethod
    def of(cls, territory: Territory, id: str, it: Import) -> Self:
        return copied(cls, it, version=territory.version, import_id=id, **territory.summary())


class ByWhomOut(BaseModel):
    role: str
    id: str


class ImportOut(WithNames):
    """First it is `checking`, then `moving` what lies in areas that are gone, in the end `done`.

    Or `refused`, or `failed`: then nothing was taken over, and `problem` says why. `version`: the one that it makes.
    """

    id: str
    state: Literal["checking", "moving", "done", "refused", "failed"]
    by: ByWhomOut
    begun_at: datetime
    ended_at: datetime | None
    version: int
    changed: bool
    looked: int
    moved: int
    left: Left
    problem: dict[str, Any] | None

    @classmethod
    def of(cls, id: str, it: Import) -> Self:
        role, who = it.by
        said = None
        if it.problem is not None:
            why = it.problem.refusal()
            said = {"type": f"/problems/{why.slug()}", "title": why.title(), "status": why.status}
            said |= {"detail": why.detail, **why.now}
        return copied(cls, it, id=id, by=ByWhomOut(role=role, id=who), problem=said)


class VersionOut(BaseModel):
    number: int
    at: datetime
    by: ByWhomOut


class VersionsOut(WithNames):
    """Newest first. `next`: put it into `before` for those before."""

    items: list[VersionOut]
    next: int | None

    @classmethod
    def of(cls, versions: Sequence[Version]) -> Self:
        items = [
            VersionOut(number=one.number, at=one.at, by=ByWhomOut(role=one.by.role, id=one.by.id))
            for one in versions
        ]
        return cls(items=items, next=items[-1].number if items and items[-1].number > 1 else None)


class ChangeOut(BaseModel):
    """`square_metres`: what belongs to one of the two shapes and not to both."""

    code: str
    what: Literal["added", "removed", "reshaped", "renamed"]
    square_metres: float | None = None


class ChangesOut(WithNames):
    """What is different in `version`, compared with `since`. `count` may be more than is shown."""

    version: int
    since: int
    count: int
    items: list[ChangeOut]


def located(territory: Territory, longitude: float, latitude: float) -> LocatedOut:
    """Raises OutsideTerritory."""
    found = territory.locate(longitude, latitude)
    return copied(LocatedOut, found, name=territory.name_of(found.area))


async def changes_between(books: Books, version: int, since: int) -> ChangesOut:
    """Raises NotFound."""
    new, old = await books.version(version), await books.version(since)
    found = []
    for code in sorted(new.areas.keys() | old.areas.keys()):
        change = _change(code, new.areas.get(code), old.areas.get(code), new)
        if change is not None:
            found.append(change)
    shown = found[:_MOST_CHANGES]
    both = {one.code: (new if one.code in new.areas else old).areas[one.code] for one in shown}
    names = {code: called(area.properties.name.zh, area.properties.name.en) for code, area in both.items()}
    return ChangesOut(version=version, since=since, count=len(found), items=shown, names=names)


def _change(code: str, now: Area | None, before: Area | None, territory: Territory) -> ChangeOut | None:
    """`renamed` stands for everything that is said of an area besides where it is."""
    if now is None or before is None:
        return ChangeOut(code=code, what="added" if before is None else "removed")
    if now.feature == before.feature:
        return None
    if now.shape != before.shape:
        moved = None
        if now.shape is not None and before.shape is not None:
            moved = round(territory.square_metres(shapely.symmetric_difference(now.shape, before.shape)), 1)
        return ChangeOut(code=code, what="reshaped", square_metres=moved)
    return ChangeOut(code=code, what="renamed")


class RoutingOut(WithNames):
    """The rules in their order. `never_match`: rules that can never decide, and those before that do instead."""

    version: int
    rules: list[Rule]
    never_match: dict[str, list[str]]

    @classmethod
    def of(cls, routing: Routing) -> Self:
        return cls(version=routing.version, rules=list(routing.rules), never_match=never_match(routing.rules))


class LookOut(BaseModel):
    """One rule: what of it is so for this order, and what is not. It fits when nothing is not so."""

    rule: str
    fits: bool
    so: list[str]
    not_so: list[str]


class TrialOut(WithNames):
    """`decided`: what the first rule says that fits; null: none does, and the grid (or community) has it."""

    area: str
    in_no_grid: bool
    local_time: datetime
    workday: bool
    decided: Routed | None
    looks: list[LookOut]
    never_match: dict[str, list[str]]


def trial_of(command: TryRouting, ground: Ground, limits: Limits, now: datetime) -> TrialOut:
    """Nothing is changed and nothing is kept. Raises NoSuchName."""
    ground.known.must_know_categories((command.category,))
    for rule in command.rules or ():
        ground.known.must_know_rule(rule, ground.territory)
    found = ground.territory.find(command.longitude, command.latitude)
    case = case_of(
        command.category, command.urgency, found.area, command.answers, command.at or now, limits.calendar
    )
    routing = ground.routing if command.rules is None else Routing(command.rules)
    looks = [look(rule, case) for rule in routing.rules]
    return TrialOut(
        area=found.area,
        in_no_grid=found.in_no_grid,
        local_time=case.at,
        workday=case.workday,
        decided=routing.decide(case),
        looks=[
            LookOut(rule=one.rule.id, fits=not one.not_so, so=list(one.so), not_so=list(one.not_so))
            for one in looks
        ],
        never_match=never_match(routing.rules),
    )


class DepartmentOut(BaseModel):
    """`remit`: the categories it usually answers for; `contact`: of the office. `version` is its ETag."""

    id: str
    name: Name
    remit: list[str]
    contact: Contact
    answer_limit: Within | None
    version: int

    @classmethod
    def of(cls, department: Department) -> Self:
        return cls.model_validate(department.model_dump())


class DepartmentsOut(BaseModel):
    items: list[DepartmentOut]

    @classmethod
    def of(cls, departments: tuple[Department, ...]) -> Self:
        return cls(items=[DepartmentOut.of(one) for one in departments])


class PersonRow(Person):
    """`version` is the ETag."""

    version: int

    @classmethod
    def of(cls, record: Record[Person]) -> Self:
        return cls(**record.value.model_dump(), version=record.version)


class PersonOut(WithNames, PersonRow):
    """One person. `version` is the ETag."""


class PeopleOut(WithNames):
    """At most 500, by id."""

    items: list[PersonRow]


class OnDutyOut(BaseModel):
    """`stands_in_for`: the id of whoever has this duty and is away."""

    id: str
    name: str
    role: str
    stands_in_for: str | None


class UnitOut(BaseModel):
    """One level of the ladder. `branch`: the grid branch, for a grid that has one."""

    level: str
    area: str
    name: Name
    branch: Name | None
    households: int
    on_duty: list[OnDutyOut]


class DutyOut(WithNames):
    """From the area up to the district: who is there now."""

    at: datetime
    units: list[UnitOut]


async def people_of(books: Books, caller: Caller, area: str | None) -> PeopleOut:
    """The staff of an area and below, for the staff of an area above. Raises NotFound."""
    found = await books.staff.find({"value.area": under(area_of(caller, area))}, _MOST_PEOPLE)
    return PeopleOut(items=[PersonRow.of(one) for one in found])


async def person_for(books: Books, caller: Caller, id: str) -> Record[Person]:
    """Raises NotFound for who is not there and for who is not in the caller's area alike."""
    record = await books.staff.get(id)
    if not caller.covers(record.value.area):
        raise NotFound
    return record


async def duty_at(books: Books, area: str, at: datetime, timezone: str) -> DutyOut:
    """Raises AreaUnknown."""
    territory = books.now.territory
    if territory.name_of(area) is None:
        raise AreaUnknown(area)
    ladder = above(area)[::-1]
    people = [
        record.value for record in await books.staff.find({"value.area": {"$in": ladder}}, _MOST_PEOPLE)
    ]
    known = await books.substitutes_through(people)
    local = at.astimezone(ZoneInfo(timezone))
    units = []
    for unit in ladder:
        there = on_duty((one for one in people if one.area == unit), known, at=at, local=local)
        known_as = territory.areas[unit].properties
        units.append(
            UnitOut(
                level=KINDS[unit.count("/")],
                area=unit,
                name=known_as.name,
                branch=known_as.branch,
                households=territory.households(unit),
                on_duty=[copied(OnDutyOut, one.person, stands_in_for=one.stands_in_for) for one in there],
            )
        )
    return DutyOut(at=at, units=units)
