"""HTTP in: units and the district. Lead and co-units, tasks, disputed refusals, supervision."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Path
from starlette.responses import Response

from services.dispatch.api.router import ALWAYS, AT, Staff, StaffOrDepartment, Uses, router
from services.dispatch.commands.cancel_task import cancel_task
from services.dispatch.commands.close_supervision import close_supervision
from services.dispatch.commands.direct_supervision import direct_supervision
from services.dispatch.commands.dispute_refusal import dispute_refusal
from services.dispatch.commands.finish_task import finish_task
from services.dispatch.commands.give_task import give_task
from services.dispatch.commands.name_lead import name_lead
from services.dispatch.commands.rule_on_dispute import rule_on_dispute
from services.dispatch.domain.department import UnknownDepartment
from services.dispatch.domain.dispute import DisputeRefusal, NothingToDispute, RuleOnDispute
from services.dispatch.domain.ends import DeadlineOutOfRange
from services.dispatch.domain.lead import NameLead
from services.dispatch.domain.supervision import CloseSupervision, DirectSupervision, NotSupervised
from services.dispatch.domain.tasks import CancelTask, FinishTask, GiveTask, TaskEnded, TooManyTasks
from services.dispatch.domain.whistle import NobodyAbove
from services.dispatch.queries.views import DispatchOut
from shared.http import problems, reply

Number = Annotated[int, Path(ge=1, le=1000)]


@router.post(
    f"{AT}/lead",
    tags=["dispatches"],
    response_model=DispatchOut,
    responses=problems(*ALWAYS, NotSupervised, TooManyTasks, DeadlineOutOfRange, UnknownDepartment),
)
async def post_lead(order_id: UUID, body: NameLead, asked: Staff, use: Uses) -> Response:
    """Name the unit that leads; it cannot refuse. Co-units have their parts and deadlines."""
    return reply(
        await name_lead(order_id, body, use.dispatches, use.ground.departments, use.limits, asked), asked
    )


@router.post(
    f"{AT}/tasks",
    tags=["dispatches"],
    response_model=DispatchOut,
    responses=problems(*ALWAYS, TooManyTasks, DeadlineOutOfRange, UnknownDepartment),
)
async def post_task(order_id: UUID, body: GiveTask, asked: StaffOrDepartment, use: Uses) -> Response:
    """Split it: give a part to a unit. It cannot be delivered before its parts have ended."""
    return reply(
        await give_task(order_id, body, use.dispatches, use.ground.departments, use.limits, asked), asked
    )


@router.post(
    f"{AT}/tasks/{{number}}/result",
    tags=["dispatches"],
    response_model=DispatchOut,
    responses=problems(*ALWAYS, TaskEnded),
)
async def post_task_result(
    order_id: UUID, number: Number, body: FinishTask, asked: StaffOrDepartment, use: Uses
) -> Response:
    """The part is done."""
    return reply(await finish_task(order_id, number, body, use.dispatches, asked), asked)


@router.post(
    f"{AT}/tasks/{{number}}/cancellation",
    tags=["dispatches"],
    response_model=DispatchOut,
    responses=problems(*ALWAYS, TaskEnded),
)
async def post_task_cancellation(
    order_id: UUID, number: Number, body: CancelTask, asked: StaffOrDepartment, use: Uses
) -> Response:
    """The part is not needed any more."""
    return reply(await cancel_task(order_id, number, body, use.dispatches, asked), asked)


@router.post(
    f"{AT}/referral/dispute",
    tags=["dispatches"],
    response_model=DispatchOut,
    responses=problems(*ALWAYS, NothingToDispute, NobodyAbove),
)
async def post_dispute(order_id: UUID, body: DisputeRefusal, asked: Staff, use: Uses) -> Response:
    """Do not accept the refusal: the level above decides, in time; its silence calls the next one."""
    return reply(await dispute_refusal(order_id, body, use.dispatches, use.limits, asked), asked)


@router.post(
    f"{AT}/referral/dispute/ruling",
    tags=["dispatches"],
    response_model=DispatchOut,
    responses=problems(*ALWAYS, NothingToDispute),
)
async def post_ruling(order_id: UUID, body: RuleOnDispute, asked: Staff, use: Uses) -> Response:
    """Uphold the refusal, or overrule it: then the department has it and cannot refuse."""
    return reply(await rule_on_dispute(order_id, body, use.dispatches, use.limits, asked), asked)


@router.post(
    f"{AT}/supervision",
    tags=["dispatches"],
    response_model=DispatchOut,
    responses=problems(*ALWAYS, NotSupervised, DeadlineOutOfRange, UnknownDepartment),
)
async def post_supervision(order_id: UUID, body: DirectSupervision, asked: Staff, use: Uses) -> Response:
    """Say which unit has to do what, and until when."""
    return reply(
        await direct_supervision(order_id, body, use.dispatches, use.ground.departments, use.limits, asked),
        asked,
    )


@router.post(
    f"{AT}/supervision/result",
    tags=["dispatches"],
    response_model=DispatchOut,
    responses=problems(*ALWAYS, NotSupervised),
)
async def post_supervision_result(
    order_id: UUID, body: CloseSupervision, asked: Staff, use: Uses
) -> Response:
    """Close the supervision, and say what has come of it."""
    return reply(await close_supervision(order_id, body, use.dispatches, asked), asked)
