"""No time and no day comes in from outside that other time zones, sums or the store cannot hold."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated, Any

import pytest
from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel, TypeAdapter, ValidationError

from shared.command import Command, Day, Time
from tests.contract.times import TimeIn, every_time, times_of

EVERY = every_time()


class StepIn(BaseModel):
    ends: date
    told: Day


class PlanIn(Command):
    steps: tuple[StepIn, ...]
    by_name: dict[str, AwareDatetime]
    until: Time | None = None


class Wanted(BaseModel):
    since: AwareDatetime | None = None


def toy() -> APIRouter:
    router = APIRouter()

    @router.post("/plans")
    async def plan(body: PlanIn, at: datetime | None = None, on: Day | None = None) -> None: ...

    @router.get("/plans")
    async def plans(wanted: Annotated[Wanted, Query()]) -> None: ...

    return router


def takes(one: TimeIn) -> list[str]:
    """Of the far times those that it does not refuse."""
    adapter: TypeAdapter[Any] = TypeAdapter(one.kind)

    def taken(text: str) -> bool:
        try:
            adapter.validate_python(text)
        except ValidationError as error:
            return "the year must be" not in str(error)
        return True

    return [text for text in one.far if taken(text)]


@pytest.mark.parametrize("one", EVERY, ids=str)
def test_every_time_of_a_request_is_bounded(one: TimeIn) -> None:
    """Whoever sees this fail: say `Time` or `Day` of shared.command instead."""
    assert takes(one) == []


def test_times_are_found_wherever_a_request_may_hold_them() -> None:
    found = {one.at: bool(takes(one)) for one in times_of(toy().routes)}
    assert found == {
        "query/at": True,
        "query/on": False,
        "query/since": True,
        "body/steps/0/ends": True,
        "body/steps/0/told": False,
        "body/by_name/x": True,
        "body/until": False,
    }
    assert len(EVERY) > 20


@pytest.mark.parametrize("year", [1999, 2201])
def test_years_next_to_the_bounds_are_refused(year: int) -> None:
    with pytest.raises(ValidationError, match="the year must be between 2000 and 2200"):
        TypeAdapter(Day).validate_python(date(year, 6, 1))


def test_a_time_is_taken_as_it_is_kept() -> None:
    taken = TypeAdapter(Time).validate_python("2000-01-01T08:00:00.123456+08:00")
    assert (taken, taken.tzinfo) == (datetime(2000, 1, 1, microsecond=123000, tzinfo=UTC), UTC)
    assert TypeAdapter(Time).validate_python("2200-12-31T23:59:59-14:00").year == 2201
