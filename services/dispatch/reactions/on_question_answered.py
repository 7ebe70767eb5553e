"""`intake.question_answered` → the clocks go on: `dispatch_resumed`. What was said is read at intake."""

from __future__ import annotations

from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.limits import Limits
from services.dispatch.domain.question import answer_heard
from shared.contracts.from_intake.question_answered import QuestionAnsweredV1
from shared.contracts.message import Heard
from shared.entry import Decision


def on_question_answered(
    dispatch: Dispatch, heard: Heard[QuestionAnsweredV1], *, limits: Limits
) -> Decision[Dispatch]:
    return answer_heard(dispatch, heard.data.number, at=heard.at, calendar=limits.calendar)
