"""Callers who ask: as fast as they are answered, or at a given rate."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import NamedTuple

from tests.load.client import Client, pause
from tests.load.figures import percentile


class Load(NamedTuple):
    rate: float  # per second
    p50: float  # milliseconds
    p99: float
    refused: int

    def __str__(self) -> str:
        refused = f", {self.refused} refused" if self.refused else ""
        return f"{self.rate:.0f}/s, p50 {self.p50:.1f} ms, p99 {self.p99:.1f} ms{refused}"


async def hammer(
    url: str, make: Callable[[], bytes], callers: int, seconds: float, expected: int = 201
) -> Load:
    """Callers who ask one request after the other, for that long; each expects the same status."""
    client, times, refused = Client(url), [], 0
    end = time.perf_counter() + seconds

    async def caller() -> None:
        nonlocal refused
        while (begun := time.perf_counter()) < end:
            refused += (await client.send(make())).status != expected
            times.append(time.perf_counter() - begun)

    begun = time.perf_counter()
    await asyncio.gather(*(caller() for _ in range(callers)))
    took = time.perf_counter() - begun
    client.close()
    return Load(len(times) / took, percentile(times, 0.5) * 1000, percentile(times, 0.99) * 1000, refused)


async def one_by_one(url: str, requests: list[bytes], expected: int = 200) -> list[float]:
    """Milliseconds of each request, asked one after the other. Raises AssertionError for another status."""
    client, times = Client(url), []
    for each in requests:
        begun = time.perf_counter()
        reply = await client.send(each)
        times.append((time.perf_counter() - begun) * 1000)
        assert reply.status == expected, f"{each.splitlines()[0]!r}: {reply.status} {reply.body[:300]!r}"
    client.close()
    return times


async def at_rate(rate: float, number: int, one: Callable[[], Awaitable[None]]) -> None:
    """Begin so many at a steady rate, however long each takes; return when all have ended."""
    tasks, next_one = [], time.perf_counter()
    for _ in range(number):
        tasks.append(asyncio.ensure_future(one()))
        next_one += 1 / rate
        await pause(max(0.0, next_one - time.perf_counter()))
    await asyncio.gather(*tasks)
