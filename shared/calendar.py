"""The jurisdiction's calendar: which days are worked and at which hours, and when an allowance of time is over. Pure.

Workdays are counted as the Civil Code counts days (articles 201 and 203): the day on which it begins does not count,
and the last one ends when its working hours do. Who looks at "1 workday" on Friday sees Monday, half past five.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property, lru_cache
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple
from zoneinfo import ZoneInfo

from chinese_calendar.constants import holidays, workdays
from pydantic import Field, PlainSerializer, PlainValidator, TypeAdapter, WithJsonSchema

from shared.contracts.message import Part
from shared.duration import Duration

_DAY = timedelta(days=1)

_WEEKEND = 5  # Saturday, as date.weekday counts

_KEPT = 4096  # answers of the calendar that are kept: some days of some allowances

Span = tuple[time, time]  # from, to; local time of one day

OFFICE_HOURS: tuple[Span, ...] = ((time(9), time(12)), (time(13, 30), time(17, 30)))


@dataclass(frozen=True, slots=True)
class Workdays:
    """So many workdays after the day on which it begins, to the end of the last one's hours."""

    days: int


@dataclass(frozen=True, slots=True)
class WorkingTime:
    """So much time, of which only working hours count."""

    time: timedelta


class Term(NamedTuple):
    """When time is over, and of what that was counted: the first of several that are over."""

    end: datetime
    allowed: tuple[str, ...]  # as settings say it: `3 workdays`
    counted: bool  # whether a calendar has a say in it


Allowance = timedelta | Workdays | WorkingTime  # a timedelta runs through nights and holidays


_WORKING = re.compile(r"([1-9][0-9]{0,2}) (workdays?|working hours?)")

_CALENDAR: TypeAdapter[timedelta] = TypeAdapter(Duration)


def allowance(said: Any) -> Allowance:
    """`PT30M` or seconds; `1 workday`, `15 workdays`; `4 working hours`. Raises ValueError."""
    if isinstance(said, Workdays | WorkingTime):
        return said
    if isinstance(said, str) and (found := _WORKING.fullmatch(said.strip())):
        count = int(found[1])
        return Workdays(count) if found[2].startswith("workday") else WorkingTime(timedelta(hours=count))
    return _CALENDAR.validate_python(said)


def said(allowed: Allowance) -> str:
    """As `allowance` reads it."""
    if isinstance(allowed, Workdays):
        return f"{allowed.days} workdays"
    if isinstance(allowed, WorkingTime):
        return f"{allowed.time // timedelta(hours=1)} working hours"
    return str(_CALENDAR.dump_python(allowed, mode="json"))


def _or_none(said: Any) -> Allowance:
    nothing = not isinstance(said, bool) and said in (0, "0", "PT0S", timedelta(0))
    return timedelta(0) if nothing else allowance(said)


Within = Annotated[
    Allowance,
    PlainValidator(allowance),
    PlainSerializer(said, return_type=str),
    WithJsonSchema({"type": "string", "examples": ["PT2H", "1 workday", "4 working hours"]}),
]


WithinOrNone = Annotated[
    Allowance,
    PlainValidator(_or_none),
    PlainSerializer(said, return_type=str),
    WithJsonSchema({"type": "string", "examples": ["PT2H", "1 workday", "0"]}),
]


class Calendar:
    """Built once. In a year whose list is not known every Monday to Friday is worked, and `knows` says so."""

    def __init__(
        self,
        zone: str = "Asia/Shanghai",
        *,
        holidays: Collection[date] = (),
        workdays: Collection[date] = (),
        years: Collection[int] = (),
        hours: Sequence[Span] = OFFICE_HOURS,
    ) -> None:
        """`holidays` and `workdays` are days as the published lists of `years` have them, whatever day of the week.

        Raises ValueError for hours that are none, and KeyError or ValueError for a zone that there is not.
        """
        ends = [moment for span in hours for moment in span]
        local = all(moment.tzinfo is None for moment in ends)
        if not ends or not local or any(later <= earlier for earlier, later in pairwise(ends)):
            raise ValueError("working hours are spans that follow one another")
        self.zone = ZoneInfo(zone)
        self.hours = tuple(hours)
        self.years = frozenset(years)
        self.holidays = frozenset(holidays) - frozenset(workdays)
        self.workdays = frozenset(workdays)
        # Every order of a day asks the same of the calendar.
        self._close = lru_cache(_KEPT)(self._close_of)
        self._open = lru_cache(_KEPT)(self._open_on)
        self._after = lru_cache(_KEPT)(self._close_after)

    def knows(self, year: int) -> bool:
        """Whether the published list of this year is in it."""
        return year in self.years

    def is_workday(self, day: date) -> bool:
        return day in self.workdays or (day.weekday() < _WEEKEND and day not in self.holidays)

    def after(self, at: datetime, allowed: Allowance) -> datetime:
        """When what was allowed is over, counted from `at`. UTC."""
        if isinstance(allowed, timedelta):
            return at + allowed
        today = at.astimezone(self.zone).date()
        if isinstance(allowed, Workdays):
            return self._after(today, allowed.days)
        return self._working_time_after(at, today, allowed.time)

    def term(self, at: datetime, *allowed: Allowance) -> Term:
        """So much time from `at`; of several allowances the first that is over."""
        counted = any(isinstance(one, Workdays | WorkingTime) for one in allowed)
        return Term(min(self.after(at, one) for one in allowed), tuple(map(said, allowed)), counted)

    @cached_property
    def fingerprint(self) -> str:
        """The same for calendars by which everything ends at the same time."""
        days = [sorted(day.isoformat() for day in listed) for listed in (self.holidays, self.workdays)]
        hours = [[moment.isoformat() for moment in span] for span in self.hours]
        return sha256(json.dumps([self.zone.key, days, hours]).encode()).hexdigest()

    def moved(self, due: datetime, *, since: datetime, until: datetime) -> datetime:
        """When it is due, after time has stood still from `since` to `until`.

        What was to end with a workday has as many workdays left as before; all else is put off by as long as it stood.
        """
        day = due.astimezone(self.zone).date()
        if due != self._close(day) or not self.is_workday(day):
            return due + (until - since)
        began, today = (at.astimezone(self.zone).date() for at in (since, until))
        left = sum(self.is_workday(began + _DAY * n) for n in range(1, (day - began).days + 1))
        if not left and self.is_workday(today) and until < self._close(today):
            return self._close(today)
        return self._after(today, max(left, 1))

    def _close_of(self, day: date) -> datetime:
        return self._moment(day, self.hours[-1][1])

    def _close_after(self, day: date, days: int) -> datetime:
        while days:
            day += _DAY
            days -= self.is_workday(day)
        return self._close(day)

    def _working_time_after(self, at: datetime, day: date, left: timedelta) -> datetime:
        while True:
            for opens, closes in self._open(day):
                begin = max(at, opens)
                if begin + left <= closes:
                    return begin + left
                left -= max(closes - begin, timedelta(0))
            day += _DAY

    def _open_on(self, day: date) -> tuple[tuple[datetime, datetime], ...]:
        hours = self.hours if self.is_workday(day) else ()
        return tuple((self._moment(day, opens), self._moment(day, closes)) for opens, closes in hours)

    def _moment(self, day: date, local: time) -> datetime:
        return datetime.combine(day, local, self.zone).astimezone(UTC)


_FIRST_DAY = date(2000, 1, 1)
_Moment = Annotated[time, Field(strict=True)]  # 9 is no nine o'clock


class Override(Part):
    """What goes before the published lists. `years` are those whose days are all listed here or published."""

    days: Mapping[Annotated[date, Field(ge=_FIRST_DAY)], Literal["workday", "holiday"]] = {}
    years: tuple[Annotated[int, Field(strict=True, ge=_FIRST_DAY.year, le=2200)], ...] = ()
    hours: tuple[tuple[_Moment, _Moment], ...] = OFFICE_HOURS


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


def published(override: Path | None, zone: str) -> Calendar:
    """The published days, but for the file. Raises OSError or ValueError when it is not there or holds no calendar."""
    own = Override() if override is None else Override.model_validate_json(override.read_bytes())
    return calendar_with(own, zone, holidays=holidays, workdays=workdays)
