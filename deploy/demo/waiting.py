"""Waiting for an outcome: look again and again until it is there, but not for ever."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")

_FIRST, _LONGEST = 0.015, 0.25  # seconds between two looks: as long as a message takes, then longer


class Stuck(Exception):
    """What was waited for did not happen in time."""


async def until(look: Callable[[], Awaitable[T | None]], what: str, within: float = 60.0) -> T:
    """The first thing that `look` returns which is there: not None, False or empty.

    Raises Stuck after `within` seconds, saying `what` was missing.
    """
    deadline, pause = time.monotonic() + within, _FIRST
    while not (found := await look()):
        if time.monotonic() > deadline:
            raise Stuck(f"after {within:.0f} s still waiting: {what}")
        await asyncio.sleep(pause)
        pause = min(_LONGEST, pause * 1.5)
    return found
