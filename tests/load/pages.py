"""Lists and the map of dispatch, with as many dispatches stored as wanted: rates, and how they grow."""

from __future__ import annotations

import argparse
import asyncio
import random
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from bson import CodecOptions
from bson.binary import UuidRepresentation
from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorCollection
from uuid_utils.compat import uuid7

from deploy.local.system import System
from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.states import DispatchState
from services.dispatch.domain.worklist import found_by
from tests.load.client import Client, request
from tests.load.figures import Figure, percentile
from tests.load.people import People

_SECONDS = 4.0
_OPEN_SHARE = 0.1  # of all that are stored; the rest is closed
_IN_MAP = 4000
_CODEC: CodecOptions[dict[str, Any]] = CodecOptions(uuid_representation=UuidRepresentation.STANDARD)


def _document(chance: random.Random, areas: list[str], now: datetime) -> dict[str, Any]:
    """A dispatch as the store would have it, without the history behind it."""
    opened = now - timedelta(minutes=chance.randrange(1, 500_000))
    is_open = chance.random() < _OPEN_SHARE
    state = chance.choice(list(DispatchState)[1:-1]) if is_open else DispatchState.CLOSED
    dispatch = Dispatch(
        state=state,
        area=chance.choice(areas),
        title="老旧小区晾衣难，希望给楼院装晾衣架。",
        kind="need",
        category=chance.choice(("drying_rack", "street_light", "sewage_pipe", "noise")),
        urgency="general",
        longitude=120.36 + chance.random() / 50,
        latitude=36.08 + chance.random() / 50,
        address="辽源路26号",
        opened_at=opened,
        close_by=opened + timedelta(days=15),
        overdue=is_open and chance.random() < 0.1,
        assigned_to=f"worker-{chance.randrange(500)}" if is_open else None,
        due={"close_by": now + timedelta(hours=chance.randrange(1, 300))} if is_open else {},
    )
    if state is DispatchState.REFERRED:
        dispatch = dispatch.but(state=DispatchState.RECEIVED)
    return {
        "_id": uuid7(), "version": 3, "said": 0, "told": 0, "heard": {"intake": 1}, "history": [],
        "state": dispatch.model_dump(), "find": found_by(dispatch),
    }  # fmt: skip


async def _fill(
    collection: AsyncIOMotorCollection[dict[str, Any]], wanted: int, people: People, seed: int
) -> None:
    chance, areas, now = random.Random(seed), [place.area for place in people.places], datetime.now(UTC)
    there = await collection.estimated_document_count()
    while there < wanted:
        some = min(2000, wanted - there)
        await collection.insert_many([_document(chance, areas, now) for _ in range(some)], ordered=False)
        there += some


async def _rate(url: str, make: Callable[[], bytes], callers: int) -> tuple[float, float, float]:
    """Per second, p50 and p99 in milliseconds; every answer must be 200."""
    client, times = Client(url), []
    end = time.perf_counter() + _SECONDS

    async def caller() -> None:
        while (begun := time.perf_counter()) < end:
            reply = await client.send(make())
            assert reply.status == 200, reply.body[:300]
            times.append(time.perf_counter() - begun)

    begun = time.perf_counter()
    await asyncio.gather(*(caller() for _ in range(callers)))
    rate = len(times) / (time.perf_counter() - begun)
    client.close()
    return rate, percentile(times, 0.5) * 1000, percentile(times, 0.99) * 1000


async def pages(system: System, people: People, wanted: argparse.Namespace) -> list[Figure]:
    """Pages of 20 and 100 of the queue, filtered, the counts and the map, at each size of the list."""
    client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(system.mongo_admin_url)
    collection = client["dispatch"].get_collection("dispatches", codec_options=_CODEC)
    url, chance = system.service_urls("dispatch")[0], random.Random(wanted.seed)
    communities = list(people.community.items())

    def ask(path: str) -> Callable[[], bytes]:
        return lambda: request("GET", f"/api/dispatch/v1{path}", chance.choice(communities)[1])

    def district(path: str) -> Callable[[], bytes]:
        return lambda: request("GET", f"/api/dispatch/v1{path}", people.district)

    asked = {
        "page of 20, an open state": (ask("/dispatches?state=received&limit=20"), 16, ">= 800/s", 800),
        "page of 100, an open state": (ask("/dispatches?state=received&limit=100"), 16, ">= 250/s", 250),
        "page of 20, a category, whole district": (district("/dispatches?category=noise"), 16, "", 0),
        "page of 20, what is due soon": (ask("/dispatches?list=due&hours=48"), 16, "", 0),
        "counts of all lists": (ask("/counts"), 4, "", 0),
        f"map of {_IN_MAP} places": (district("/map?state=closed"), 1, ">= 50/s", 50),
    }
    figures: list[Figure] = []
    for size in wanted.stored:
        await _fill(collection, size, people, wanted.seed)
        for what, (make, callers, goal, least) in asked.items():
            rate, p50, p99 = await _rate(url, make, callers)
            seen = f"{rate:.0f}/s, p50 {p50:.1f} ms, p99 {p99:.1f} ms"
            figures.append(
                Figure(
                    f"{what}; {size:,} stored, {callers} callers",
                    seen,
                    goal,
                    rate >= least if least else None,
                )
            )
    client.close()
    return figures
