"""Orders are taken while the bus is down, and everything is told soon after it is back."""

from __future__ import annotations

import argparse
import asyncio
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID, uuid4

import aiohttp

from deploy.demo.cast import everywhere
from deploy.demo.record import Record
from deploy.local.system import System
from tests.faults.harness import Bus, Given, Stored, Verdict, agree, bus, eventually, last, percentile

_WITHIN = 60.0  # seconds after the bus is back in which everything must be told and heard
_BEFORE = 3.0  # seconds with the bus, so that the services are on it


SHORT = {"seconds": 10}


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--seconds", type=float, default=60, help="how long the bus is down (60)")
    parser.add_argument("--rate", type=float, default=20, help="orders a second (20)")


@dataclass(slots=True)
class Placed:
    """What became of the orders of one stretch of time."""

    sent: int = 0
    accepted: list[UUID] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    otherwise: Counter[str] = field(default_factory=Counter)


async def prove(given: Given, verdict: Verdict) -> None:
    lasts = given.options.seconds
    async with (
        given.system() as system,
        Stored(system.mongo_admin_url) as stored,
        aiohttp.ClientSession(system.gateway_url, connector=aiohttp.TCPConnector(limit=0)) as session,
    ):
        with_bus = await _steadily(given, system, session, _BEFORE)
        await system.stop_part("nats")
        given.say(f"the bus is down, for {lasts:.0f} s")
        without = await _steadily(given, system, session, lasts)
        behind = await stored.untold()
        given.say(f"{len(without.accepted)} of {without.sent} orders accepted, {behind} entries to be told")
        began = time.monotonic()
        await system.start_part("nats")
        up = time.monotonic() - began
        ids = [*with_bus.accepted, *without.accepted]
        told = await eventually(stored.all_told, "everything to be told", _WITHIN - up)
        await agree(stored, map(Record, ids), verdict, max(1.0, _WITHIN - up - told))
        gone = time.monotonic() - began
        async with bus(system) as operator:
            await _judge(ids, stored, operator, verdict)
    for what, placed in (("with", with_bus), ("without", without)):
        verdict.check(placed.sent > 0, f"{what} the bus: nothing was sent")
        verdict.check(not placed.otherwise, f"{what} the bus: not accepted: {dict(placed.otherwise)}")
    verdict.check(behind > 0, "nothing had to be told later: the bus was not down")
    verdict.check(gone <= _WITHIN, f"the backlog took {gone:.1f} s")
    verdict.figure(f"{lasts:.0f} s without the bus, {given.options.rate:g} orders/s")
    verdict.figure(f"{len(without.accepted)} of {without.sent} accepted")
    verdict.figure(f"p50 {percentile(without.seconds, 0.5) * 1000:.0f} ms")
    verdict.figure(f"p99 {percentile(without.seconds, 0.99) * 1000:.0f} ms")
    verdict.figure(f"with the bus {percentile(with_bus.seconds, 0.99) * 1000:.0f} ms")
    verdict.figure(
        f"backlog of {behind} gone {gone:.1f} s after the start of the bus, {up:.1f} s of it to be up"
    )


async def _steadily(given: Given, system: System, session: aiohttp.ClientSession, seconds: float) -> Placed:
    """Place orders at a steady rate, whatever becomes of those before; no order is sent twice."""
    placed, places, tasks = Placed(), everywhere(), []
    every, begun = 1 / given.options.rate, time.monotonic()
    tokens = [system.token(role="resident", sub=f"resident-{number}") for number in range(20)]
    while (ahead := begun + placed.sent * every - time.monotonic()) < seconds - (time.monotonic() - begun):
        await last(max(0.0, ahead))
        headers = {"authorization": f"Bearer {given.chance.choice(tokens)}", "idempotency-key": uuid4().hex}
        place = given.chance.choice(places).wire()
        order = {"category": "street_light", "text": "路灯不亮了。", "place": place}
        tasks.append(asyncio.create_task(_place(session, headers, order, placed)))
        placed.sent += 1
    await asyncio.gather(*tasks)
    return placed


async def _place(
    session: aiohttp.ClientSession, headers: dict[str, str], order: Mapping[str, object], placed: Placed
) -> None:
    begun = time.perf_counter()
    try:
        async with session.post("/api/intake/v1/orders", json=order, headers=headers) as answer:
            body = await answer.json(content_type=None)
            if answer.status == 201:
                placed.accepted.append(UUID(body["id"]))
                placed.seconds.append(time.perf_counter() - begun)
            else:
                placed.otherwise[f"{answer.status} {body.get('type')}"] += 1
    except (aiohttp.ClientError, TimeoutError) as error:
        placed.otherwise[type(error).__name__] += 1


async def _judge(ids: list[UUID], stored: Stored, operator: Bus, verdict: Verdict) -> None:
    """Every order is on the bus and in dispatch; each once."""
    verdict.check(len(set(ids)) == len(ids), "two requests were answered with one order")
    on_bus = {
        message.headers["ce-subject"] for message in await operator.messages("intake") if message.headers
    }
    missing = [id for id in ids if str(id) not in on_bus]
    verdict.check(not missing, f"{len(missing)} orders are not in the stream, e.g. {missing[:3]}")
    for service in ("intake", "dispatch", "evaluation"):
        lost = set(ids) - set(await stored.ids(service))
        verdict.check(not lost, f"{service} lacks {len(lost)} orders, e.g. {list(lost)[:3]}")
        extra = set(await stored.ids(service)) - set(ids)
        verdict.check(not extra, f"{service} has {len(extra)} orders that nobody was told of")
    verdict.blame(await stored.applied_twice())
    verdict.check(not (parked := await stored.parked()), f"parked: {parked}")
    verdict.check(not (aside := await operator.held("aside")), f"{aside} messages were set aside")
