"""HTTP in: the territory, the routing rules, departments, people of the areas and who is on duty."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Header, Path, Query, Request
from pydantic import AfterValidator, StringConstraints
from starlette.responses import Response

from services.dispatch.api.router import Anybody, AreaPath, Everybody, Staff, Uses, router
from services.dispatch.commands.delete_department import delete_department
from services.dispatch.commands.delete_person import delete_person
from services.dispatch.commands.import_territory import import_territory
from services.dispatch.commands.put_department import put_department
from services.dispatch.commands.put_person import put_person
from services.dispatch.commands.put_routing import put_routing
from services.dispatch.domain.duty import NotYourLevel
from services.dispatch.domain.ground.department import (
    DepartmentInUse,
    PutDepartment,
    UnknownDepartment,
    names_no_level,
)
from services.dispatch.domain.ground.former import IdUsedBefore
from services.dispatch.domain.ground.importing import ImportRunning
from services.dispatch.domain.ground.leaving import OrdersStandInTheWay
from services.dispatch.domain.ground.register import CircleOfSubstitutes
from services.dispatch.domain.ground.routing import PutRouting, RuleTwice, TryRouting
from services.dispatch.domain.ground.staff import NotOfTheArea, PutPerson, StillHasWork, UnknownPerson
from services.dispatch.domain.ground.survey import TerritoryFaulty, TooMuchToCheck
from services.dispatch.domain.ground.territory import AreaUnknown, OutsideTerritory
from services.dispatch.domain.states import Level
from services.dispatch.domain.words import PersonOrUnit
from services.dispatch.queries.ground import (
    ChangesOut,
    DepartmentOut,
    DepartmentsOut,
    DutyOut,
    ImportOut,
    LocatedOut,
    PeopleOut,
    PersonOut,
    RoutingOut,
    TerritoryOut,
    TrialOut,
    VersionsOut,
    changes_between,
    duty_at,
    located,
    people_of,
    person_for,
    trial_of,
)
from services.dispatch.queries.names import NamesOut
from shared.command import Code, Time
from shared.http import problems, to_json
from shared.problems import Changed, LostRace, Malformed, NoSuchName, NotFound, TooLarge, WrongState

TERRITORY = "/api/dispatch/v1/territory"
GEOJSON = "application/geo+json"

Longitude = Annotated[float, Query(ge=-180, le=180, allow_inf_nan=False)]
Latitude = Annotated[float, Query(ge=-90, le=90, allow_inf_nan=False)]
_LAST = 1_000_000  # version: more there will not be
Number = Annotated[int, Path(ge=1, le=_LAST)]
DepartmentId = Annotated[Code, Path()]
NewDepartmentId = Annotated[Code, AfterValidator(names_no_level), Path()]
PersonId = Annotated[PersonOrUnit, Path()]
Area = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}(/[0-9]{1,12}){0,4}$")]
_AS_GEOJSON: dict[int | str, dict[str, object]] = {200: {"content": {GEOJSON: {}}}}
_EDIT = (NotYourLevel, Changed, LostRace)
_NO_STORE = {"cache-control": "no-store"}


@router.get("/territory", tags=["territory"], response_class=Response, responses=_AS_GEOJSON)
async def get_territory(_: Anybody, use: Uses, area: AreaPath | None = None) -> Response:
    """Everything as GeoJSON, WGS-84: district, streets, communities, grids and buildings; of one area, or of all."""
    return _geojson(use.territory.geojson(area or ""), use.territory.version)


@router.put(
    "/territory",
    tags=["territory"],
    response_model=TerritoryOut,
    responses={
        202: {"model": ImportOut, "description": "It takes longer; `location` says where to look."},
        **problems(
            TerritoryFaulty,
            WrongState,
            OrdersStandInTheWay,
            ImportRunning,
            NotYourLevel,
            NotFound,
            Changed,
            LostRace,
            TooLarge,
            TooMuchToCheck,
        ),
    },
    openapi_extra={"requestBody": {"required": True, "content": {GEOJSON: {"schema": {"type": "object"}}}}},
)
async def put_territory(request: Request, asked: Staff, use: Uses, area: AreaPath | None = None) -> Response:
    """Replace the territory, or the part of it in `area`, by this FeatureCollection. For the district.

    `properties`: `code` (the area path), `name` (`zh`, `en`), for a grid its `branch`, for a building its `households`.
    Everything is checked first; one fault, and nothing is taken over. The same again makes no new version. What lies
    in an area that goes moves to what comes after it: the one that `successors` (a member beside `features`, old path
    to new path) names, else the grid of its point. What takes longer than some seconds is answered 202, and everything
    where `Prefer: respond-async` asks for it.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in (GEOJSON, "application/json"):
        raise Malformed(f"content-type: {GEOJSON}")
    body = await request.body()
    at_once = "respond-async" in request.headers.get("prefer", "")
    id, it = await import_territory(body, area, use.books, use.imports, asked, at_once=at_once)
    if it.problem is not None:
        raise it.problem.refusal()
    if it.state != "done":
        at = {"location": f"{TERRITORY}/imports/{id}"}
        return Response(to_json(use.names.beside(ImportOut.of(id, it))), 202, at, "application/json")
    out = use.names.beside(TerritoryOut.of(use.territory, id, it))
    return Response(to_json(out), 200, {"etag": f'"{use.territory.version}"'}, "application/json")


@router.get(
    "/territory/imports/{id}", tags=["territory"], response_model=ImportOut, responses=problems(NotFound)
)
async def get_territory_import(id: UUID, asked: Staff, use: Uses) -> Response:
    """How far an import is, and what came of it. For the district, and for whoever brought it."""
    it = await use.imports.get(str(id))
    it.must_be_seen_by(asked.caller, use.territory.code)
    out = use.names.beside(ImportOut.of(str(id), it))
    return Response(to_json(out), 200, _NO_STORE, "application/json")


@router.get("/territory/versions", tags=["territory"])
async def get_territory_versions(
    _: Staff, use: Uses, before: Annotated[int | None, Query(ge=1, le=_LAST)] = None
) -> VersionsOut:
    """Who changed the territory and when, newest first."""
    return use.names.beside(VersionsOut.of(await use.books.territory.latest(before=before)))


@router.get(
    "/territory/versions/{number}",
    tags=["territory"],
    response_class=Response,
    responses={**_AS_GEOJSON, **problems(NotFound)},
)
async def get_territory_version(
    number: Number, _: Staff, use: Uses, area: AreaPath | None = None
) -> Response:
    """The territory as it was in this version, as GeoJSON."""
    return _geojson((await use.books.version(number)).geojson(area or ""), number)


@router.get("/territory/versions/{number}/changes", tags=["territory"], responses=problems(NotFound))
async def get_territory_changes(
    number: Number, _: Staff, use: Uses, since: Annotated[int | None, Query(ge=1, le=_LAST)] = None
) -> ChangesOut:
    """What is different in this version, compared with the one before or with `since`."""
    return await changes_between(use.books, number, since or number - 1)


@router.get("/territory/grids", tags=["territory"], response_class=Response, responses=_AS_GEOJSON)
async def get_grids(caller: Anybody, use: Uses, area: AreaPath | None = None) -> Response:
    """The grids of an area as GeoJSON, WGS-84; of the caller's own, or of all, when none is named."""
    return _geojson(use.territory.geojson(area or caller.area or "", Level.GRID), use.territory.version)


@router.get("/territory/locate", tags=["territory"], responses=problems(OutsideTerritory))
async def get_located(_: Anybody, use: Uses, longitude: Longitude, latitude: Latitude) -> LocatedOut:
    """Which grid a point lies in (WGS-84), or the nearest community."""
    return use.names.beside(located(use.territory, longitude, latitude))


@router.get(
    "/names",
    tags=["territory"],
    response_model=NamesOut,
    responses={
        304: {"description": "Nothing has changed since the answer with the ETag in `If-None-Match`."}
    },
)
async def get_names(
    _: Everybody, use: Uses, if_none_match: Annotated[str | None, Header()] = None
) -> Response:
    """What all areas (streets, communities, grids) and departments are called, in Chinese and in English.

    Without a token, and to be kept: the answers of intake, partners and evaluation name them by path and id.
    """
    body, etag = use.names.of_everything()
    headers = {"etag": etag, "cache-control": "public, max-age=60"}
    if etag in (if_none_match or "").replace("W/", "").split(", "):
        return Response(None, 304, headers)
    return Response(body, 200, headers, "application/json")


@router.get("/routing", tags=["routing"], response_model=RoutingOut)
async def get_routing(_: Staff, use: Uses) -> Response:
    """The rules that count now, in their order, and which of them can never decide."""
    return _shown(use.names.beside(RoutingOut.of(use.ground.routing)))


@router.put(
    "/routing",
    tags=["routing"],
    response_model=RoutingOut,
    responses=problems(
        NotYourLevel, RuleTwice, NoSuchName, UnknownDepartment, UnknownPerson, NotOfTheArea, Changed, LostRace
    ),
)
async def put_routing_(body: PutRouting, asked: Staff, use: Uses) -> Response:
    """Replace the rules (`If-Match`: the ETag you looked at). For the district. The first rule that fits decides.

    What a rule does not name does not matter. It says which level begins; and a unit that is to take it there, or a
    department that is asked at once; and the lead unit.
    """
    return _shown(use.names.beside(RoutingOut.of(await put_routing(body, use.books, asked))))


@router.get("/routing/versions", tags=["routing"])
async def get_routing_versions(
    _: Staff, use: Uses, before: Annotated[int | None, Query(ge=1, le=_LAST)] = None
) -> VersionsOut:
    """Who changed the rules and when, newest first."""
    return use.names.beside(VersionsOut.of(await use.books.routing.latest(before=before)))


@router.get(
    "/routing/versions/{number}", tags=["routing"], response_model=RoutingOut, responses=problems(NotFound)
)
async def get_routing_version(number: Number, _: Staff, use: Uses) -> Response:
    """The rules as they were in this version."""
    return _shown(use.names.beside(RoutingOut.of(await use.books.rules(number))))


@router.post("/routing/trial", tags=["routing"], response_model=TrialOut, responses=problems(NoSuchName))
async def post_routing_trial(body: TryRouting, asked: Staff, use: Uses) -> Response:
    """A dry run: where an order would lie, which rule would decide and why; of the rules now, or of a draft."""
    trial = use.names.beside(trial_of(body, use.ground, use.limits, asked.now))
    return Response(to_json(trial), 200, None, "application/json")


@router.get("/departments", tags=["departments"])
async def get_departments(_: Anybody, use: Uses) -> DepartmentsOut:
    """The departments that can be asked, with their remit and how to reach the office."""
    return DepartmentsOut.of(use.ground.departments)


@router.get(
    "/departments/{id}", tags=["departments"], response_model=DepartmentOut, responses=problems(NotFound)
)
async def get_department(id: DepartmentId, _: Anybody, use: Uses) -> Response:
    """One department, with its ETag."""
    department = use.ground.department(id)
    if department is None:
        raise NotFound
    return _shown(DepartmentOut.of(department), **_NO_STORE)


@router.put(
    "/departments/{id}",
    tags=["departments"],
    response_model=DepartmentOut,
    responses=problems(IdUsedBefore, NoSuchName, *_EDIT),
)
async def put_department_(id: NewDepartmentId, body: PutDepartment, asked: Staff, use: Uses) -> Response:
    """Make a department, or change it (`If-Match`: the ETag you looked at). For the district."""
    return _shown(DepartmentOut.of(await put_department(id, body, use.books, asked)), **_NO_STORE)


@router.delete(
    "/departments/{id}",
    tags=["departments"],
    status_code=204,
    responses=problems(NotFound, DepartmentInUse, UnknownDepartment, *_EDIT),
)
async def delete_department_(
    id: DepartmentId, asked: Staff, use: Uses, successor: DepartmentId | None = None
) -> Response:
    """Take it out of the list; its id is never used again. For the district.

    While open orders wait for it or lie in its hands, a `successor` must be named, which has them from then on.
    """
    await delete_department(id, successor, use.books, use.dispatches, asked)
    return Response(status_code=204)


@router.get("/staff", tags=["staff"], responses=problems(NotFound))
async def get_staff(asked: Staff, use: Uses, area: Area | None = None) -> PeopleOut:
    """The people of the caller's area and below, or of a part of it."""
    return use.names.beside(await people_of(use.books, asked.caller, area))


@router.get("/staff/{id}", tags=["staff"], response_model=PersonOut, responses=problems(NotFound))
async def get_person(id: PersonId, asked: Staff, use: Uses) -> Response:
    """One of them, with their ETag."""
    person = PersonOut.of(await person_for(use.books, asked.caller, id))
    return _shown(use.names.beside(person), **_NO_STORE)


@router.put(
    "/staff/{id}",
    tags=["staff"],
    response_model=PersonOut,
    responses=problems(
        NotFound,
        AreaUnknown,
        NoSuchName,
        UnknownPerson,
        CircleOfSubstitutes,
        StillHasWork,
        IdUsedBefore,
        *_EDIT,
    ),
)
async def put_person_(id: PersonId, body: PutPerson, asked: Staff, use: Uses) -> Response:
    """Make a person known, or change it (`If-Match`: the ETag you looked at). For the level above their area.

    `duty`: the hours of every week; while they are `away`, the first of the `substitutes` who is not stands in, or else
    of theirs. Who stands in sees and does what they may. Who goes to another area leaves no open work behind.
    """
    put = await put_person(id, body, use.books, use.dispatches, asked)
    return _shown(use.names.beside(PersonOut.of(put)), **_NO_STORE)


@router.delete(
    "/staff/{id}",
    tags=["staff"],
    status_code=204,
    responses=problems(NotFound, StillHasWork, UnknownPerson, NotOfTheArea, *_EDIT),
)
async def delete_person_(
    id: PersonId, asked: Staff, use: Uses, successor: Annotated[PersonOrUnit | None, Query()] = None
) -> Response:
    """They do not belong to the staff any more. For the level above their area.

    Who has open work leaves it to a `successor`, who sees where all of it lies and has it at once.
    """
    await delete_person(id, successor, use.books, use.dispatches, asked)
    return Response(status_code=204)


@router.get("/duty", tags=["staff"], responses=problems(AreaUnknown))
async def get_duty(asked: Staff, use: Uses, area: Area, at: Time | None = None) -> DutyOut:
    """Who is on duty for an area now (or `at`), level by level up to the district; with its grid branch."""
    return use.names.beside(await duty_at(use.books, area, at or asked.now, use.timezone))


def _geojson(content: bytes, version: int) -> Response:
    return Response(content, 200, {"etag": f'"{version}"'}, GEOJSON)


def _shown(out: RoutingOut | DepartmentOut | PersonOut, **more: str) -> Response:
    return Response(to_json(out), 200, {"etag": f'"{out.version}"', **more}, "application/json")
