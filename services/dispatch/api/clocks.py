"""HTTP in: questions to the resident, more time, and the calendar."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from services.dispatch.api.router import Anybody, Staff, StaffOrDepartment, Uses, by_rule, on_dispatch, router
from services.dispatch.domain.clocks import pause, question
from services.dispatch.queries.clocks import CalendarOut, calendar_of


@on_dispatch("/questions", question.TooManyQuestions)
async def post_question(
    order_id: UUID, body: question.AskResident, asked: StaffOrDepartment, use: Uses
) -> Response:
    """Ask the resident. The clocks stand still until the answer, which is read at intake, or until its time is over."""
    return await by_rule(use, order_id, asked, question.ask_resident, body)


@on_dispatch("/time-requests", pause.TimeAskedAlready, pause.TooManyDelays, pause.TimeOutOfRange)
async def post_time_request(
    order_id: UUID, body: pause.AskForTime, asked: StaffOrDepartment, use: Uses
) -> Response:
    """Ask for a pause, a deferral or an extension. The next level decides; the district about its own."""
    return await by_rule(use, order_id, asked, pause.ask_for_time, body)


@on_dispatch("/time-requests/answer", pause.NoTimeAsked, pause.OwnRequest, pause.TimeOutOfRange)
async def post_time_answer(
    order_id: UUID, body: pause.AnswerTimeRequest, asked: Staff, use: Uses
) -> Response:
    """Grant what was asked for, and it holds from now on; or refuse it."""
    return await by_rule(use, order_id, asked, pause.answer_time_request, body)


@on_dispatch("/resumption", pause.NotPaused)
async def post_resumption(
    order_id: UUID, body: pause.Resume, asked: StaffOrDepartment, use: Uses
) -> Response:
    """Go on before the pause is over; by itself it goes on at its end."""
    return await by_rule(use, order_id, asked, pause.resume, body)


@router.get("/calendar", tags=["territory"])
async def get_calendar(_: Anybody, use: Uses, year: Annotated[int, Query(ge=2000, le=2999)]) -> CalendarOut:
    """The holidays, make-up workdays and working hours that deadlines are counted by."""
    return calendar_of(use.limits.calendar, year)
