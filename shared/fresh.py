"""What a process keeps in memory is looked at again and again, as long as it serves."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from shared.problems import Unavailable
from shared.telemetry import log

_log = log(__name__)


@asynccontextmanager
async def kept_fresh(
    look: Callable[[], Awaitable[None]], *, every: float, what: str, still: Callable[[float], bool]
) -> AsyncIterator[None]:
    """Look every so many seconds, but not while what was seen is `still` so, since then (`time.monotonic()`).

    `what` names it in the log when that fails; what is known goes on to count.
    """
    task = asyncio.create_task(_look(look, every, what, still))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _look(
    look: Callable[[], Awaitable[None]], every: float, what: str, still: Callable[[float], bool]
) -> None:
    looked = -math.inf
    while True:
        await asyncio.sleep(every)
        if still(looked):
            continue
        begun, looked = time.monotonic(), -math.inf
        try:
            await look()
            looked = begun
        except Unavailable:
            _log.warning("cannot look for what is new; going on with what is known", what=what)
        except Exception:  # noqa: BLE001 - the loop must live, and what is known is still nearly right
            _log.exception("what is new cannot be read; going on with what is known", what=what)
