"""What an order can be about, and what is asked about it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from shared.command import Code
from shared.contracts.message import names_nobody
from shared.entry import Kept
from shared.problems import RuleBroken


class Urgency(StrEnum):
    """How soon somebody must answer; each has its own dispatch limit."""

    EMERGENCY = "emergency"
    URGENT = "urgent"
    GENERAL = "general"


class UnknownQuestion(RuleBroken):
    """The category asks no such question."""


class AnswerMissing(RuleBroken):
    """The category asks something that must be answered."""


class NoSuchChoice(RuleBroken):
    """The answer is not one of those that can be chosen."""


class Choice(Kept):
    code: Code
    zh: str = Field(min_length=1, max_length=40)
    en: str = Field(min_length=1, max_length=60)


class CategoryQuestion(Kept):
    """Asked before an order is placed. With choices one of them is chosen; without, the answer is written freely."""

    code: Annotated[Code, AfterValidator(names_nobody)]
    zh: str = Field(min_length=1, max_length=100)
    en: str = Field(min_length=1, max_length=100)
    required: bool = False
    choices: tuple[Choice, ...] = ()


class Category(Kept):
    """One kind of matter, with its names, how urgent it is when nobody says so, and what is asked about it."""

    code: Code
    zh: str = Field(min_length=1, max_length=40)
    en: str = Field(min_length=1, max_length=60)
    family: Code
    urgency: Urgency = Urgency.GENERAL
    questions: tuple[CategoryQuestion, ...] = ()

    @property
    def title(self) -> str:
        """What an order of it is shown as, until staff write something better."""
        return f"{self.zh} {self.en}"

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        codes = [question.code for question in self.questions]
        if len({*codes}) < len(codes):
            raise ValueError(f"{self.code}: a question is there twice")
        return self

    def chosen(self, answers: Mapping[str, str]) -> dict[str, str]:
        """What was chosen, by question: that much may leave intake. What was written freely is not in it.

        Raises UnknownQuestion, AnswerMissing, NoSuchChoice.
        """
        questions = {question.code: question for question in self.questions}
        if unknown := answers.keys() - questions.keys():
            raise UnknownQuestion(", ".join(sorted(unknown)))
        missing = [
            one.code for one in self.questions if one.required and not answers.get(one.code, "").strip()
        ]
        if missing:
            raise AnswerMissing(", ".join(missing), questions=missing)
        for code, answer in answers.items():
            choices = [choice.code for choice in questions[code].choices]
            if choices and answer not in choices:
                raise NoSuchChoice(code, choices=choices)
        return self.choices_in(answers)

    def asks(self, code: str) -> bool:
        return any(question.code == code for question in self.questions)

    def choices_in(self, answers: Mapping[str, str]) -> dict[str, str]:
        """What of it is a choice of a question that this category asks."""
        known = {one.code: {choice.code for choice in one.choices} for one in self.questions}
        return {code: answer for code, answer in answers.items() if answer in known.get(code, ())}


def by_code(categories: list[Category]) -> dict[str, Category]:
    """The categories by their code. Raises ValueError when a code is there twice."""
    found = {category.code: category for category in categories}
    if len(found) != len(categories):
        raise ValueError("categories: a code is there twice")
    return found
