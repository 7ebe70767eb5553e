"""HTTP in: departments, people of the areas, and who is on duty."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Query
from pydantic import AwareDatetime, StringConstraints
from starlette.responses import Response

from services.dispatch.api.router import Anybody, Staff, Uses, router
from services.dispatch.commands.delete_department import delete_department
from services.dispatch.commands.delete_person import delete_person
from services.dispatch.commands.put_department import put_department
from services.dispatch.commands.put_person import put_person
from services.dispatch.domain.department import DepartmentInUse, PutDepartment
from services.dispatch.domain.duty import NotYourLevel
from services.dispatch.domain.staff import PutPerson
from services.dispatch.domain.territory import AreaUnknown
from services.dispatch.domain.words import PersonOrUnit
from services.dispatch.queries.staff import (
    DepartmentOut,
    DepartmentsOut,
    DutyOut,
    PeopleOut,
    PersonOut,
    duty_at,
    people_of,
    person_for,
)
from shared.command import Code
from shared.http import problems, to_json
from shared.problems import Changed, LostRace, NotFound

DepartmentId = Annotated[Code, Path()]
PersonId = Annotated[PersonOrUnit, Path()]
Area = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}(/[0-9]{1,12}){0,4}$")]
_EDIT = (NotYourLevel, Changed, LostRace)


@router.get("/departments", tags=["departments"])
async def get_departments(_: Anybody, use: Uses) -> DepartmentsOut:
    """The departments that can be asked, with their remit and how to reach the office."""
    return DepartmentsOut.of(use.ground.departments)


@router.get(
    "/departments/{id}",
    tags=["departments"],
    response_model=DepartmentOut,
    responses=problems(NotFound),
)
async def get_department(id: DepartmentId, _: Anybody, use: Uses) -> Response:
    """One department, with its ETag."""
    for department in use.ground.departments:
        if department.id == id:
            return _shown(DepartmentOut.of(department))
    raise NotFound


@router.put(
    "/departments/{id}", tags=["departments"], response_model=DepartmentOut, responses=problems(*_EDIT)
)
async def put_department_(id: DepartmentId, body: PutDepartment, asked: Staff, use: Uses) -> Response:
    """Make a department, or change it (`If-Match`: the ETag you looked at). For the district."""
    return _shown(DepartmentOut.of(await put_department(id, body, use.books, asked)))


@router.delete(
    "/departments/{id}",
    tags=["departments"],
    status_code=204,
    responses=problems(NotFound, DepartmentInUse, *_EDIT),
)
async def delete_department_(id: DepartmentId, asked: Staff, use: Uses) -> Response:
    """Take it out of the list. What was referred to it stays so: its clock runs. For the district."""
    await delete_department(id, use.books, asked)
    return Response(status_code=204)


@router.get("/staff", tags=["staff"], responses=problems(NotFound))
async def get_staff(asked: Staff, use: Uses, area: Area | None = None) -> PeopleOut:
    """The people of the caller's area and below, or of a part of it."""
    return await people_of(use.books, asked.caller, area)


@router.get("/staff/{id}", tags=["staff"], response_model=PersonOut, responses=problems(NotFound))
async def get_person(id: PersonId, asked: Staff, use: Uses) -> Response:
    """One of them, with their ETag."""
    return _shown(PersonOut.of(await person_for(use.books, asked.caller, id)))


@router.put(
    "/staff/{id}",
    tags=["staff"],
    response_model=PersonOut,
    responses=problems(NotFound, AreaUnknown, *_EDIT),
)
async def put_person_(id: PersonId, body: PutPerson, asked: Staff, use: Uses) -> Response:
    """Make a person known, or change it (`If-Match`: the ETag you looked at). For the level above their area.

    `duty`: the hours of every week; while they are `away`, the first of the `substitutes` who is not stands in.
    """
    return _shown(PersonOut.of(await put_person(id, body, use.books, asked)))


@router.delete("/staff/{id}", tags=["staff"], status_code=204, responses=problems(NotFound, *_EDIT))
async def delete_person_(id: PersonId, asked: Staff, use: Uses) -> Response:
    """They do not belong to the staff any more. For the level above their area."""
    await delete_person(id, use.books, asked)
    return Response(status_code=204)


@router.get("/duty", tags=["staff"], responses=problems(AreaUnknown))
async def get_duty(
    asked: Staff,
    use: Uses,
    area: Area,
    at: Annotated[AwareDatetime | None, Query()] = None,
) -> DutyOut:
    """Who is on duty for an area now (or `at`), level by level up to the district; with its grid branch."""
    return await duty_at(use.books, area, at or asked.now, use.timezone)


def _shown(out: DepartmentOut | PersonOut) -> Response:
    headers = {"etag": f'"{out.version}"', "cache-control": "no-store"}
    return Response(to_json(out), 200, headers, "application/json")
