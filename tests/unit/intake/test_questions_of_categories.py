"""What a category asks before an order is placed, and what of the answers leaves intake."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from services.intake.domain.category import (
    AnswerMissing,
    Category,
    NoSuchChoice,
    UnknownQuestion,
    by_code,
)
from services.intake.domain.order import Order, place
from shared.contracts.from_intake.orders import OrderPlacedV2
from shared.entry import Decision
from tests.unit.intake.given import NOON, OUTLINE, RESIDENT, body

YES_OR_NO = [{"code": "yes", "zh": "是", "en": "Yes"}, {"code": "no", "zh": "否", "en": "No"}]
INSIDE = {
    "code": "people_inside",
    "zh": "有人被困？",
    "en": "Shut in?",
    "required": True,
    "choices": YES_OR_NO,
}
NUMBER = {"code": "device_number", "zh": "编号", "en": "Number"}
ELEVATOR = Category.model_validate(
    {"code": "elevator", "zh": "电梯", "en": "Elevator", "family": "building", "questions": [INSIDE, NUMBER]}
)


def placed_with(answers: dict[str, Any]) -> Decision[Order]:
    return place(
        body(category="elevator", answers=answers), by=RESIDENT, at=NOON,
        categories=by_code([ELEVATOR]), outline=OUTLINE, jurisdiction="370203",
    )  # fmt: skip


def test_what_was_chosen_is_told_and_what_was_written_is_not() -> None:
    decision = placed_with({"people_inside": "no", "device_number": "电话 13812345678"})
    (said,) = decision.events
    assert isinstance(said, OrderPlacedV2)
    assert said.answers == {"people_inside": "no"}
    assert decision.state.answers == {"people_inside": "no", "device_number": "电话 13812345678"}


@pytest.mark.parametrize(
    ("answers", "refusal"),
    [
        ({}, AnswerMissing),
        ({"people_inside": "  "}, AnswerMissing),
        ({"device_number": "7"}, AnswerMissing),
        ({"people_inside": "perhaps"}, NoSuchChoice),
        ({"people_inside": "no", "colour": "red"}, UnknownQuestion),
    ],
)
def test_an_answer_that_does_not_fit_is_refused(answers: dict[str, Any], refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        placed_with(answers)


@pytest.mark.parametrize(
    "answers", [{"people_inside": 1}, {"": "x"}, ["yes"], {f"q{n}": "x" for n in range(21)}]
)
def test_answers_of_another_shape_are_no_answers(answers: Any) -> None:
    with pytest.raises(ValidationError):
        body(category="elevator", answers=answers)


def test_a_category_asks_each_question_once() -> None:
    with pytest.raises(ValidationError):
        Category.model_validate({**ELEVATOR.model_dump(), "questions": [INSIDE, INSIDE]})
