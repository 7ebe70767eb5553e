"""Where it is measured: a system, who asks, and how the next measurement is kept free of this one."""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from deploy.demo.check import COLLECTIONS
from deploy.local import outside
from deploy.local.system import PARTS, System
from shared.naming import SERVICES, Names
from tests.load.client import Client, pause
from tests.load.counters import Counters
from tests.load.people import People, partners_file

EVERYTHING = frozenset(PARTS) - {"web"}
_PATIENCE = 180.0  # seconds until what was measured must have come to an end


@dataclass(frozen=True, slots=True)
class Bench:
    """What every measurement gets. All chance comes from `chance`."""

    system: System
    people: People
    counters: Counters
    chance: random.Random
    wanted: argparse.Namespace
    stored: int  # entries of each list that were there before

    def clients(self) -> dict[str, Client]:
        """By service, all through the gateway."""
        return dict.fromkeys(SERVICES, Client(self.system.gateway_url))

    def behind(self, *services: str) -> dict[str, Client]:
        """By service, past the gateway."""
        return {name: Client(self.system.service_urls(name)[0]) for name in services}

    async def settled(self) -> float:
        """Seconds until nothing waits to be told or heard: the next measurement must not pay for this one.

        Where not all are there to listen, what waits for them does not count. Raises TimeoutError.
        """
        begun = time.monotonic()
        running = {name: where for name, where in COLLECTIONS.items() if self.system.pids(name)}
        while time.monotonic() - begun < _PATIENCE:
            heard = len(running) < len(SERVICES) or not await self.counters.waiting()
            if heard and not await self.counters.untold(running):
                return time.monotonic() - begun
            await pause(0.1)
        raise TimeoutError(f"after {_PATIENCE:.0f} s something still waits to be told or heard")


def environment(folder: Path) -> dict[str, str]:
    """What the services are told: the partners who race are known."""
    folder.mkdir(parents=True, exist_ok=True)
    return {"HEHUO_PARTNERS_PARTNERS": str(partners_file(folder))}


@asynccontextmanager
async def opened(
    data: Path,
    wanted: argparse.Namespace,
    *,
    stored: int = 0,
    only: Collection[str] = EVERYTHING,
    replicas: Mapping[str, int] | None = None,
) -> AsyncIterator[Bench]:
    """A system on this folder. When it ends, what came into its lists meanwhile is taken out again."""
    async with System(data, env=environment(data), only=only, replicas=replicas) as system:
        begun = _now()
        async with Counters(system) as counters:
            bench = Bench(system, People(system), counters, random.Random(wanted.seed), wanted, stored)
            await bench.settled()
            try:
                yield bench
            finally:
                await _forget(bench, begun)


async def _forget(bench: Bench, since: int) -> None:
    """Stop the services, delete the entries that were made since then (milliseconds), empty the streams."""
    for service in SERVICES:
        await bench.system.stop_part(service)
    first = UUID(int=since << 80)
    for database, name in COLLECTIONS.items():
        await bench.counters.mongo[database][name].delete_many({"_id": {"$gte": first}})
    bus = await outside.connect(*bench.system.nats_operator)
    try:
        for service in SERVICES:
            await bus.jetstream().purge_stream(Names().stream(service))
    finally:
        await bus.close()


def _now() -> int:
    return int(time.time() * 1000)
