"""HTTP in: the territory, its versions, where a point lies, and the calendar."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Query, Request
from starlette.responses import Response

from services.dispatch.api.router import Anybody, AreaPath, Staff, Uses, router
from services.dispatch.commands.import_territory import import_territory
from services.dispatch.domain.duty import NotYourLevel
from services.dispatch.domain.ladder import Level
from services.dispatch.domain.survey import TerritoryFaulty
from services.dispatch.domain.territory import OutsideTerritory
from services.dispatch.queries.calendar import CalendarOut, calendar_of
from services.dispatch.queries.territory import (
    ChangesOut,
    LocatedOut,
    TerritoryOut,
    VersionsOut,
    changes_between,
    located,
)
from shared.http import problems, to_json
from shared.problems import Changed, LostRace, Malformed, NotFound, TooLarge

TERRITORY = "/api/dispatch/v1/territory"
GEOJSON = "application/geo+json"

Longitude = Annotated[float, Query(ge=-180, le=180, allow_inf_nan=False)]
Latitude = Annotated[float, Query(ge=-90, le=90, allow_inf_nan=False)]
Number = Annotated[int, Path(ge=1, le=1_000_000)]
_AS_GEOJSON: dict[int | str, dict[str, object]] = {200: {"content": {GEOJSON: {}}}}


@router.get("/territory", tags=["territory"], response_class=Response, responses=_AS_GEOJSON)
async def get_territory(_: Anybody, use: Uses, area: AreaPath | None = None) -> Response:
    """Everything as GeoJSON, WGS-84: district, streets, communities, grids and buildings; of one area, or of all."""
    return _geojson(use.territory.geojson(area or ""), use.territory.version)


@router.put(
    "/territory",
    tags=["territory"],
    response_model=TerritoryOut,
    responses=problems(TerritoryFaulty, NotYourLevel, NotFound, Changed, LostRace, TooLarge),
    openapi_extra={"requestBody": {"required": True, "content": {GEOJSON: {"schema": {"type": "object"}}}}},
)
async def put_territory(request: Request, asked: Staff, use: Uses, area: AreaPath | None = None) -> Response:
    """Replace the territory, or the part of it in `area`, by this FeatureCollection. For the district.

    `properties`: `code` (the area path), `name` (`zh`, `en`), for a grid its `branch`, for a building its `households`.
    Everything is checked first; one fault, and nothing is taken over. The same again makes no new version.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in (GEOJSON, "application/json"):
        raise Malformed(f"content-type: {GEOJSON}")
    body = await request.body()
    territory, changed = await import_territory(body, area, use.books, use.limits, asked)
    out = TerritoryOut.of(territory, changed=changed)
    return Response(to_json(out), 200, {"etag": f'"{territory.version}"'}, "application/json")


@router.get("/territory/versions", tags=["territory"])
async def get_territory_versions(
    _: Staff, use: Uses, before: Annotated[int | None, Query(ge=1)] = None
) -> VersionsOut:
    """Who changed the territory and when, newest first."""
    return VersionsOut.of(await use.books.territory.latest(before=before))


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
    number: Number, _: Staff, use: Uses, since: Annotated[int | None, Query(ge=1)] = None
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
    return located(use.territory, longitude, latitude)


@router.get("/calendar", tags=["territory"])
async def get_calendar(_: Anybody, use: Uses, year: Annotated[int, Query(ge=2000, le=2999)]) -> CalendarOut:
    """The holidays, make-up workdays and working hours that deadlines are counted by."""
    return calendar_of(use.limits.calendar, year)


def _geojson(content: bytes, version: int) -> Response:
    return Response(content, 200, {"etag": f'"{version}"'}, GEOJSON)
