"""The State Council's holidays and make-up workdays, and what the jurisdiction says besides."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, time
from typing import Literal

from pydantic import BaseModel, ConfigDict

from services.dispatch.domain.calendar import OFFICE_HOURS, Calendar


class Override(BaseModel):
    """What goes before the published lists. `years` are those whose days are all listed here or published."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    days: Mapping[date, Literal["workday", "holiday"]] = {}
    years: tuple[int, ...] = ()
    hours: tuple[tuple[time, time], ...] = OFFICE_HOURS


def calendar_with(
    override: Override, zone: str, *, holidays: Collection[date] = (), workdays: Collection[date] = ()
) -> Calendar:
    """The days as they were published, but for the override. Raises ValueError for a zone or hours that are none."""
    free = {day for day in holidays if override.days.get(day) != "workday"}
    made_up = {day for day in workdays if override.days.get(day) != "holiday"}
    return Calendar(
        zone,
        holidays=free | {day for day, what in override.days.items() if what == "holiday"},
        workdays=made_up | {day for day, what in override.days.items() if what == "workday"},
        years={day.year for day in holidays} | set(override.years),
        hours=override.hours,
    )
