"""Spans of the day, for routing rules and hours of duty alike: a night belongs to the day that it begins on."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, GetPydanticSchema, model_validator

from shared.command import Command


def _midnight(said: time | str) -> time:
    return time(0) if isinstance(said, str) else said


# `24:00` too: said as another choice, for a function before the check would take the form of JSON away from it
_Ends = Annotated[
    time,
    GetPydanticSchema(
        lambda _, made_for: made_for(Annotated[time | Literal["24:00"], AfterValidator(_midnight)])
    ),
]


class Between(Command):
    """From the one minute up to the other, local time; past midnight when the end is not the later one.

    From a minute up to the same one are 24 hours. `24:00` is midnight.
    """

    begins: time
    ends: _Ends

    @model_validator(mode="after")
    def _local(self) -> Self:
        if self.begins.tzinfo or self.ends.tzinfo:
            raise ValueError("from one local time up to another")
        return self

    @property
    def past_midnight(self) -> bool:
        """Whether some of it lies on the day after the one that it begins on."""
        return self.ends <= self.begins and self.ends != time(0)

    def began(self, local: datetime) -> date | None:
        """The day on which the span began that this moment lies in; None: it lies in none."""
        now = local.time()
        if self.begins <= now and (now < self.ends or self.ends <= self.begins):
            return local.date()
        return local.date() - timedelta(days=1) if now < self.ends <= self.begins else None

    def holds(self, now: time) -> bool:
        return self.began(datetime.combine(date(2000, 1, 3), now)) is not None

    def __str__(self) -> str:
        return f"{self.begins:%H:%M}–{self.ends:%H:%M}"
