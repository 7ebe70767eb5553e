"""HTTP in: word of whoever has it, questions to the resident, and more time."""

from __future__ import annotations

from uuid import UUID

from starlette.responses import Response

from services.dispatch.api.router import ALWAYS, AT, Staff, StaffOrDepartment, Uses, router
from services.dispatch.commands.decide_time import decide_time
from services.dispatch.commands.question_resident import question_resident
from services.dispatch.commands.report_handling import report_handling
from services.dispatch.commands.request_time import request_time
from services.dispatch.commands.resume_dispatch import resume_dispatch
from services.dispatch.domain.handling import ReportHandling
from services.dispatch.domain.pause import (
    AnswerTimeRequest,
    AskForTime,
    NoTimeAsked,
    NotPaused,
    OwnRequest,
    Resume,
    TimeAskedAlready,
    TimeOutOfRange,
    TooManyDelays,
)
from services.dispatch.domain.question import AskResident, TooManyQuestions
from services.dispatch.queries.views import DispatchOut
from shared.http import problems, reply


@router.post(f"{AT}/reports", tags=["dispatches"], response_model=DispatchOut, responses=problems(*ALWAYS))
async def post_report(order_id: UUID, body: ReportHandling, asked: StaffOrDepartment, use: Uses) -> Response:
    """Say how it stands. Whoever has it and keeps silent for too long is whistled over."""
    return reply(await report_handling(order_id, body, use.dispatches, use.limits, asked), asked)


@router.post(
    f"{AT}/questions",
    tags=["dispatches"],
    response_model=DispatchOut,
    responses=problems(*ALWAYS, TooManyQuestions),
)
async def post_question(order_id: UUID, body: AskResident, asked: StaffOrDepartment, use: Uses) -> Response:
    """Ask the resident. The clocks stand still until the answer, which is read at intake, or until its time is over."""
    return reply(await question_resident(order_id, body, use.dispatches, use.limits, asked), asked)


@router.post(
    f"{AT}/time-requests",
    tags=["dispatches"],
    response_model=DispatchOut,
    responses=problems(*ALWAYS, TimeAskedAlready, TooManyDelays, TimeOutOfRange),
)
async def post_time_request(
    order_id: UUID, body: AskForTime, asked: StaffOrDepartment, use: Uses
) -> Response:
    """Ask for a pause, a deferral or an extension. The next level decides; the district about its own."""
    return reply(await request_time(order_id, body, use.dispatches, use.limits, asked), asked)


@router.post(
    f"{AT}/time-requests/answer",
    tags=["dispatches"],
    response_model=DispatchOut,
    responses=problems(*ALWAYS, NoTimeAsked, OwnRequest, TimeOutOfRange),
)
async def post_time_answer(order_id: UUID, body: AnswerTimeRequest, asked: Staff, use: Uses) -> Response:
    """Grant what was asked for, and it holds from now on; or refuse it."""
    return reply(await decide_time(order_id, body, use.dispatches, use.limits, asked), asked)


@router.post(
    f"{AT}/resumption",
    tags=["dispatches"],
    response_model=DispatchOut,
    responses=problems(*ALWAYS, NotPaused),
)
async def post_resumption(order_id: UUID, body: Resume, asked: StaffOrDepartment, use: Uses) -> Response:
    """Go on before the pause is over; by itself it goes on at its end."""
    return reply(await resume_dispatch(order_id, body, use.dispatches, use.limits, asked), asked)
