"""Whole lives: how many a second, what one costs each process, what the servers count for one."""

from __future__ import annotations

import asyncio
import time

from tests.load.counters import cpu, spent
from tests.load.figures import Seen, percentile
from tests.load.people import Life
from tests.load.place import Bench


async def whole_lives(bench: Bench) -> list[Seen]:
    """Through the gateway. What services do by themselves is in it, and so is what is told after the last answer."""
    clients = bench.clients()
    left, requests, unanswered, times = bench.wanted.lives, 0, 0, []

    async def caller() -> None:
        nonlocal left, requests, unanswered
        while left > 0:
            left -= 1
            life, begun = Life(clients, bench.people, bench.chance), time.perf_counter()
            await life.live()
            times.append((time.perf_counter() - begun) * 1000)
            requests += life.requests
            unanswered += life.unanswered

    counted, used, begun = await bench.counters.read(), cpu(bench.system), time.perf_counter()
    await asyncio.gather(*(caller() for _ in range(bench.wanted.callers)))
    took, done = time.perf_counter() - begun, len(times)
    await bench.settled()
    cost = {part: each * 1000 for part, each in spent(used, cpu(bench.system), done).items()}
    counts = spent(counted, await bench.counters.read(), done)
    client = cost.pop("client", 0.0)
    note = f"{done} lives, {bench.wanted.callers} callers; the client itself {client:.1f} ms a life"
    if unanswered:
        note += f"; {unanswered} requests were not answered in time and sent again"
    return [
        Seen("whole lives", done / took, "/s", note),
        Seen("whole lives, p50", percentile(times, 0.5), "ms"),
        Seen("CPU of a life", sum(cost.values()), "ms"),
        *(Seen(f"CPU of a life, {part}", each, "ms") for part, each in cost.items()),
        Seen("a life, requests sent, early ones included", requests / done),
        *(Seen(f"a life, {name}", each) for name, each in counts.items()),
    ]
