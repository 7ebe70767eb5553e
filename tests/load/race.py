"""Many who want the same, and how soon what was placed is on the queue."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections import Counter

from tests.load.client import Client, pause, request
from tests.load.counters import cpu
from tests.load.figures import Seen, percentile
from tests.load.load import at_rate
from tests.load.people import RACK, Life
from tests.load.place import Bench

_AT_ONCE = 8  # calls that are opened side by side
_QUEUE_SECONDS = 6.0


async def claim_race(bench: Bench) -> list[Seen]:
    """64 partners ask for the same call at once; one call after the other. Exactly one of them gets it."""
    clients = bench.behind("intake", "dispatch", "partners")
    turns = asyncio.Semaphore(_AT_ONCE)

    async def open_one() -> str:
        async with turns:
            life = Life(clients, bench.people, bench.chance)
            id, place, _ = await life.place()
            await life.call(id, place, [RACK])
            await _until_there(
                clients["partners"], request("GET", f"/api/partners/v1/calls/{id}", bench.people.district)
            )
            return id

    ids = await asyncio.gather(*(open_one() for _ in range(bench.wanted.races)))
    await bench.settled()
    body = {"lines": [{"name": "rack", "amount": 1}]}
    answers: Counter[int] = Counter()
    took, before = 0.0, cpu(bench.system)
    for id in ids:
        tries = [
            request("POST", f"/api/partners/v1/calls/{id}/claims", token, body, secrets.token_hex(8))
            for token in bench.people.partners
        ]
        begun = time.perf_counter()
        replies = await asyncio.gather(*(clients["partners"].send(each) for each in tries))
        took += time.perf_counter() - begun
        answers.update(reply.status for reply in replies)
    after, tried = cpu(bench.system), sum(answers.values())
    winners = answers[200] + answers[201]
    assert winners == len(ids), f"{len(ids)} calls have {winners} winners: {answers}"
    assert answers[409] == tried - winners, f"who loses is told 409: {answers}"
    note = f"{len(ids)} calls, one winner each; answers {dict(answers)}"
    used = sum(after[part] - before[part] for part in after if part != "client")
    return [
        Seen("claim race, 64 on each call", tried / took, "/s", note),
        Seen("claim race, CPU of an attempt", used / tried * 1000, "ms"),
    ]


async def placed_to_queue(bench: Bench) -> list[Seen]:
    """From the answer to the resident until the dispatch can be read, past the gateway."""
    clients, found = bench.behind("intake", "dispatch"), []
    for rate in (50, 100):
        times: list[float] = []

        async def one(times: list[float] = times) -> None:
            id, _, _ = await Life(clients, bench.people, bench.chance).place()
            begun = time.perf_counter()
            look = request("GET", f"/api/dispatch/v1/dispatches/{id}", bench.people.district)
            await _until_there(clients["dispatch"], look)
            times.append((time.perf_counter() - begun) * 1000)

        await at_rate(rate, int(rate * min(_QUEUE_SECONDS, 2 * bench.wanted.seconds)), one)
        await bench.settled()
        found += [
            Seen(f"placed to on the queue, {rate}/s, p50", percentile(times, 0.5), "ms"),
            Seen(f"placed to on the queue, {rate}/s, p99", percentile(times, 0.99), "ms"),
        ]
    return found


async def _until_there(client: Client, look: bytes) -> None:
    """Ask until another list has heard of it. Raises TimeoutError after half a minute."""
    async with asyncio.timeout(30):
        while (await client.send(look)).status != 200:
            await pause(0.002)
