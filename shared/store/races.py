"""Two who change the same entry at the same moment: one wins, the other looks again."""

from __future__ import annotations

import asyncio
import functools
import random
from collections.abc import Awaitable, Callable
from typing import ParamSpec, TypeVar

from shared.problems import LostRace

P = ParamSpec("P")
R = TypeVar("R")

_RACES = 40  # how often a lost race is run again: fifty who tap at once all come to their turn


def retry_lost_races(use_case: Callable[P, Awaitable[R]]) -> Callable[P, Awaitable[R]]:
    """Losing means reading what the winner wrote, and answering by the rule: load and decide again."""

    @functools.wraps(use_case)
    async def retried(*args: P.args, **kwargs: P.kwargs) -> R:
        for race in range(_RACES):
            try:
                return await use_case(*args, **kwargs)
            except LostRace:
                await asyncio.sleep(random.uniform(0, 0.002 * 2 ** min(race, 5)))  # noqa: S311 - not for secrets
        return await use_case(*args, **kwargs)

    return retried
