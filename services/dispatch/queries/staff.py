"""The read side: departments, people, and who is on duty."""

from __future__ import annotations

from datetime import datetime
from typing import Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel

from services.dispatch.books import Books
from services.dispatch.domain.area import KINDS
from services.dispatch.domain.calendar import Within
from services.dispatch.domain.department import Contact, Department, Name
from services.dispatch.domain.staff import Person, on_duty, substitutes_of
from services.dispatch.domain.territory import AreaUnknown
from shared.caller import Caller
from shared.problems import NotFound
from shared.store import Record, under

_MOST = 500  # people in one answer


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


class PersonOut(Person):
    """`version` is the ETag."""

    version: int

    @classmethod
    def of(cls, record: Record[Person]) -> Self:
        return cls(**record.value.model_dump(), version=record.version)


class PeopleOut(BaseModel):
    """At most 500, by id."""

    items: list[PersonOut]


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


class DutyOut(BaseModel):
    """From the area up to the district: who is there now."""

    at: datetime
    units: list[UnitOut]


async def people_of(books: Books, caller: Caller, area: str | None) -> PeopleOut:
    """The staff of an area and below, for the staff of an area above. Raises NotFound."""
    within = area or caller.area
    if within is None or not caller.covers(within):
        raise NotFound
    found = await books.staff.find({"value.area": under(within)}, _MOST)
    return PeopleOut(items=[PersonOut.of(one) for one in found])


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
    codes = area.split("/")
    ladder = ["/".join(codes[:depth]) for depth in range(len(codes), 0, -1)]
    people = [record.value for record in await books.staff.find({"value.area": {"$in": ladder}}, _MOST)]
    known = {record.value.id: record.value for record in await books.staff.many(substitutes_of(people))}
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
                on_duty=[
                    OnDutyOut(
                        id=one.person.id,
                        name=one.person.name,
                        role=one.person.role,
                        stands_in_for=one.stands_in_for,
                    )
                    for one in there
                ],
            )
        )
    return DutyOut(at=at, units=units)
