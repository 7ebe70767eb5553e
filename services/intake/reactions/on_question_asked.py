"""`dispatch.question_asked` → the resident sees the question, and may answer it."""

from __future__ import annotations

from services.intake.domain.order import Order, noted
from services.intake.domain.question import with_question
from shared.contracts.from_dispatch.question_asked import QuestionAskedV1
from shared.contracts.message import Heard
from shared.entry import Decision


def on_question_asked(order: Order, heard: Heard[QuestionAskedV1]) -> Decision[Order]:
    asked = with_question(order, heard.data, at=heard.at)
    return noted(asked, heard, None, show=("number", "question", "until"))
