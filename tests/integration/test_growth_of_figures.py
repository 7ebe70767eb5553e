"""Figures and rates read as much as they show, and are what all entries of the area and period add up to."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

import pytest

from services.dispatch.domain.counting import counted
from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.states import DispatchState
from services.dispatch.store import INDEXES, Dispatches
from shared.asked import Asked
from shared.caller import system
from shared.entry import decided
from shared.naming import Names
from shared.store import Database
from shared.telemetry import trace_from
from tests.integration.test_growth import AREAS, NOW, examined
from tests.parts import Servers
from tests.unit.dispatch.stories import situations

ASKED = Asked(system("test"), NOW, trace_from(None))
HOUR = timedelta(hours=1)
DAYS = 200
SINCE = NOW - timedelta(days=DAYS)
HERE = "370203/370203014"


def order(at: datetime, n: int) -> UUID:
    """The id of an order that was placed then."""
    return UUID(int=int(at.timestamp() * 1000) << 80 | n)


def some_time(chance: random.Random) -> datetime:
    """Often on a boundary of days or months, or next to it."""
    at = SINCE + HOUR * chance.randrange(24 * DAYS)
    if chance.random() < 0.4:
        at = at.replace(hour=0, day=chance.choice((1, at.day))) + chance.choice((-1, 0, 1)) * timedelta(
            milliseconds=1
        )
    return at


def periods(chance: random.Random) -> list[tuple[datetime, datetime]]:
    ends = [sorted((some_time(chance), some_time(chance))) for _ in range(25)]
    near = [(at, at + chance.randrange(30) * HOUR) for at, _ in ends[:10]]
    return [(first, last) for first, last in ends] + near


@pytest.fixture
async def dispatches(servers: Servers, names: Names) -> AsyncIterator[Dispatches]:
    database = Database(servers.settings(names), "dispatch")
    await database.open()
    yield await database.entries(Dispatches, "dispatches", Dispatch, INDEXES, lambda _: None)
    await database.close()


def dispatch(chance: random.Random) -> Dispatch:
    known = [one for one in situations().values() if one.state is not DispatchState.UNKNOWN]
    return chance.choice(known).but(area=chance.choice(AREAS))


@pytest.mark.parametrize("seed", [1, 2])
async def test_figures_of_any_period_are_what_its_orders_add_up_to(dispatches: Dispatches, seed: int) -> None:
    chance = random.Random(seed)
    stored: dict[UUID, tuple[datetime, Dispatch]] = {}
    for n in range(80):
        at, state = some_time(chance), dispatch(chance)
        stored[order(at, n)] = at, state
        await dispatches.place(order(at, n), decided(state), ASKED)
    await dispatches.sums.count()
    for id in chance.sample(sorted(stored), 20):  # some go on, and to another area
        stored[id] = stored[id][0], dispatch(chance)
        await dispatches.save(await dispatches.peek(id), decided(stored[id][1]), ASKED)
    for since, until in periods(chance):
        for area in ("370203", HERE, *AREAS):
            total: Counter[str] = Counter()
            for at, state in stored.values():
                if since <= at < until and f"{state.area}/".startswith(f"{area}/"):
                    total.update(counted(state))
            assert await dispatches.counts(area, since, until) == total, (area, since, until)


async def test_figures_read_no_more_when_ten_times_as_much_is_stored(dispatches: Dispatches) -> None:
    chance = random.Random(3)
    month_ago = NOW - timedelta(days=30)
    seen = []
    for first, until in ((0, 30), (30, 300)):
        for n in range(first, until):
            # At noon: what lies next to the ends of a period is read, and is as much as a few hours bring.
            at = (NOW - timedelta(days=1 + n % 29)).replace(hour=12)
            await dispatches.place(order(at, n), decided(dispatch(chance)), ASKED)
        await dispatches.sums.count()
        seen.append([
            await examined(dispatches, partial(dispatches.counts, "370203", since, NOW))
            for since in (month_ago, SINCE)
        ])  # fmt: skip
    little, much = seen
    assert all(many <= few + 15 for few, many in zip(little, much, strict=True)), seen
