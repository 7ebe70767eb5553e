"""Placing an order, against L."""

from __future__ import annotations

import asyncio
import os
import secrets
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from deploy.local.ports import Ports
from deploy.local.system import System
from tests.load.client import Client, pause, request
from tests.load.counters import cpu, spent
from tests.load.figures import Seen
from tests.load.load import Load, hammer
from tests.load.people import order
from tests.load.place import Bench

_CALLERS = (32, 128)


async def post(bench: Bench) -> list[Seen]:
    """As multiples of L, each taken right beside L. L has nobody who listens; with all listening, three more services
    and the rest of the bus work on the same cores."""
    listeners = "all listening" if bench.system.pids("dispatch") else "intake alone"
    ways = {
        "behind intake's port": bench.system.service_urls("intake")[0],
        "through the gateway": bench.system.gateway_url,
    }

    def make() -> bytes:
        place, resident = (
            bench.chance.choice(bench.people.places),
            bench.chance.choice(bench.people.residents),
        )
        return request("POST", "/api/intake/v1/orders", resident, order(place), secrets.token_hex(8))

    found: list[Seen] = []
    async with baseline(bench.system) as (bare, pid):

        async def seen(url: str, callers: int) -> tuple[Load, str]:
            """The rate, and the CPU of one request until all of it is told, by process."""
            used = cpu(bench.system, {"L": pid})
            load = await hammer(url, make, callers, bench.wanted.seconds)
            await bench.settled()
            each = spent(used, cpu(bench.system, {"L": pid}), load.rate * bench.wanted.seconds)
            return load, ", ".join(f"{part} {cost * 1e6:.0f}" for part, cost in each.items() if cost > 5e-6)

        for callers in _CALLERS:
            for way, url in ways.items():
                base, least = await seen(bare, callers)
                load, cost = await seen(url, callers)
                assert not load.refused, f"{load.refused} orders were refused"
                name = f"POST {way}, {listeners}, {callers} callers"
                note = f"{load}, CPU {cost} µs; L {base}, CPU {least} µs"
                found.append(Seen(name, load.rate / base.rate, "x L", note))
    return found


@asynccontextmanager
async def baseline(system: System) -> AsyncIterator[tuple[str, int]]:
    """The address of L, and its process."""
    port = Ports(system.folder.root / "baseline.json").keep("baseline")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "uvicorn", "tests.load.baseline:app", "--port", str(port)),
        *("--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "warning"),
        env={**os.environ, "HEHUO_BASELINE_MONGO": system.mongo_admin_url},
    )
    try:
        await reachable(f"http://127.0.0.1:{port}")
        yield f"http://127.0.0.1:{port}", process.pid
    finally:
        process.terminate()
        await process.wait()


async def reachable(url: str, within: float = 20.0) -> None:
    """Return when a server takes requests. Raises OSError."""
    client, deadline = Client(url), time.monotonic() + within
    while True:
        try:
            await client.ask("POST", "/", body={})
            break
        except OSError:
            if time.monotonic() > deadline:
                raise
            await pause(0.05)
    client.close()
