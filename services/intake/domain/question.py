"""Questions of the unit that has the order, and what the resident answers. The answer is private: it stays here."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field

from services.intake.domain.order import NEXT, NotYourOrder, Order, OrderClosed, said
from services.intake.domain.timeline import Progress
from shared.caller import Caller
from shared.command import READ_AT_WORK, Command, Prose
from shared.contracts.from_intake import QuestionAnsweredV1
from shared.entry import Decision, unchanged
from shared.problems import NotFound, RuleBroken


class QuestionAnsweredAlready(RuleBroken):
    """This question was answered already."""


class AnswerQuestion(Command):
    text: Annotated[Prose, Field(description=READ_AT_WORK)]


def answer_question(
    order: Order, number: int, command: AnswerQuestion, *, by: Caller, at: datetime
) -> Decision[Order]:
    """Whoever ordered answers, in time or later; staff who called them, if they have no account.

    Raises NotYourOrder, OrderClosed, QuestionAnsweredAlready.
    """
    question = next((one for one in order.questions if one.number == number), None)
    if question is None or not order.is_seen_by(by):
        raise NotFound
    if not order.speaks_for_it(by):
        raise NotYourOrder
    if question.answer == command.text:
        return unchanged(order)
    if question.answer is not None:
        raise QuestionAnsweredAlready
    if Progress.WITHDRAWN not in NEXT[order.progress]:
        raise OrderClosed(progress=order.progress, outcome=order.outcome)
    answered = question.but(answer=command.text, answered_at=at)
    kept = tuple(answered if one.number == number else one for one in order.questions)
    told = QuestionAnsweredV1(number=number)
    return said(order.but(questions=kept), told, None, by=by, at=at, show=("number",))
