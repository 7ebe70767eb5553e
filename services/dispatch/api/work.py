"""HTTP in: the call to partners, the work, its check, and the end."""

from __future__ import annotations

from uuid import UUID

from starlette.responses import Response

from services.dispatch.api.router import ALWAYS, AT, Anybody, Staff, StaffOrDepartment, Uses, router
from services.dispatch.commands.call_partners import call_partners
from services.dispatch.commands.change_call import change_call
from services.dispatch.commands.check_work import check_work
from services.dispatch.commands.close_dispatch import close_dispatch
from services.dispatch.commands.deliver_work import deliver_work
from services.dispatch.commands.withdraw_call import withdraw_call
from services.dispatch.domain.call import (
    CallEndOutOfRange,
    CallIsOpen,
    CallPartners,
    FundsMustMatchGap,
    LatestIsPast,
    TooManyCalls,
    WithdrawCall,
)
from services.dispatch.domain.changing import ChangeCall, ClaimsWouldBeWronged, TooManyLines
from services.dispatch.domain.checklist import ChecklistNotPassed, NotOnList
from services.dispatch.domain.closing import (
    CloseDispatch,
    NothingWasDone,
    NotYoursToSay,
    UnderSupervision,
    UnknownOriginal,
)
from services.dispatch.domain.dispatch import OnNotice, RoundIsOpen, TasksOpen
from services.dispatch.domain.work import CheckWork, DeliverWork, OwnWork
from services.dispatch.queries.checklists import ChecklistsOut
from services.dispatch.queries.views import DispatchOut
from shared.http import problems, reply


@router.post(
    f"{AT}/call",
    tags=["dispatches"],
    response_model=DispatchOut,
    responses=problems(
        *ALWAYS,
        CallIsOpen,
        RoundIsOpen,
        OnNotice,
        FundsMustMatchGap,
        CallEndOutOfRange,
        LatestIsPast,
        TooManyCalls,
    ),
)
async def post_call(order_id: UUID, body: CallPartners, asked: Staff, use: Uses) -> Response:
    """Open the need to partners, line by line. What is called for in funds is the gap."""
    return reply(await call_partners(order_id, body, use.dispatches, use.limits, asked), asked)


@router.post(
    f"{AT}/call/changes",
    tags=["dispatches"],
    response_model=DispatchOut,
    responses=problems(
        *ALWAYS, ClaimsWouldBeWronged, FundsMustMatchGap, CallEndOutOfRange, LatestIsPast, TooManyLines
    ),
)
async def post_call_change(order_id: UUID, body: ChangeCall, asked: Staff, use: Uses) -> Response:
    """Ask for more, or for longer. A call that was covered is open again when more is needed."""
    return reply(await change_call(order_id, body, use.dispatches, use.limits, asked), asked)


@router.post(
    f"{AT}/call/withdrawal",
    tags=["dispatches"],
    response_model=DispatchOut,
    responses=problems(*ALWAYS),
)
async def post_call_withdrawal(order_id: UUID, body: WithdrawCall, asked: Staff, use: Uses) -> Response:
    """The need is no longer open; whoever took a part of it is free."""
    return reply(await withdraw_call(order_id, body, use.dispatches, use.limits, asked), asked)


@router.post(
    f"{AT}/delivery",
    tags=["dispatches"],
    response_model=DispatchOut,
    responses=problems(*ALWAYS, TasksOpen),
)
async def post_delivery(order_id: UUID, body: DeliverWork, asked: StaffOrDepartment, use: Uses) -> Response:
    """The unit that has it says that its own work is done."""
    return reply(await deliver_work(order_id, body, use.dispatches, asked), asked)


@router.post(
    f"{AT}/check",
    tags=["dispatches"],
    response_model=DispatchOut,
    responses=problems(*ALWAYS, OwnWork, TasksOpen, NotOnList, ChecklistNotPassed),
)
async def post_check(order_id: UUID, body: CheckWork, asked: Staff, use: Uses) -> Response:
    """The acceptance check, with the list of its category. Failed: the same hands do it again, and it is counted.

    Photos are named by their digest and kept elsewhere: nothing is uploaded here.
    """
    return reply(await check_work(order_id, body, use.dispatches, use.limits, asked), asked)


@router.post(
    f"{AT}/closure",
    tags=["dispatches"],
    response_model=DispatchOut,
    responses=problems(
        *ALWAYS, NotYoursToSay, NothingWasDone, UnderSupervision, UnknownOriginal, TasksOpen, OwnWork
    ),
)
async def post_closure(order_id: UUID, body: CloseDispatch, asked: Staff, use: Uses) -> Response:
    """Say honestly how it ends. What was done in part is put to the residents first."""
    return reply(await close_dispatch(order_id, body, use.dispatches, asked), asked)


@router.get("/checklists", tags=["dispatches"])
async def get_checklists(_: Anybody, use: Uses) -> ChecklistsOut:
    """What is looked at in an acceptance check, by category."""
    return ChecklistsOut.of(use.limits.checklists)
