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
from services.dispatch.domain.dispatch import Dispatch, OnNotice, RoundIsOpen, TasksOpen
from services.dispatch.domain.ground.department import UnknownDepartment
from services.dispatch.domain.supervision import directing
from services.dispatch.domain.works import binding, call, changing, checking, closing, handling, lead, tasks
from services.dispatch.queries.works import ChecklistsOut
from shared.entry import Decision
from shared.http import reply

Number = Annotated[int, Path(ge=1, le=1000)]


@on_dispatch("/reports")
async def post_report(
    order_id: UUID, body: handling.ReportHandling, asked: StaffOrDepartment, use: Uses
) -> Response:
    """Say how it stands. Whoever has it and keeps silent for too long is whistled over."""
    return await by_rule(use, order_id, asked, handling.report, body)


@on_dispatch("/delivery", TasksOpen)
async def post_delivery(
    order_id: UUID, body: handling.DeliverWork, asked: StaffOrDepartment, use: Uses
) -> Response:
    """The unit that has it says that its own work is done."""
    return await by_rule(use, order_id, asked, handling.deliver, body)


@on_dispatch("/tasks", tasks.TooManyTasks, DeadlineOutOfRange, UnknownDepartment)
async def post_task(order_id: UUID, body: tasks.GiveTask, asked: StaffOrDepartment, use: Uses) -> Response:
    """Split it: give a part to a unit. It cannot be delivered before its parts have ended."""
    return await by_rule(
        use, order_id, asked, partial(tasks.give_task, departments=use.ground.departments), body
    )


@on_dispatch("/tasks/{number}/result", tasks.TaskEnded)
async def post_task_result(
    order_id: UUID, number: Number, body: tasks.FinishTask, asked: StaffOrDepartment, use: Uses
) -> Response:
    """The part is done."""
    return await answered(
        use, order_id, asked, lambda it: tasks.finish_task(it, number, body, by=asked.caller, at=asked.now)
    )


@on_dispatch("/tasks/{number}/cancellation", tasks.TaskEnded)
async def post_task_cancellation(
    order_id: UUID, number: Number, body: tasks.CancelTask, asked: StaffOrDepartment, use: Uses
) -> Response:
    """The part is not needed any more."""
    return await answered(
        use, order_id, asked, lambda it: tasks.cancel_task(it, number, body, by=asked.caller, at=asked.now)
    )


@on_dispatch("/lead", directing.NotSupervised, tasks.TooManyTasks, DeadlineOutOfRange, UnknownDepartment)
async def post_lead(order_id: UUID, body: lead.NameLead, asked: Staff, use: Uses) -> Response:
    """Name the unit that leads; it cannot refuse. Co-units have their parts and deadlines."""
    return await by_rule(
        use, order_id, asked, partial(lead.name_lead, departments=use.ground.departments), body
    )


@on_dispatch(
    "/call",
    call.CallIsOpen,
    RoundIsOpen,
    OnNotice,
    call.FundsMustMatchGap,
    call.CallEndOutOfRange,
    call.LatestIsPast,
    call.TooManyCalls,
)
async def post_call(order_id: UUID, body: call.CallPartners, asked: Staff, use: Uses) -> Response:
    """Open the need to partners, line by line. What is called for in funds is the gap."""
    return await by_rule(use, order_id, asked, call.open_call, body)


@on_dispatch(
    "/call/changes",
    changing.ClaimsWouldBeWronged,
    call.FundsMustMatchGap,
    call.CallEndOutOfRange,
    call.LatestIsPast,
    changing.TooManyLines,
    changing.NothingChanges,
)
async def post_call_change(order_id: UUID, body: changing.ChangeCall, asked: Staff, use: Uses) -> Response:
    """Ask for more, or for longer. A call that was covered is open again when more is needed."""
    return await by_rule(use, order_id, asked, changing.change, body)


@on_dispatch("/call/withdrawal")
async def post_call_withdrawal(order_id: UUID, body: call.WithdrawCall, asked: Staff, use: Uses) -> Response:
    """The need is no longer open; whoever took a part of it is free."""
    return await by_rule(use, order_id, asked, call.end_call, body)


@on_dispatch("/check", checking.OwnWork, TasksOpen, checking.NotOnList, checking.ChecklistNotPassed)
async def post_check(order_id: UUID, body: checking.CheckWork, asked: Staff, use: Uses) -> Response:
    """The acceptance check, with the list of its category. Failed: the same hands do it again, and it is counted.

    Photos are named by their digest and kept elsewhere: nothing is uploaded here.
    """
    return await by_rule(use, order_id, asked, checking.check, body)


@on_dispatch(
    "/closure",
    closing.NotYoursToSay,
    closing.NothingWasDone,
    closing.UnderSupervision,
    closing.DepartmentHasIt,
    binding.UnknownOriginal,
    binding.CircleOfDuplicates,
    binding.TooManyDuplicates,
    RoundIsOpen,
    OnNotice,
    TasksOpen,
    checking.OwnWork,
)
async def post_closure(order_id: UUID, body: closing.CloseDispatch, asked: Staff, use: Uses) -> Response:
    """Say honestly how it ends. What was done in part is put to the residents first.

    A duplicate is bound to the order that it repeats, ends with it, and comes back when nothing comes of that.
    """
    return reply(await close_dispatch(order_id, body, use.dispatches, use.limits, asked), asked)


@on_dispatch("/unbinding")
async def post_unbinding(order_id: UUID, body: binding.UnbindDuplicate, asked: Staff, use: Uses) -> Response:
    """It does not repeat the order that it was bound to: it comes back, and has all its time."""

    def rule(it: Dispatch) -> Decision[Dispatch]:
        found = use.territory.find(it.longitude, it.latitude)
        return binding.unbind(it, body, found=found, by=asked.caller, at=asked.now, limits=use.limits)

    return await answered(use, order_id, asked, rule)


@router.get("/checklists", tags=["dispatches"])
async def get_checklists(_: Anybody, use: Uses) -> ChecklistsOut:
    """What is looked at in an acceptance check, by category."""
    return ChecklistsOut.of(use.limits.checklists)
