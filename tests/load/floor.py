"""F, the floor of a life: what its work costs on bare parts, so that one sees what all the rest costs.

F **contains**, for each life, counted and measured in a real one (recipe.py), nothing typed in:
- the requests that were taken, with bodies and answers of their sizes, through the same gateway (which checks tokens),
  answered by bare ASGI applications under uvicorn, one process for each service;
- the saves of entries, one durable write (majority, journal) of one document each with motor: an insert of the
  entry's size, or an update by id that sets and pushes as many bytes as the real one did;
- the publications, with subjects, headers and sizes as they were, to the same streams (file, synced always), each
  acknowledged by JetStream;
- the deliveries: each listener pulls in batches with bare nats-py from the same consumers, saves what the real one
  saved on it, and acknowledges after the save.

F does **not** contain: requests that came too early and were refused; reads (loading an entry before it is decided,
lists in memory); versions and compare-and-set, guards and transactions; that `told` is noted; secondary indexes, and
documents with structure (the bytes are one binary value); tokens checked a second time by the services; models, rules,
JSON of answers and messages; keyed answers beyond their bytes; group commit, ordering, retries, gaps; whatever
services do by themselves when nothing happens. Its own servers idle in it as ours do.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import orjson
from uuid_utils.compat import uuid7

from shared.naming import SERVICES
from tests.load.client import Client, pause, request
from tests.load.counters import cpu, spent
from tests.load.figures import Seen
from tests.load.place import Bench, opened
from tests.load.post import reachable
from tests.load.recipe import Recipe

_PARTS = ("mongod", "nats", "gateway")
_WARM = 30  # lives that are not counted
_PATIENCE = 60.0  # seconds until all is delivered and saved


@dataclass(frozen=True, slots=True)
class Floor:
    """The bare applications stand where the gateway looks for the services."""

    bench: Bench
    recipe: Recipe
    pids: Mapping[str, int]


@asynccontextmanager
async def floor(data: Path, bench: Bench, recipe: Recipe) -> AsyncIterator[Floor]:
    """Bare parts with servers of their own."""
    async with opened(data, bench.wanted, only=_PARTS) as bare:
        (data / "recipe.json").write_bytes(recipe.as_json())
        processes: dict[str, asyncio.subprocess.Process] = {}
        try:
            for service in SERVICES:
                processes[service] = await _start(service, bare, data / "recipe.json")
            for service in SERVICES:
                await reachable(bare.system.service_urls(service)[0])
            await _healthy(bare)
            yield Floor(bare, recipe, {service: process.pid for service, process in processes.items()})
        finally:
            for process in processes.values():
                process.terminate()
            await asyncio.gather(*(process.wait() for process in processes.values()))


async def _start(service: str, bare: Bench, recipe: Path) -> asyncio.subprocess.Process:
    url, user, password = bare.system.nats_operator
    port = bare.system.service_urls(service)[0].rpartition(":")[2]
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "uvicorn", "tests.load.floor_server:app", "--port", port),
        *("--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "warning"),
        env={
            **os.environ,
            "HEHUO_FLOOR": orjson.dumps(
                {
                    "service": service, "recipe": str(recipe), "mongo": bare.system.mongo_admin_url,
                    "nats": url, "user": user, "password": password,
                }
            ).decode(),
        },
    )  # fmt: skip


async def _healthy(bare: Bench) -> None:
    """Return when the gateway sends requests on to each."""
    client, token = Client(bare.system.gateway_url), bare.people.district
    async with asyncio.timeout(20):
        for service in SERVICES:
            while (await client.ask("GET", f"/api/{service}/v1/floor", token)).status != 200:
                await pause(0.1)
    client.close()


async def lives(floor: Floor, number: int, callers: int) -> float:
    """So many lives of F; seconds until the last answer. Returns when also everything was heard."""
    client, left = Client(floor.bench.system.gateway_url), number
    bodies = [{"x": "x" * max(0, one.body - 8)} for one in floor.recipe.requests]
    token = floor.bench.people.partners[0]  # of the usual length
    before = await _saved(floor)

    async def caller() -> None:
        nonlocal left
        while left > 0:
            left -= 1
            id = uuid7()
            for n, one in enumerate(floor.recipe.requests):
                path = f"/api/{one.service}/v1/floor/{n}/{id}"
                reply = await client.send(request("POST", path, token, bodies[n], id.hex[:16]))
                assert reply.status == one.status, f"F: {reply.status} {reply.body[:200]!r}"

    begun = time.perf_counter()
    await asyncio.gather(*(caller() for _ in range(callers)))
    took = time.perf_counter() - begun
    async with asyncio.timeout(_PATIENCE):
        while await _saved(floor) - before < number * len(floor.recipe.saves):
            await pause(0.05)
        while await floor.bench.counters.waiting():
            await pause(0.05)
    client.close()
    return took


async def _saved(floor: Floor) -> int:
    """How many saves its applications have done."""
    total = 0
    for service in SERVICES:
        client = Client(floor.bench.system.service_urls(service)[0])
        total += int((await client.ask("GET", "/")).body)
        client.close()
    return total


async def measure_floor(floor: Floor, number: int, callers: int) -> list[Seen]:
    """CPU of F by process, and what its servers count."""
    counters, system = floor.bench.counters, floor.bench.system
    await lives(floor, min(_WARM, number), callers)
    counted, used = await counters.read(), cpu(system, floor.pids)
    took = await lives(floor, number, callers)
    cost = {part: each * 1000 for part, each in spent(used, cpu(system, floor.pids), number).items()}
    counts = spent(counted, await counters.read(), number)
    cost.pop("client", None)
    return [
        Seen("F, lives", number / took, "/s"),
        Seen("F", sum(cost.values()), "ms"),
        *(Seen(f"F, {part}", each, "ms") for part, each in cost.items()),
        *(Seen(f"F, {name}", each) for name, each in counts.items()),
    ]


def against(real: list[Seen], bare: list[Seen]) -> list[Seen]:
    """CPU of a life / F: of everything, without the gateway on both sides, and by process."""
    life = {
        one.what.removeprefix("CPU of a life, "): one.value for one in real if one.what.startswith("CPU of")
    }
    its = {one.what.removeprefix("F, "): one.value for one in bare if one.unit == "ms"}
    found = [
        Seen("CPU of a life / F", life["CPU of a life"] / its["F"], "x F"),
        Seen(
            "CPU of a life / F, without the gateway on either side",
            (life["CPU of a life"] - life["gateway"]) / (its["F"] - its["gateway"]),
            "x F",
        ),
        Seen(
            "CPU of a life with the gateway / F without", life["CPU of a life"] / (its["F"] - its["gateway"]), "x F"
        ),
    ]  # fmt: skip
    parts = ("mongod", "nats", "gateway", *SERVICES)
    return found + [
        Seen(f"CPU of a life / F, {part}", life[part] / its[part], "x F") for part in parts if its.get(part)
    ]
