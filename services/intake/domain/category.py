"""What an order can be about."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from services.intake.domain.timeline import Kept
from shared.command import Code


class Urgency(StrEnum):
    """How soon somebody must answer; each has its own dispatch limit."""

    EMERGENCY = "emergency"
    URGENT = "urgent"
    GENERAL = "general"


class Category(Kept):
    """One kind of matter, with its names and how urgent it is when nobody says so."""

    code: Code
    zh: str = Field(min_length=1, max_length=40)
    en: str = Field(min_length=1, max_length=60)
    family: Code
    urgency: Urgency = Urgency.GENERAL


def by_code(categories: list[Category]) -> dict[str, Category]:
    """The categories by their code. Raises ValueError when a code is there twice."""
    found = {category.code: category for category in categories}
    if len(found) != len(categories):
        raise ValueError("categories: a code is there twice")
    return found
