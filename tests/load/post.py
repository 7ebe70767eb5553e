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
from tests.load.figures import Seen
from tests.load.load import hammer
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
    async with baseline(bench.system) as bare:
        for callers in _CALLERS:
            for way, url in ways.items():
                base = await hammer(bare, make, callers, bench.wanted.seconds)
                load = await hammer(url, make, callers, bench.wanted.seconds)
                assert not load.refused, f"{load.refused} orders were refused"
                await bench.settled()
                name = f"POST {way}, {listeners}, {callers} callers"
                found.append(Seen(name, load.rate / base.rate, "x L", f"{load}; L {base}"))
    return found


@asynccontextmanager
async def baseline(system: System) -> AsyncIterator[str]:
    """The address of L."""
    port = Ports(system.folder.root / "baseline.json").keep("baseline")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "uvicorn", "tests.load.baseline:app", "--port", str(port)),
        *("--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "warning"),
        env={**os.environ, "HEHUO_BASELINE_MONGO": system.mongo_admin_url},
    )
    try:
        await reachable(f"http://127.0.0.1:{port}")
        yield f"http://127.0.0.1:{port}"
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
