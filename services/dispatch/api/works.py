"""HTTP in: the unit's own work, its parts, the call to partners, the check, and the end."""

from __future__ import annotations

from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import Path
from starlette.responses import Response

from services.dispatch.api.router import (
    Anybody,
    Staff,
    StaffOrDepartment,
    Uses,
    answered,
    by_rule,
    on_dispatch,
    router,
)
from services.dispatch.commands.close_dispatch import close_dispatch
from services.dispatch.domain.clocks.limits import DeadlineOutOfRange
from services.dispatch.domain.dispatch import OnNotice, RoundIsOpen, TasksOpen
from services.dispatch.domain.ground.department import UnknownDepartment
from services.dispatch.domain.supervision.directing import NotSupervised
from services.dispatch.domain.works.call import (
    CallEndOutOfRange,
    CallIsOpen,
    CallPartners,
    FundsMustMatchGap,
    LatestIsPast,
    TooManyCalls,
    WithdrawCall,
    end_call,
    open_call,
)
from services.dispatch.domain.works.changing import ChangeCall, ClaimsWouldBeWronged, TooManyLines, change
from services.dispatch.domain.works.checking import ChecklistNotPassed, CheckWork, NotOnList, OwnWork, check
from services.dispatch.domain.works.closing import (
    CloseDispatch,
    NothingWasDone,
    NotYoursToSay,
    UnderSupervision,
    UnknownOriginal,
)
from services.dispatch.domain.works.handling import DeliverWork, ReportHandling, deliver, report
from services.dispatch.domain.works.lead import NameLead, name_lead
from services.dispatch.domain.works.tasks import (
    CancelTask,
    FinishTask,
    GiveTask,
    TaskEnded,
    TooManyTasks,
    cancel_task,
    finish_task,
    give_task,
)
from services.dispatch.queries.works import ChecklistsOut
from shared.http import reply

Number = Annotated[int, Path(ge=1, le=1000)]


@on_dispatch("/reports")
async def post_report(order_id: UUID, body: ReportHandling, asked: StaffOrDepartment, use: Uses) -> Response:
    """Say how it stands. Whoever has it and keeps silent for too long is whistled over."""
    return await by_rule(use, order_id, asked, report, body)


@on_dispatch("/delivery", TasksOpen)
async def post_delivery(order_id: UUID, body: DeliverWork, asked: StaffOrDepartment, use: Uses) -> Response:
    """The unit that has it says that its own work is done."""
    return await answered(use, order_id, asked, lambda it: deliver(it, body, by=asked.caller))


@on_dispatch("/tasks", TooManyTasks, DeadlineOutOfRange, UnknownDepartment)
async def post_task(order_id: UUID, body: GiveTask, asked: StaffOrDepartment, use: Uses) -> Response:
    """Split it: give a part to a unit. It cannot be delivered before its parts have ended."""
    return await by_rule(use, order_id, asked, partial(give_task, departments=use.ground.departments), body)


@on_dispatch("/tasks/{number}/result", TaskEnded)
async def post_task_result(
    order_id: UUID, number: Number, body: FinishTask, asked: StaffOrDepartment, use: Uses
) -> Response:
    """The part is done."""
    return await answered(
        use, order_id, asked, lambda it: finish_task(it, number, body, by=asked.caller, at=asked.now)
    )


@on_dispatch("/tasks/{number}/cancellation", TaskEnded)
async def post_task_cancellation(
    order_id: UUID, number: Number, body: CancelTask, asked: StaffOrDepartment, use: Uses
) -> Response:
    """The part is not needed any more."""
    return await answered(
        use, order_id, asked, lambda it: cancel_task(it, number, body, by=asked.caller, at=asked.now)
    )


@on_dispatch("/lead", NotSupervised, TooManyTasks, DeadlineOutOfRange, UnknownDepartment)
async def post_lead(order_id: UUID, body: NameLead, asked: Staff, use: Uses) -> Response:
    """Name the unit that leads; it cannot refuse. Co-units have their parts and deadlines."""
    return await by_rule(use, order_id, asked, partial(name_lead, departments=use.ground.departments), body)


@on_dispatch(
    "/call",
    CallIsOpen,
    RoundIsOpen,
    OnNotice,
    FundsMustMatchGap,
    CallEndOutOfRange,
    LatestIsPast,
    TooManyCalls,
)
async def post_call(order_id: UUID, body: CallPartners, asked: Staff, use: Uses) -> Response:
    """Open the need to partners, line by line. What is called for in funds is the gap."""
    return await by_rule(use, order_id, asked, open_call, body)


@on_dispatch(
    "/call/changes", ClaimsWouldBeWronged, FundsMustMatchGap, CallEndOutOfRange, LatestIsPast, TooManyLines
)
async def post_call_change(order_id: UUID, body: ChangeCall, asked: Staff, use: Uses) -> Response:
    """Ask for more, or for longer. A call that was covered is open again when more is needed."""
    return await by_rule(use, order_id, asked, change, body)


@on_dispatch("/call/withdrawal")
async def post_call_withdrawal(order_id: UUID, body: WithdrawCall, asked: Staff, use: Uses) -> Response:
    """The need is no longer open; whoever took a part of it is free."""
    return await by_rule(use, order_id, asked, end_call, body)


@on_dispatch("/check", OwnWork, TasksOpen, NotOnList, ChecklistNotPassed)
async def post_check(order_id: UUID, body: CheckWork, asked: Staff, use: Uses) -> Response:
    """The acceptance check, with the list of its category. Failed: the same hands do it again, and it is counted.

    Photos are named by their digest and kept elsewhere: nothing is uploaded here.
    """
    return await by_rule(use, order_id, asked, check, body)


@on_dispatch("/closure", NotYoursToSay, NothingWasDone, UnderSupervision, UnknownOriginal, TasksOpen, OwnWork)
async def post_closure(order_id: UUID, body: CloseDispatch, asked: Staff, use: Uses) -> Response:
    """Say honestly how it ends. What was done in part is put to the residents first."""
    return reply(await close_dispatch(order_id, body, use.dispatches, asked), asked)


@router.get("/checklists", tags=["dispatches"])
async def get_checklists(_: Anybody, use: Uses) -> ChecklistsOut:
    """What is looked at in an acceptance check, by category."""
    return ChecklistsOut.of(use.limits.checklists)
