"""HTTP in: departments, grids, where a point lies, and the calendar."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from services.dispatch.api.router import Anybody, AreaPath, Uses, router
from services.dispatch.domain.territory import OutsideTerritory
from services.dispatch.queries.calendar import CalendarOut, calendar_of
from services.dispatch.queries.reading import departments_of, located
from services.dispatch.queries.views import DepartmentsOut, LocatedOut
from shared.http import problems

Longitude = Annotated[float, Query(ge=-180, le=180, allow_inf_nan=False)]
Latitude = Annotated[float, Query(ge=-90, le=90, allow_inf_nan=False)]


@router.get("/departments", tags=["territory"])
async def get_departments(_: Anybody, use: Uses) -> DepartmentsOut:
    """The departments that can be asked."""
    return departments_of(use.territory)


@router.get(
    "/territory/grids",
    tags=["territory"],
    response_class=Response,
    responses={200: {"content": {"application/geo+json": {}}}},
)
async def get_grids(caller: Anybody, use: Uses, area: AreaPath | None = None) -> Response:
    """The grids of an area as GeoJSON, WGS-84; of the caller's own, or of all, when none is named."""
    return Response(use.territory.geojson(area or caller.area or ""), media_type="application/geo+json")


@router.get("/territory/locate", tags=["territory"], responses=problems(OutsideTerritory))
async def get_located(_: Anybody, use: Uses, longitude: Longitude, latitude: Latitude) -> LocatedOut:
    """Which grid a point lies in (WGS-84), or the nearest community."""
    return located(use.territory, longitude, latitude)


@router.get("/calendar", tags=["territory"])
async def get_calendar(_: Anybody, use: Uses, year: Annotated[int, Query(ge=2000, le=2999)]) -> CalendarOut:
    """The holidays, make-up workdays and working hours that deadlines are counted by."""
    return calendar_of(use.limits.calendar, year)
