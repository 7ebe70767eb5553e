"""HTTP in: what staff and departments ask, the queue, and the territory."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from starlette.responses import Response

from services.dispatch.commands.answer_referral import answer_referral
from services.dispatch.commands.answer_whistle import answer_whistle
from services.dispatch.commands.assign_dispatch import assign_dispatch
from services.dispatch.commands.blow_whistle import blow_whistle
from services.dispatch.commands.call_partners import call_partners
from services.dispatch.commands.check_work import check_work
from services.dispatch.commands.close_dispatch import close_dispatch
from services.dispatch.commands.close_round import close_round
from services.dispatch.commands.declare_deadlock import declare_deadlock
from services.dispatch.commands.deliver_work import deliver_work
from services.dispatch.commands.open_round import open_round
from services.dispatch.commands.refer_to_department import refer_to_department
from services.dispatch.commands.withdraw_call import withdraw_call
from services.dispatch.domain.assignment import AssignDispatch
from services.dispatch.domain.call import (
    CallEndOutOfRange,
    CallPartners,
    FundsMustMatchGap,
    TooManyCalls,
    WithdrawCall,
)
from services.dispatch.domain.closing import CloseDispatch
from services.dispatch.domain.deadlock import DeclareDeadlock
from services.dispatch.domain.deliberation import (
    CloseRound,
    OpenRound,
    RoundIsClosed,
    SharesPassCost,
    SubsidiesPassCost,
    TooManyRounds,
    UnknownHousehold,
)
from services.dispatch.domain.department import UnknownDepartment
from services.dispatch.domain.dispatch import RoundIsOpen
from services.dispatch.domain.duty import NotYourLevel
from services.dispatch.domain.ladder import DispatchState, Level
from services.dispatch.domain.limits import Limits
from services.dispatch.domain.referral import (
    AnswerReferral,
    NotYourReferral,
    ReferToDepartment,
    TooManyReferrals,
)
from services.dispatch.domain.territory import OutsideTerritory, Territory
from services.dispatch.domain.whistle import AnswerWhistle, BlowWhistle, NobodyAbove
from services.dispatch.domain.work import CheckWork, DeliverWork
from services.dispatch.queries import (
    DepartmentsOut,
    DispatchOut,
    DispatchPage,
    HistoryOut,
    LocatedOut,
    departments_of,
    dispatch_for,
    history_for,
    located,
    within,
)
from services.dispatch.store import Dispatches, Queue
from shared.caller import STAFF, Caller, Role
from shared.command import Code
from shared.http import Asked, Depends, asked_by, page_of, problems, reply, signed_in, using
from shared.problems import NotFound, WrongState
from shared.quick import QuickRoute


@dataclass(frozen=True, slots=True)
class Use:
    """What the routes need; built once at start."""

    dispatches: Dispatches
    territory: Territory
    limits: Limits


Uses = Annotated[Use, Depends(using(Use))]
Staff = Annotated[Asked, Depends(asked_by(*STAFF))]
Department = Annotated[Asked, Depends(asked_by(Role.DEPARTMENT))]
StaffOrDepartment = Annotated[Asked, Depends(asked_by(*STAFF, Role.DEPARTMENT))]
Anybody = Annotated[Caller, Depends(signed_in())]
Number = Annotated[int, Path(ge=1, le=1000)]
AreaPath = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}(/[0-9]{1,12}){0,3}$")]
Longitude = Annotated[float, Query(ge=-180, le=180, allow_inf_nan=False)]
Latitude = Annotated[float, Query(ge=-90, le=90, allow_inf_nan=False)]


class QueueQuery(BaseModel):
    """Which dispatches; what is left out does not matter."""

    model_config = ConfigDict(extra="forbid")

    area: AreaPath | None = None
    state: DispatchState | None = None
    level: Level | None = None
    category: Code | None = None
    urgency: Code | None = None
    overdue: bool | None = None
    cursor: Annotated[str, Field(max_length=64)] | None = None
    limit: Annotated[int, Field(ge=1, le=100)] = 20

    def queue(self, allowed: Queue) -> Queue:
        """What the caller may list, narrowed to this."""
        return replace(
            allowed,
            state=self.state,
            level=self.level,
            category=self.category,
            urgency=self.urgency,
            overdue=self.overdue,
        )


router = APIRouter(route_class=QuickRoute)
_AT = "/dispatches/{order_id}"
_ALWAYS = (NotFound, NotYourLevel, WrongState)


@router.post(
    f"{_AT}/assignment", tags=["dispatches"], response_model=DispatchOut, responses=problems(*_ALWAYS)
)
async def post_assignment(order_id: UUID, body: AssignDispatch, asked: Staff, use: Uses) -> Response:
    """Take it, or give it to a person or a unit. Repeating the request is safe, here and below."""
    return reply(await assign_dispatch(order_id, body, use.dispatches, asked), asked)


@router.post(
    f"{_AT}/whistle",
    tags=["dispatches"],
    response_model=DispatchOut,
    responses=problems(*_ALWAYS, NobodyAbove),
)
async def post_whistle(order_id: UUID, body: BlowWhistle, asked: Staff, use: Uses) -> Response:
    """Call the next level. It must answer in time; silence calls the one above by itself."""
    return reply(await blow_whistle(order_id, body, use.dispatches, use.limits, asked), asked)


@router.post(
    f"{_AT}/whistle/answer",
    tags=["dispatches"],
    response_model=DispatchOut,
    responses=problems(*_ALWAYS),
)
async def post_whistle_answer(order_id: UUID, body: AnswerWhistle, asked: Staff, use: Uses) -> Response:
    """The level that was called is there, and says what it will do."""
    return reply(await answer_whistle(order_id, body, use.dispatches, asked), asked)


@router.post(
    f"{_AT}/referral",
    tags=["dispatches"],
    response_model=DispatchOut,
    responses=problems(*_ALWAYS, UnknownDepartment, TooManyReferrals),
)
async def post_referral(order_id: UUID, body: ReferToDepartment, asked: Staff, use: Uses) -> Response:
    """Ask a department to act. It must answer in time; silence whistles to the level above."""
    return reply(
        await refer_to_department(
            order_id, body, use.dispatches, use.territory.departments, use.limits, asked
        ),
        asked,
    )


@router.post(
    f"{_AT}/referral/answer",
    tags=["dispatches"],
    response_model=DispatchOut,
    responses=problems(*_ALWAYS, NotYourReferral),
)
async def post_referral_answer(
    order_id: UUID, body: AnswerReferral, asked: Department, use: Uses
) -> Response:
    """Accept, or refuse with a reason and the rule it rests on. Three refusals raise supervision."""
    return reply(await answer_referral(order_id, body, use.dispatches, use.limits, asked), asked)


@router.post(
    f"{_AT}/deadlock",
    tags=["dispatches"],
    response_model=DispatchOut,
    responses=problems(*_ALWAYS, RoundIsOpen),
)
async def post_deadlock(order_id: UUID, body: DeclareDeadlock, asked: Staff, use: Uses) -> Response:
    """Say that it does not go on. Exits: deliberation, partners, the level above; in time, supervision."""
    return reply(await declare_deadlock(order_id, body, use.dispatches, use.limits, asked), asked)


@router.post(
    f"{_AT}/rounds",
    tags=["dispatches"],
    response_model=DispatchOut,
    responses=problems(*_ALWAYS, RoundIsOpen, SharesPassCost, TooManyRounds),
)
async def post_round(order_id: UUID, body: OpenRound, asked: Staff, use: Uses) -> Response:
    """Put a proposal to the households, with its cost and how it is shared."""
    return reply(await open_round(order_id, body, use.dispatches, use.limits, asked), asked)


@router.post(
    f"{_AT}/rounds/{{number}}/result",
    tags=["dispatches"],
    response_model=DispatchOut,
    responses=problems(*_ALWAYS, RoundIsClosed, UnknownHousehold, SubsidiesPassCost),
)
async def post_round_result(
    order_id: UUID, number: Number, body: CloseRound, asked: Staff, use: Uses
) -> Response:
    """Write down who consented. The shares of those who did, and the subsidies, leave the gap."""
    return reply(await close_round(order_id, number, body, use.dispatches, use.limits, asked), asked)


@router.post(
    f"{_AT}/call",
    tags=["dispatches"],
    response_model=DispatchOut,
    responses=problems(*_ALWAYS, RoundIsOpen, FundsMustMatchGap, CallEndOutOfRange, TooManyCalls),
)
async def post_call(order_id: UUID, body: CallPartners, asked: Staff, use: Uses) -> Response:
    """Open the need to partners, line by line. What is called for in funds is the gap."""
    return reply(await call_partners(order_id, body, use.dispatches, use.limits, asked), asked)


@router.post(
    f"{_AT}/call/withdrawal",
    tags=["dispatches"],
    response_model=DispatchOut,
    responses=problems(*_ALWAYS),
)
async def post_call_withdrawal(order_id: UUID, body: WithdrawCall, asked: Staff, use: Uses) -> Response:
    """The need is no longer open; whoever took a part of it is free."""
    return reply(await withdraw_call(order_id, body, use.dispatches, asked), asked)


@router.post(
    f"{_AT}/delivery",
    tags=["dispatches"],
    response_model=DispatchOut,
    responses=problems(*_ALWAYS),
)
async def post_delivery(order_id: UUID, body: DeliverWork, asked: StaffOrDepartment, use: Uses) -> Response:
    """The unit that has it says that its own work is done."""
    return reply(await deliver_work(order_id, body, use.dispatches, asked), asked)


@router.post(
    f"{_AT}/check",
    tags=["dispatches"],
    response_model=DispatchOut,
    responses=problems(*_ALWAYS),
)
async def post_check(order_id: UUID, body: CheckWork, asked: Staff, use: Uses) -> Response:
    """The acceptance check. Failed: the same hands do it again, and it is counted."""
    return reply(await check_work(order_id, body, use.dispatches, use.limits, asked), asked)


@router.post(
    f"{_AT}/closure",
    tags=["dispatches"],
    response_model=DispatchOut,
    responses=problems(*_ALWAYS),
)
async def post_closure(order_id: UUID, body: CloseDispatch, asked: Staff, use: Uses) -> Response:
    """End what needs no evaluation, and say honestly how."""
    return reply(await close_dispatch(order_id, body, use.dispatches, asked), asked)


@router.get("/dispatches", tags=["dispatches"], response_model=DispatchPage, responses=problems(NotFound))
async def get_dispatches(
    asked: StaffOrDepartment, use: Uses, wanted: Annotated[QueueQuery, Query()]
) -> Response:
    """The queue, newest first: of the caller's area or a part of it; for a department, what it was asked."""
    queue = wanted.queue(within(asked.caller, wanted.area))
    return page_of(await use.dispatches.queue(queue, cursor=wanted.cursor, limit=wanted.limit), asked)


@router.get(_AT, tags=["dispatches"], response_model=DispatchOut, responses=problems(NotFound))
async def get_dispatch(order_id: UUID, asked: StaffOrDepartment, use: Uses) -> Response:
    """One dispatch with its whole record and the money."""
    return reply(await dispatch_for(use.dispatches, order_id, asked.caller), asked)


@router.get(f"{_AT}/history", tags=["dispatches"], responses=problems(NotFound))
async def get_history(order_id: UUID, asked: StaffOrDepartment, use: Uses) -> HistoryOut:
    """Everything that was told of it, oldest first."""
    return await history_for(use.dispatches, order_id, asked.caller)


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
