"""A question to the resident: the clocks stand still until it is answered, or its time is over."""

from __future__ import annotations

from datetime import datetime

from services.dispatch.domain.clocks.limits import Limits
from services.dispatch.domain.clocks.pause import ANSWERED, pause, resumed
from services.dispatch.domain.clocks.record import Delay
from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.duty import must_have, must_see
from services.dispatch.domain.notes import keeps_note
from services.dispatch.domain.states import PAUSABLE
from services.dispatch.domain.words import Noted, PublicReason
from shared.caller import Caller
from shared.contracts.from_dispatch import QuestionAskedV1
from shared.contracts.from_intake import QuestionAnsweredV1
from shared.contracts.message import Heard
from shared.entry import Decision, decided, unchanged
from shared.problems import RuleBroken


class TooManyQuestions(RuleBroken):
    """The resident was asked often enough."""


class AskResident(Noted):
    question: PublicReason


@keeps_note
def ask_resident(
    dispatch: Dispatch, command: AskResident, *, by: Caller, at: datetime, limits: Limits
) -> Decision[Dispatch]:
    """Whoever has it asks; nobody has to grant that. Raises TooManyQuestions."""
    must_see(dispatch, by)
    open_one = dispatch.paused
    if open_one and (open_one.kind, open_one.reason, open_one.by) == (
        Delay.QUESTION,
        command.question,
        by.id,
    ):
        return unchanged(dispatch)
    dispatch.must_be(*PAUSABLE)
    must_have(dispatch, by)
    number = 1 + sum(one.kind is Delay.QUESTION for one in dispatch.pauses)
    if number > limits.questions:
        raise TooManyQuestions(f"It was asked {limits.questions} times.")
    until = limits.calendar.after(at, limits.question)
    asked = pause(
        dispatch, Delay.QUESTION, reason=command.question, until=until, by=by.id, at=at, number=number
    )
    told = QuestionAskedV1(number=number, question=command.question, until=until)
    return decided(asked.state, told, *asked.events)


def answer_heard(
    dispatch: Dispatch, heard: Heard[QuestionAnsweredV1], *, limits: Limits
) -> Decision[Dispatch]:
    """The resident has answered; what was said is read at intake. A late answer stops nothing and starts nothing."""
    dispatch.must_be_known()
    open_one = dispatch.paused
    if open_one is None or open_one.kind is not Delay.QUESTION or open_one.number != heard.data.number:
        return unchanged(dispatch)
    return resumed(dispatch, ANSWERED, at=heard.at, calendar=limits.calendar)
