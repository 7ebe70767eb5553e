"""HTTP in: routing rules, a dry run of them, transfer, and the new territory for what is open."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Path, Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from services.dispatch.api.router import ALWAYS, AT, Staff, Uses, router
from services.dispatch.commands.apply_territory import apply_territory
from services.dispatch.commands.put_routing import put_routing
from services.dispatch.commands.transfer_dispatch import transfer_dispatch
from services.dispatch.domain.department import UnknownDepartment
from services.dispatch.domain.dispatch import TasksOpen
from services.dispatch.domain.duty import NotYourLevel
from services.dispatch.domain.moving import TransferDispatch
from services.dispatch.domain.routing import PutRouting, RuleTwice, TryRouting
from services.dispatch.domain.territory import AreaUnknown
from services.dispatch.queries.routing import RoutingOut, TrialOut, trial_of
from services.dispatch.queries.territory import VersionsOut
from services.dispatch.queries.views import DispatchOut
from shared.command import Command
from shared.http import problems, reply, to_json
from shared.problems import Changed, LostRace, NotFound, WrongState

Number = Annotated[int, Path(ge=1, le=1_000_000)]


class ApplyTerritory(Command):
    """`cursor`: the `next` of the answer before; left out, it begins anew, which does no harm."""

    cursor: Annotated[str, Field(max_length=64)] | None = None


class AppliedOut(BaseModel):
    """`moved` lie in another area now. `kept` are in other hands already and keep the area that they were given.

    `next`: put it into `cursor` for the next batch; null: all were looked at.
    """

    version: int
    looked: int
    moved: int
    kept: int
    next: str | None


@router.post(
    f"{AT}/transfer",
    tags=["dispatches"],
    response_model=DispatchOut,
    responses=problems(*ALWAYS, AreaUnknown, TasksOpen),
)
async def post_transfer(order_id: UUID, body: TransferDispatch, asked: Staff, use: Uses) -> Response:
    """Hand it to another grid. For a level that has both under it; its clock for taking it runs anew there."""
    found = await transfer_dispatch(order_id, body, use.dispatches, use.territory, use.limits, asked)
    return reply(found, asked)


@router.post(
    "/territory/application",
    tags=["territory"],
    response_model=AppliedOut,
    responses=problems(NotYourLevel, WrongState),
)
async def post_territory_application(body: ApplyTerritory, asked: Staff, use: Uses) -> Response:
    """Find a hundred open dispatches again in the newest territory; again and again until `next` is null.

    For the district. It may be broken off and done again at any time.
    """
    done = await apply_territory(body.cursor, use.books, use.dispatches, use.limits, asked)
    return Response(to_json(AppliedOut(**done._asdict())), 200, None, "application/json")


@router.get("/routing", tags=["routing"], response_model=RoutingOut)
async def get_routing(_: Staff, use: Uses) -> Response:
    """The rules that count now, in their order, and which of them can never decide."""
    return _shown(RoutingOut.of(use.ground.routing))


@router.put(
    "/routing",
    tags=["routing"],
    response_model=RoutingOut,
    responses=problems(NotYourLevel, RuleTwice, UnknownDepartment, Changed, LostRace),
)
async def put_routing_(body: PutRouting, asked: Staff, use: Uses) -> Response:
    """Replace the rules (`If-Match`: the ETag you looked at). For the district. The first rule that fits decides.

    What a rule does not name does not matter. It says which level begins; and a unit that is to take it there, or a
    department that is asked at once; and the lead unit.
    """
    return _shown(RoutingOut.of(await put_routing(body, use.books, asked)))


@router.get("/routing/versions", tags=["routing"])
async def get_routing_versions(
    _: Staff, use: Uses, before: Annotated[int | None, Query(ge=1)] = None
) -> VersionsOut:
    """Who changed the rules and when, newest first."""
    return VersionsOut.of(await use.books.routing.latest(before=before))


@router.get(
    "/routing/versions/{number}", tags=["routing"], response_model=RoutingOut, responses=problems(NotFound)
)
async def get_routing_version(number: Number, _: Staff, use: Uses) -> Response:
    """The rules as they were in this version."""
    return _shown(RoutingOut.of(await use.books.rules(number)))


@router.post("/routing/trial", tags=["routing"], response_model=TrialOut)
async def post_routing_trial(body: TryRouting, asked: Staff, use: Uses) -> Response:
    """A dry run: where an order would lie, which rule would decide and why; of the rules now, or of a draft."""
    return Response(to_json(trial_of(body, use.ground, use.limits, asked.now)), 200, None, "application/json")


def _shown(out: RoutingOut) -> Response:
    return Response(to_json(out), 200, {"etag": f'"{out.version}"'}, "application/json")
