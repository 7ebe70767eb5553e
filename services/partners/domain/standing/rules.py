"""The one table of rules for standing, points, stars and honours. It is data: each jurisdiction has its own."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from services.partners.domain.registry.resource import Name
from shared.command import Code
from shared.contracts.message import Part

PerMille = Annotated[int, Field(ge=0, le=1000)]
Period = Literal["month", "quarter", "year"]


EVENT = "event|"  # before each, in sums of a partner


class Event(StrEnum):
    """What counts for or against a partner."""

    FULFILLED = "fulfilled"  # a claim was accepted
    ON_TIME = "on_time"  # done by the last day of its plan
    LATE = "late"
    GIVEN_BACK = "given_back"  # by the partner itself
    LOST = "lost"  # taken back, taken over, or released by the staff
    SATISFIED = "satisfied"
    MOSTLY = "mostly"
    UNSATISFIED = "unsatisfied"


class Factor(Part):
    """One factor of the standing: so many points at most, for the mean worth of what happened.

    `worth`: of each event, in thousandths. `mean`: what is taken for granted as long as nobody has any.
    """

    code: Code
    name: Name
    points: Annotated[int, Field(ge=1, le=100)]
    worth: dict[Event, PerMille]
    mean: PerMille


class Star(Part):
    """A level, for whoever has both. `star` 0 is everybody's."""

    star: Annotated[int, Field(ge=1, le=10)]
    points: int
    standing: int


class Honour(Part):
    """Given for a period to the first `most` by points, of those that reach the rest."""

    code: Code
    name: Name
    period: Period
    points: int = 0
    fulfilled: int = 0
    standing: int = 0
    unsatisfied: int | None = None  # at most so many
    most: Annotated[int, Field(ge=1, le=100)] = 10


class Rules(Part):
    """`doubt`: how many events the mean weighs as much as; who has few is drawn towards it."""

    doubt: Annotated[int, Field(ge=1, le=1000)]
    factors: Annotated[tuple[Factor, ...], Field(min_length=1)]
    points: dict[Event, int]
    stars: tuple[Star, ...] = ()
    honours: tuple[Honour, ...] = ()

    @model_validator(mode="after")
    def _a_hundred_at_most(self) -> Self:
        if sum(factor.points for factor in self.factors) != 100:
            raise ValueError("the points of all factors are 100 together")
        return self
