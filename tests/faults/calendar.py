"""Two real years are worked and free as published, a year nobody knows is said to be so, and a deadline costs µs."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta

import httpx

from services.dispatch.settings import Settings
from shared.calendar import Workdays
from tests.faults.harness import Given, Verdict
from tests.published_holidays import DAY, PUBLISHED, days

_PARTS = ("mongod", "nats", "dispatch")
_DEADLINES = 100_000
_MICROSECONDS = 50.0  # that one deadline may take on a busy machine
_UNKNOWN = 2099


async def prove(given: Given, verdict: Verdict) -> None:
    calendar, looked = Settings().calendar(), 0
    for year, (holidays, made_up) in PUBLISHED.items():
        for day in days(f"{year}-01-01…{year}-12-31"):
            worked = day in made_up or (day.weekday() < 5 and day not in holidays)
            looked += 1
            verdict.check(calendar.is_workday(day) is worked, f"{day} is {'not ' if worked else ''}worked")
    begun = datetime(2026, 1, 1, tzinfo=UTC)
    moments = [begun + timedelta(minutes=given.chance.randrange(60 * 24 * 300)) for _ in range(_DEADLINES)]
    before = time.process_time()
    ends = [calendar.after(at, Workdays(15)) for at in moments]
    each = (time.process_time() - before) / _DEADLINES * 1e6
    verdict.check(each < _MICROSECONDS, f"a deadline takes {each:.0f} µs")
    for at, end in given.chance.sample(list(zip(moments, ends, strict=True)), 1000):
        first, last = at.astimezone(calendar.zone).date(), end.astimezone(calendar.zone).date()
        counted = sum(calendar.is_workday(first + DAY * n) for n in range(1, (last - first).days + 1))
        verdict.check(counted == 15, f"from {at} to {end} are {counted} workdays")
    await _shown(given, verdict)
    verdict.figure(
        f"{looked} days of {len(PUBLISHED)} years, {_DEADLINES} deadlines of 15 workdays at {each:.1f} µs"
    )


async def _shown(given: Given, verdict: Verdict) -> None:
    """What a running service says of the two years, and of one that nobody knows."""
    async with given.system(only=_PARTS) as system, httpx.AsyncClient(trust_env=False, timeout=60) as client:
        headers = {"authorization": f"Bearer {system.token(role='resident', sub='resident-asks')}"}
        url = f"{system.service_urls('dispatch')[0]}/api/dispatch/v1/calendar"
        for year in (*PUBLISHED, _UNKNOWN):
            shown = (await client.get(url, params={"year": year}, headers=headers)).json()
            holidays, made_up = PUBLISHED.get(year, (set(), set()))
            found = tuple(
                {date.fromisoformat(day) for day in shown[name]} for name in ("holidays", "workdays")
            )
            verdict.check(found == (holidays, made_up), f"{year} is shown as {shown}")
            verdict.check(shown["known"] is (year in PUBLISHED), f"{year} is known: {shown['known']}")
