"""Two who change the same entry at the same moment: one wins, the other looks again."""

from __future__ import annotations

import asyncio
import functools
import random
from collections.abc import Awaitable, Callable
from typing import ParamSpec, TypeVar
from uuid import UUID

from shared.asked import Asked
from shared.entry import Decision, Entry, S
from shared.problems import LostRace, RuleBroken, Unavailable
from shared.store.entries import Entries

P = ParamSpec("P")
R = TypeVar("R")

# How often a lost race is run again, and the longest pause before it: fifty who tap at once all come to their turn, and
# so does whoever wants what a frozen process holds, until the database takes it away from it (two or three seconds).
_RACES = 40
_LONGEST_PAUSE = 0.256  # seconds


def retry_lost_races(use_case: Callable[P, Awaitable[R]]) -> Callable[P, Awaitable[R]]:
    """Losing means reading what the winner wrote, and answering by the rule: load and decide again."""

    @functools.wraps(use_case)
    async def retried(*args: P.args, **kwargs: P.kwargs) -> R:
        for race in range(_RACES):
            try:
                return await use_case(*args, **kwargs)
            except LostRace:
                await asyncio.sleep(random.uniform(0, min(_LONGEST_PAUSE, 0.002 * 2**race)))  # noqa: S311 - not for secrets
        return await use_case(*args, **kwargs)

    return retried


async def decide(entries: Entries[S], id: UUID, asked: Asked, rule: Callable[[S], Decision[S]]) -> Entry[S]:
    """What most people ask for: load the entry, let one rule decide, save what it decides.

    What this process saved last is tried first. Nobody is refused, or told that it is so already, without a look.
    Raises whatever the rule refuses, and what `Entries.load` and `Entries.save` raise but LostRace.
    """
    if (guess := entries.guess(id)) is not None:
        try:
            decision = rule(guess.state)
            if decision.state is not guess.state or decision.events:
                return await entries.save(guess, decision, asked)
        except Unavailable:
            raise
        except RuleBroken:
            pass
    return await _decide(entries, id, asked, rule)


@retry_lost_races
async def _decide(entries: Entries[S], id: UUID, asked: Asked, rule: Callable[[S], Decision[S]]) -> Entry[S]:
    entry = await entries.load(id, asked)
    return await entries.save(entry, rule(entry.state), asked)
