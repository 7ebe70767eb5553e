"""Many clocks that are due at one moment."""

from __future__ import annotations

import asyncio
import copy
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from uuid_utils.compat import uuid7

from tests.load.client import pause
from tests.load.counters import cpu
from tests.load.figures import Seen
from tests.load.place import Bench

_WORDS = {1: "one process", 3: "three processes"}
_FAR = timedelta(days=30)
_SOON = 3.0  # seconds between the last copy and the moment
_SOME = 1000
_PATIENCE = 600.0


async def clocks(bench: Bench) -> list[Seen]:
    """Dispatches that nobody takes in hand, all due at the same moment; nobody listens to what is told of it."""
    dispatches = bench.counters.mongo["dispatch"]["dispatches"]
    waits = {"state.state": "received", "state.due.dispatch": {"$exists": True}}
    pattern = await dispatches.find_one(waits, sort=[("_id", -1)])
    assert pattern is not None, "no dispatch waits to be taken in hand"
    begun, first = time.monotonic(), uuid7()
    number, far = bench.wanted.clocks, datetime.now(UTC) + _FAR
    for start in range(0, number, _SOME):  # first with a clock that is far off: setting them takes a while
        some = [_copy(pattern, far) for _ in range(min(_SOME, number - start))]
        await dispatches.insert_many(some, ordered=False)
    moment = datetime.now(UTC) + timedelta(seconds=_SOON + time.monotonic() - begun)
    due = {"$set": {"state.due.dispatch": moment, "due_at": moment}}
    await dispatches.update_many({"_id": {"$gt": first}}, due)
    late = (datetime.now(UTC) - moment).total_seconds()
    assert late < 0, f"the clocks were set {late:.1f} s too late"
    used = cpu(bench.system)
    await pause(-late)
    struck = time.monotonic()
    async with asyncio.timeout(_PATIENCE):
        while await dispatches.count_documents({"due_at": {"$lte": moment}}, limit=1):
            await pause(0.05)
    took = time.monotonic() - struck
    after, words = cpu(bench.system), _WORDS[len(bench.system.pids("dispatch"))]
    cost = sum(after[part] - used[part] for part in after if part != "client") / number * 1000
    return [
        Seen(f"clocks due at once, {words}", took, "s", f"{number:,} clocks"),
        Seen(f"CPU of a clock that strikes, {words}", cost, "ms"),
    ]


def _copy(pattern: dict[str, Any], due: datetime) -> dict[str, Any]:
    fresh = copy.deepcopy(pattern)
    fresh["_id"] = uuid7()
    fresh["state"]["due"] = {"dispatch": due, "close_by": due + _FAR}
    fresh["due_at"] = due
    return fresh
