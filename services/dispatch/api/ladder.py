"""HTTP in: who has it. Assignment, the whistle and its answer, referral to a department and its answer, deadlock."""

from __future__ import annotations

from uuid import UUID

from starlette.responses import Response

from services.dispatch.api.router import ALWAYS, AT, Department, Staff, StaffOrDepartment, Uses, router
from services.dispatch.commands.answer_referral import answer_referral
from services.dispatch.commands.answer_whistle import answer_whistle
from services.dispatch.commands.ask_supervision import ask_supervision
from services.dispatch.commands.assign_dispatch import assign_dispatch
from services.dispatch.commands.blow_whistle import blow_whistle
from services.dispatch.commands.declare_deadlock import declare_deadlock
from services.dispatch.commands.end_whistle import end_whistle
from services.dispatch.commands.refer_to_department import refer_to_department
from services.dispatch.domain.assignment import AssignDispatch, TakenAlready
from services.dispatch.domain.deadlock import AskSupervision, DeclareDeadlock
from services.dispatch.domain.department import UnknownDepartment
from services.dispatch.domain.dispatch import OnNotice, RoundIsOpen
from services.dispatch.domain.ends import DeadlineOutOfRange
from services.dispatch.domain.joint import (
    AnsweredAlready,
    EndWhistle,
    LevelNotAbove,
    NobodyIsWaitedFor,
    NotCalled,
)
from services.dispatch.domain.referral import (
    AnswerReferral,
    CannotRefuse,
    Disputed,
    NotYourReferral,
    ReferToDepartment,
    TooManyReferrals,
)
from services.dispatch.domain.whistle import AnswerWhistle, BlowWhistle, NobodyAbove
from services.dispatch.queries.views import DispatchOut
from shared.http import problems, reply


@router.post(
    f"{AT}/assignment",
    tags=["dispatches"],
    response_model=DispatchOut,
    responses=problems(*ALWAYS, TakenAlready),
)
async def post_assignment(order_id: UUID, body: AssignDispatch, asked: Staff, use: Uses) -> Response:
    """Take it, or give it to a person or a unit. Repeating the request is safe, here and below."""
    return reply(await assign_dispatch(order_id, body, use.dispatches, use.limits, asked), asked)


@router.post(
    f"{AT}/whistle",
    tags=["dispatches"],
    response_model=DispatchOut,
    responses=problems(*ALWAYS, NobodyAbove, LevelNotAbove, UnknownDepartment),
)
async def post_whistle(order_id: UUID, body: BlowWhistle, asked: Staff, use: Uses) -> Response:
    """Call the next level, or several units. Each must answer in time; silence calls the level above by itself."""
    departments = use.ground.departments
    return reply(await blow_whistle(order_id, body, use.dispatches, departments, use.limits, asked), asked)


@router.post(
    f"{AT}/whistle/answer",
    tags=["dispatches"],
    response_model=DispatchOut,
    responses=problems(*ALWAYS, NotCalled, AnsweredAlready, DeadlineOutOfRange),
)
async def post_whistle_answer(
    order_id: UUID, body: AnswerWhistle, asked: StaffOrDepartment, use: Uses
) -> Response:
    """Who was called is there, and says what it will do. Of several units each answers for itself."""
    return reply(await answer_whistle(order_id, body, use.dispatches, use.limits, asked), asked)


@router.post(
    f"{AT}/whistle/end",
    tags=["dispatches"],
    response_model=DispatchOut,
    responses=problems(*ALWAYS, NobodyIsWaitedFor),
)
async def post_whistle_end(order_id: UUID, body: EndWhistle, asked: Staff, use: Uses) -> Response:
    """Of several units that were called some have not come: go on without them."""
    return reply(await end_whistle(order_id, body, use.dispatches, use.limits, asked), asked)


@router.post(
    f"{AT}/referral",
    tags=["dispatches"],
    response_model=DispatchOut,
    responses=problems(*ALWAYS, UnknownDepartment, TooManyReferrals),
)
async def post_referral(order_id: UUID, body: ReferToDepartment, asked: Staff, use: Uses) -> Response:
    """Ask a department to act. It must answer in time; silence whistles to the level above."""
    return reply(
        await refer_to_department(order_id, body, use.dispatches, use.ground.departments, use.limits, asked),
        asked,
    )


@router.post(
    f"{AT}/referral/answer",
    tags=["dispatches"],
    response_model=DispatchOut,
    responses=problems(*ALWAYS, NotYourReferral, Disputed, CannotRefuse),
)
async def post_referral_answer(
    order_id: UUID, body: AnswerReferral, asked: Department, use: Uses
) -> Response:
    """Accept, or refuse with a reason and the rule it rests on. Three refusals raise supervision."""
    return reply(await answer_referral(order_id, body, use.dispatches, use.limits, asked), asked)


@router.post(
    f"{AT}/deadlock",
    tags=["dispatches"],
    response_model=DispatchOut,
    responses=problems(*ALWAYS, RoundIsOpen, OnNotice),
)
async def post_deadlock(order_id: UUID, body: DeclareDeadlock, asked: Staff, use: Uses) -> Response:
    """Say that it does not go on. Exits: deliberation, partners, the level above, supervision; in time by itself."""
    return reply(await declare_deadlock(order_id, body, use.dispatches, use.limits, asked), asked)


@router.post(
    f"{AT}/deadlock/supervision",
    tags=["dispatches"],
    response_model=DispatchOut,
    responses=problems(*ALWAYS),
)
async def post_deadlock_supervision(
    order_id: UUID, body: AskSupervision, asked: Staff, use: Uses
) -> Response:
    """Ask the district to watch over the way out of a deadlock, without waiting for its clock."""
    return reply(await ask_supervision(order_id, body, use.dispatches, use.limits, asked), asked)
