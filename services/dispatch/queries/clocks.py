"""The read side: the calendar that deadlines are counted by."""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel

from shared.calendar import Calendar


class CalendarOut(BaseModel):
    """One year. Where it is not `known`, no list was published yet: every Monday to Friday counts as worked.

    `holidays` are free, `workdays` are worked, whatever day of the week they are. `hours` are local times.
    """

    timezone: str
    hours: list[str]
    year: int
    known: bool
    holidays: list[date]
    workdays: list[date]


def calendar_of(calendar: Calendar, year: int) -> CalendarOut:
    return CalendarOut(
        timezone=str(calendar.zone),
        hours=[f"{opens:%H:%M}–{closes:%H:%M}" for opens, closes in calendar.hours],
        year=year,
        known=calendar.knows(year),
        holidays=sorted(day for day in calendar.holidays if day.year == year),
        workdays=sorted(day for day in calendar.workdays if day.year == year),
    )
