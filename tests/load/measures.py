"""What is measured. Everything runs on one machine: servers, services and the client share its cores."""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import secrets
import statistics
import sys
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

import psutil
from motor.motor_asyncio import AsyncIOMotorClient

from deploy.local.ports import Ports
from deploy.local.system import PARTS, System
from tests.load.client import Client, pause, request
from tests.load.figures import Figure, percentile
from tests.load.pages import pages
from tests.load.people import Life, People, order, partners_file


class Load(NamedTuple):
    rate: float  # per second
    p50: float  # milliseconds
    p99: float
    refused: int


async def hammer(url: str, make: Callable[[], bytes], callers: int, seconds: float) -> Load:
    """Callers who ask one request after the other, for that long; each expects 201."""
    client, times, refused = Client(url), [], 0
    end = time.perf_counter() + seconds

    async def caller() -> None:
        nonlocal refused
        while (begun := time.perf_counter()) < end:
            refused += (await client.send(make())).status != 201
            times.append(time.perf_counter() - begun)

    begun = time.perf_counter()
    await asyncio.gather(*(caller() for _ in range(callers)))
    took = time.perf_counter() - begun
    client.close()
    return Load(len(times) / took, percentile(times, 0.5) * 1000, percentile(times, 0.99) * 1000, refused)


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
        client, deadline = Client(f"http://127.0.0.1:{port}"), time.monotonic() + 20
        while True:
            try:
                await client.ask("POST", "/", body={})
                break
            except OSError:
                if time.monotonic() > deadline:
                    raise
                await pause(0.05)
        client.close()
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        await process.wait()


async def compare_post(
    system: System, people: People, wanted: argparse.Namespace, listeners: str = "all listening"
) -> list[Figure]:
    """Placing an order against L, interleaved; the ratio of each pass, and the median of them.

    L has nobody who listens. With all listening, three more services and the rest of the bus work on the same cores.
    """
    chance = random.Random(wanted.seed)

    def post() -> bytes:
        place, resident = chance.choice(people.places), chance.choice(people.residents)
        return request("POST", "/api/intake/v1/orders", resident, order(place), secrets.token_hex(8))

    figures: list[Figure] = []
    async with baseline(system) as bare:
        ways = {
            "behind intake's port": system.service_urls("intake")[0],
            "through the gateway": system.gateway_url,
        }
        for callers, goals in ((32, (1.0, 1.0)), (128, (1.8, 1.4))):
            ratios: dict[str, list[float]] = {way: [] for way in ways}
            seen: dict[str, Load] = {}
            for _ in range(wanted.passes):
                base = seen["L"] = await hammer(bare, post, callers, wanted.seconds)
                for way, url in ways.items():
                    seen[way] = await hammer(url, post, callers, wanted.seconds)
                    ratios[way].append(seen[way].rate / base.rate)
                    await _caught_up(system)
            figures.append(Figure(f"L, {callers} callers", _rate(seen["L"])))
            for (way, some), goal in zip(ratios.items(), goals, strict=True):
                ratio = statistics.median(some)
                text = f"{ratio:.2f} x L ({min(some):.2f} to {max(some):.2f}); last: {_rate(seen[way])}"
                figures.append(
                    Figure(
                        f"POST order {way}, {callers} callers, {listeners}",
                        text,
                        f">= {goal:.1f} x L",
                        ratio >= goal,
                    )
                )
    return figures


def _rate(load: Load) -> str:
    refused = f", {load.refused} refused" if load.refused else ""
    return f"{load.rate:.0f}/s, p50 {load.p50:.1f} ms, p99 {load.p99:.1f} ms{refused}"


async def _caught_up(system: System, within: float = 60.0) -> float:
    """Seconds until nothing waits to be told or heard: the next measurement must not pay for this one."""
    client: AsyncIOMotorClient[dict[str, object]] = AsyncIOMotorClient(system.mongo_admin_url)
    begun = time.monotonic()
    while time.monotonic() - begun < within:
        placed = await client["intake"]["orders"].estimated_document_count()
        opened = await client["dispatch"]["dispatches"].estimated_document_count()
        untold = [
            await client[service][entries].count_documents({"untold": {"$exists": True}}, limit=1)
            for service, entries in (("intake", "orders"), ("dispatch", "dispatches"))
        ]
        if (opened >= placed or not system.pids("dispatch")) and not any(untold):
            break
        await pause(0.1)
    client.close()
    return time.monotonic() - begun


def _cpu(system: System) -> dict[str, float]:
    """CPU seconds so far, by part."""
    used: defaultdict[str, float] = defaultdict(float)
    for part in PARTS:
        for pid in system.pids(part):
            times = psutil.Process(pid).cpu_times()
            used[part] += times.user + times.system
    mine = psutil.Process().cpu_times()
    used["client"] = mine.user + mine.system
    return used


async def whole_lives(system: System, people: People, wanted: argparse.Namespace) -> list[Figure]:
    """Whole lives per second through the gateway, and what one costs."""
    clients = dict.fromkeys(("intake", "dispatch", "partners", "evaluation"), Client(system.gateway_url))
    chance = random.Random(wanted.seed)
    left, requests, times = wanted.lives, 0, []

    async def caller() -> None:
        nonlocal left, requests
        while left > 0:
            left -= 1
            life, begun = Life(clients, people, chance), time.perf_counter()
            await life.live()
            times.append(time.perf_counter() - begun)
            requests += life.requests

    before, begun = _cpu(system), time.perf_counter()
    await asyncio.gather(*(caller() for _ in range(24)))
    took, after = time.perf_counter() - begun, _cpu(system)
    rate, done = len(times) / took, len(times)
    cost = {part: (after[part] - before[part]) / done * 1000 for part in after}
    servers = sum(used for part, used in cost.items() if part != "client")
    spent = ", ".join(
        f"{part} {used:.1f}" for part, used in sorted(cost.items(), key=lambda one: -one[1]) if used >= 0.1
    )
    seen = f"{rate:.1f}/s, p50 {percentile(times, 0.5) * 1000:.0f} ms"
    return [
        Figure("whole lives through the gateway", seen, ">= 25/s", rate >= 25),
        Figure("requests of a life, early ones included", f"{requests / done:.1f}"),
        Figure("CPU of a life without the client", f"{servers:.1f} ms", "<= 60 ms", servers <= 60),
        Figure("CPU of a life by process, ms", spent),
    ]  # fmt: skip


async def _until_there(client: Client, look: bytes) -> None:
    """Ask until another list has heard of it. Raises TimeoutError after half a minute."""
    async with asyncio.timeout(30):
        while (await client.send(look)).status != 200:
            await pause(0.002)


async def placed_to_queue(system: System, people: People, wanted: argparse.Namespace) -> list[Figure]:
    """From the answer to the resident until the dispatch can be read, at 50 orders a second."""
    clients = {name: Client(system.service_urls(name)[0]) for name in ("intake", "dispatch")}
    life, times = Life(clients, people, random.Random(wanted.seed)), []

    async def one() -> None:
        id, _, _ = await life.place()
        begun = time.perf_counter()
        look = request("GET", f"/api/dispatch/v1/dispatches/{id}", people.district)
        await _until_there(clients["dispatch"], look)
        times.append(time.perf_counter() - begun)

    tasks, next_one = [], time.perf_counter()
    for _ in range(500):
        tasks.append(asyncio.create_task(one()))
        next_one += 1 / 50
        await pause(max(0.0, next_one - time.perf_counter()))
    await asyncio.gather(*tasks)
    p50, p99 = percentile(times, 0.5) * 1000, percentile(times, 0.99) * 1000
    return [
        Figure(
            "placed to on the queue, 50/s", f"p50 {p50:.1f} ms, p99 {p99:.1f} ms", "p99 <= 100 ms", p99 <= 100
        )
    ]


async def claim_race(system: System, people: People, wanted: argparse.Namespace) -> list[Figure]:
    """64 partners ask for the same call at once, 50 times."""
    clients = {name: Client(system.service_urls(name)[0]) for name in ("intake", "dispatch", "partners")}
    life = Life(clients, people, random.Random(wanted.seed))
    ids = []
    for _ in range(50):
        id, place, _ = await life.place()
        await life.call(id, place, [{"name": "rack", "kind": "goods", "amount": 1, "unit": "set"}])
        ids.append(id)
    body = {"lines": [{"name": "rack", "amount": 1}]}
    answers: Counter[int] = Counter()
    took = 0.0
    for id in ids:
        look = request("GET", f"/api/partners/v1/calls/{id}", people.district)
        await _until_there(clients["partners"], look)
        tries = [
            request("POST", f"/api/partners/v1/calls/{id}/claims", t, body, secrets.token_hex(8))
            for t in people.partners
        ]
        begun = time.perf_counter()
        replies = await asyncio.gather(*(clients["partners"].send(each) for each in tries))
        took += time.perf_counter() - begun
        answers.update(reply.status for reply in replies)
    rate = len(ids) * 64 / took
    fair = answers[200] + answers[201] == len(ids) and answers[409] == len(ids) * 63
    text = f"{rate:.0f} attempts/s; answers {dict(answers)}"
    return [
        Figure(
            "claim race, 64 partners on each of 50 calls",
            text,
            "one winner each; >= 1,000/s",
            fair and rate >= 1000,
        )
    ]


async def measure(folder: Path, wanted: argparse.Namespace) -> list[Figure]:
    """All that is wanted, on a system of its own."""
    what = wanted.only or ["post", "lives", "queue", "race", "pages"]
    env = {"HEHUO_PARTNERS_PARTNERS": str(partners_file(folder))}
    figures: list[Figure] = []
    if "post" in what:
        print("measuring: post, intake alone", flush=True)
        async with System(folder / "alone", env=env, only=("mongod", "nats", "gateway", "intake")) as system:
            figures += await compare_post(system, People(system), wanted, "intake alone")
    async with System(folder / "data", env=env, only=set(PARTS) - {"web"}) as system:
        people = People(system)
        measures = {
            "post": compare_post,
            "lives": whole_lives,
            "queue": placed_to_queue,
            "race": claim_race,
            "pages": pages,
        }
        for name, one in measures.items():
            if name in what:
                print(f"measuring: {name}", flush=True)
                figures += await one(system, people, wanted)
                await _caught_up(system)
    return figures
