"""HTTP in: the work lists with their counts and the map, one dispatch, its history, and saved filters."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import Path, Query
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from starlette.responses import Response

from services.dispatch.api.router import AT, AreaPath, Staff, StaffOrDepartment, Uses, router
from services.dispatch.domain.ground.routing import Urgency
from services.dispatch.domain.states import DispatchState, Level
from services.dispatch.domain.words import PersonOrUnit
from services.dispatch.queries.holders import HoldersOut, holders_in
from services.dispatch.queries.reading import counts, dispatch_for, history_for, within
from services.dispatch.queries.rows import page_json
from services.dispatch.queries.saved import TooManyFilters
from services.dispatch.queries.views import (
    CountsOut,
    DispatchOut,
    DispatchPage,
    HistoryOut,
    RecordOut,
    SavedFilterOut,
    SavedFiltersOut,
)
from services.dispatch.store import Queue, WorkList
from shared.caller import Caller
from shared.command import STAYS_WITH_STAFF, Code, Command
from shared.http import problems, reply
from shared.problems import Malformed, NotFound

_NO_STORE = {"cache-control": "no-store"}


class QueueQuery(BaseModel):
    """Which dispatches; what is left out does not matter. `hours` bounds the list `due`.

    `assigned_to`: the id of the person who has them, of what is open.
    """

    model_config = ConfigDict(extra="forbid")

    of: Annotated[WorkList, Field(alias="list")] = WorkList.ALL
    hours: Annotated[int, Field(ge=1, le=720)] = 24
    area: AreaPath | None = None
    state: DispatchState | None = None
    level: Level | None = None
    category: Code | None = None
    urgency: Urgency | None = None
    overdue: bool | None = None
    assigned_to: PersonOrUnit | None = None

    def queue(self, callers: tuple[Caller, ...], now: datetime) -> Queue:
        """What the caller may list, narrowed to this. Raises NotFound for an area that is not theirs."""
        return replace(
            within(callers[0], self.area, *callers[1:]),
            of=self.of,
            until=_due_until(now, self.hours) if self.of is WorkList.DUE else None,
            **self.model_dump(include={"state", "level", "category", "urgency", "overdue", "assigned_to"}),
        )


def _due_until(now: datetime, hours: int) -> datetime:
    """From the begin of the minute: the list, its count and its map are of the same orders, also when asked twice."""
    return now.replace(second=0, microsecond=0) + timedelta(hours=hours)


class PageQuery(QueueQuery):
    cursor: Annotated[str, Field(max_length=64)] | None = None
    limit: Annotated[int, Field(ge=1, le=100)] = 20


class CountsQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    area: AreaPath | None = None
    hours: Annotated[int, Field(ge=1, le=720)] = 24


class SaveFilter(Command):
    """`query`: the parameters of a list as the address would have them, e.g. `{"list": "overdue"}`."""

    query: Annotated[
        dict[str, Annotated[str, StringConstraints(max_length=100), Field(description=STAYS_WITH_STAFF)]],
        Field(max_length=10),
    ]


@router.get("/dispatches", tags=["dispatches"], response_model=DispatchPage, responses=problems(NotFound))
async def get_dispatches(
    asked: StaffOrDepartment, use: Uses, wanted: Annotated[PageQuery, Query()]
) -> Response:
    """A work list, newest first (`due`: the soonest first): of the caller's area or a part of it; for a department,
    of what it was asked. Who stands in for somebody finds what that one would find, too.

    Whoever reads all pages sees each order exactly once that does not change meanwhile. `due` names ends of limits and
    pauses, no reminders.
    """
    queue = wanted.queue(use.acting(asked), asked.now)
    page = await use.dispatches.queue(queue, cursor=wanted.cursor, limit=wanted.limit)
    return Response(
        page_json(page.items, page.next, asked.caller, use.names), 200, _NO_STORE, "application/json"
    )


@router.get("/counts", tags=["dispatches"], response_model=CountsOut, responses=problems(NotFound))
async def get_counts(
    asked: StaffOrDepartment, use: Uses, wanted: Annotated[CountsQuery, Query()]
) -> Response:
    """How much there is in each of the caller's lists, now."""
    caller, *absent = use.acting(asked)
    allowed = within(caller, wanted.area, *absent)
    found = await counts(use.dispatches, allowed, until=_due_until(asked.now, wanted.hours))
    return Response(found.model_dump_json(), 200, _NO_STORE, "application/json")


@router.get("/holders", tags=["dispatches"], responses=problems(NotFound))
async def get_holders(asked: Staff, use: Uses, area: AreaPath | None = None) -> HoldersOut:
    """Who has how much that is open, in the caller's area or a part of it; also who is in no register."""
    caller, *absent = use.acting(asked)
    found = await holders_in(use.dispatches, use.books, within(caller, area, *absent), asked.now)
    return use.names.beside(found)


@router.get(
    "/map",
    tags=["dispatches"],
    response_class=Response,
    responses={200: {"content": {"application/geo+json": {}}}, **problems(NotFound)},
)
async def get_map(asked: StaffOrDepartment, use: Uses, wanted: Annotated[QueueQuery, Query()]) -> Response:
    """A work list as points (GeoJSON, WGS-84), the newest 5,000."""
    found = await use.maps.of(wanted.queue(use.acting(asked), asked.now))
    return Response(found, 200, _NO_STORE, "application/geo+json")


@router.get(AT, tags=["dispatches"], response_model=DispatchOut, responses=problems(NotFound))
async def get_dispatch(order_id: UUID, asked: StaffOrDepartment, use: Uses) -> Response:
    """One dispatch with its whole record and the money."""
    return reply(await dispatch_for(use.dispatches, order_id, asked.caller), asked)


@router.get(f"{AT}/history", tags=["dispatches"], responses=problems(NotFound))
async def get_history(order_id: UUID, asked: StaffOrDepartment, use: Uses) -> HistoryOut:
    """Everything that was told of it, oldest first."""
    entry = await dispatch_for(use.dispatches, order_id, asked.caller)
    return use.names.beside(await history_for(use.dispatches, entry, asked.caller), entry.state)


@router.get(f"{AT}/record", tags=["dispatches"], responses=problems(NotFound))
async def get_record(order_id: UUID, asked: StaffOrDepartment, use: Uses) -> RecordOut:
    """The whole record in one call: the dispatch, and everything that was told of it."""
    entry = await dispatch_for(use.dispatches, order_id, asked.caller)
    history = await history_for(use.dispatches, entry, asked.caller)
    dispatch = use.names.beside(DispatchOut.of(entry, asked.caller), entry.state)
    return use.names.beside(RecordOut(dispatch=dispatch, history=history.items), entry.state)


FilterName = Annotated[str, Path(pattern=r"^[\w -]{1,40}$")]


@router.get("/filters", tags=["dispatches"])
async def get_filters(asked: StaffOrDepartment, use: Uses) -> SavedFiltersOut:
    """The filters that the caller keeps."""
    return await use.filters.of(asked.caller)


@router.put("/filters/{name}", tags=["dispatches"], responses=problems(TooManyFilters))
async def put_filter(
    name: FilterName, body: SaveFilter, asked: StaffOrDepartment, use: Uses
) -> SavedFilterOut:
    """Keep a filter under a name; one of that name is replaced."""
    try:
        QueueQuery.model_validate_strings(body.query)
    except ValueError as error:
        raise Malformed("query: not the parameters of a list") from error
    return await use.filters.keep(asked.caller, name, body.query)


@router.delete("/filters/{name}", tags=["dispatches"], status_code=204)
async def delete_filter(name: FilterName, asked: StaffOrDepartment, use: Uses) -> None:
    """Forget a filter."""
    await use.filters.remove(asked.caller, name)
