"""What the unit asks, and what the resident answers: it stays in intake."""

from __future__ import annotations

import pytest

from services.intake.domain.order import NotYourOrder, Order, OrderClosed
from services.intake.domain.question import AnswerQuestion, QuestionAnsweredAlready, answer_question
from services.intake.queries import OrderOut
from shared.caller import Caller
from shared.contracts.from_dispatch import DispatchClosedV1, QuestionAskedV1
from shared.contracts.from_intake.orders import QuestionAnsweredV1
from shared.entry import Entry
from shared.problems import NotFound
from tests.unit.intake.given import COMMUNITY, DISTRICT, NEIGHBOUR, NOON, ORDER, RESIDENT, hear, heard, placed

PRIVATE = "since Monday; ring at 3-201, my mother is at home"
SAID = AnswerQuestion(text=PRIVATE)


def asked() -> Order:
    return hear(placed(), heard(QuestionAskedV1(number=1, question="since when?", until=NOON), n=1, at=NOON))


def answered(
    order: Order, command: AnswerQuestion = SAID, *, by: Caller = RESIDENT, number: int = 1
) -> Order:
    return answer_question(order, number, command, by=by, at=NOON).state


def test_the_answer_stays_here_and_no_event_carries_a_word_of_it() -> None:
    decision = answer_question(asked(), 1, SAID, by=RESIDENT, at=NOON)
    assert decision.events == (QuestionAnsweredV1(number=1),)
    assert decision.state.timeline[-1].data == {"number": 1}
    assert decision.state.progress == asked().progress


def test_the_resident_and_the_staff_of_the_area_read_the_answer() -> None:
    order = answered(asked())
    for caller in (RESIDENT, DISTRICT):
        (shown,) = OrderOut.of(Entry(ORDER, order), caller).questions
        assert (shown.text, shown.answer) == ("since when?", PRIVATE)
    assert PRIVATE not in OrderOut.of(Entry(ORDER, order), NEIGHBOUR).model_dump_json()


def test_for_whom_has_no_account_the_staff_of_the_area_answer() -> None:
    called = placed(COMMUNITY, contact={"name": "王", "phone": "0532-82860000"})
    order = hear(called, heard(QuestionAskedV1(number=1, question="since when?", until=NOON), n=1, at=NOON))
    assert answered(order, by=DISTRICT).questions[0].answer == PRIVATE
    with pytest.raises(NotYourOrder):
        answered(asked(), by=DISTRICT)


def test_answering_twice_is_answering_once() -> None:
    order = answered(asked())
    assert answered(order) is order
    with pytest.raises(QuestionAnsweredAlready):
        answered(order, AnswerQuestion(text="since Tuesday"))


def test_only_whoever_ordered_answers() -> None:
    with pytest.raises(NotYourOrder):
        answered(asked(), by=DISTRICT)
    with pytest.raises(NotFound):
        answered(asked(), by=NEIGHBOUR)
    with pytest.raises(NotFound):
        answered(asked(), number=2)


def test_when_all_is_over_nothing_is_answered() -> None:
    over = hear(asked(), heard(DispatchClosedV1(outcome="partly", in_time=True), n=2, at=NOON))
    with pytest.raises(OrderClosed):
        answered(over)
