"""Looking again and again outlives every failure, and ends when the process does."""

from __future__ import annotations

import asyncio
import math

from shared.fresh import kept_fresh
from shared.problems import Unavailable
from tests.integration.waiting import PATIENCE


async def test_a_look_that_fails_is_followed_by_the_next_one() -> None:
    looks, enough = 0, asyncio.Event()

    async def look() -> None:
        nonlocal looks
        looks += 1
        if looks == 1:
            raise Unavailable("the database is away")
        if looks == 2:
            raise KeyError("what nobody can read")
        enough.set()

    before = asyncio.all_tasks()
    async with kept_fresh(look, every=0.001, what="a test", still=lambda _: False), asyncio.timeout(PATIENCE):
        await enough.wait()
    assert looks >= 3
    assert asyncio.all_tasks() == before, "nobody looks any more"


async def test_what_is_still_so_is_not_looked_at_again() -> None:
    looks, asked, enough = 0, list[float](), asyncio.Event()

    async def look() -> None:
        nonlocal looks
        looks += 1
        if looks == 1:
            raise Unavailable("the database is away")

    def still(looked: float) -> bool:
        asked.append(looked)
        if len(asked) > 5:
            enough.set()
        return looked > -math.inf

    async with kept_fresh(look, every=0.001, what="a test", still=still), asyncio.timeout(PATIENCE):
        await enough.wait()
    assert looks == 2, "a look that failed has seen nothing"
