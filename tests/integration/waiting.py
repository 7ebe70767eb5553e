"""Waiting for outcomes: with a deadline, never for a while.

The deadline is for what never comes. It is far beyond what the busiest machine needs, and costs nothing while all is
well: how long something takes is no business of a test.
"""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, overload

T = TypeVar("T")

PATIENCE = 120.0  # seconds


@overload
async def eventually(check: Callable[[], Awaitable[T]], within: float = ...) -> T: ...
@overload
async def eventually(check: Callable[[], T], within: float = ...) -> T: ...
async def eventually(check: Callable[[], Any], within: float = PATIENCE) -> Any:
    """What `check` says as soon as that is true in Python's sense. Raises AssertionError after `within` seconds."""
    deadline = time.monotonic() + within
    while True:
        said = check()
        if inspect.isawaitable(said):
            said = await said
        if said:
            return said
        assert time.monotonic() < deadline, f"still {said!r} after {within:g} s"
        await asyncio.sleep(0.02)  # house(sleep): the pause of a poll
