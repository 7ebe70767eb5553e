"""Which queries read in proportion to what is stored: every shape that the services ask for, and what it examines.

For one short pass the database notes every operation (profiler level 2, in a collection of its own, gone afterwards),
also those that services do by themselves. Of each only its shape is kept: values are left out.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

from bson import json_util

from shared.naming import SERVICES
from tests.load.clocks import clocks
from tests.load.counters import rest
from tests.load.pages import pages, rankings
from tests.load.people import Life
from tests.load.place import Bench
from tests.load.race import claim_race

_SIZE = 256 * 1024 * 1024  # bytes that the profiler may keep of each database
_LIVES = 12
_LOOKS = 15.0  # seconds: longer than the slowest of what services look at again and again


class Shape(NamedTuple):
    """One shape of a query. `examined` and `returned` are the most that one of them did, keys and documents."""

    service: str
    what: str
    seen: int
    examined: int
    keys: int
    returned: int
    millis: int
    plan: str

    @property
    def wasteful(self) -> bool:
        """Whether it looks at many more documents (or keys) than it returns or changes."""
        return max(self.examined, self.keys) > 50 + 5 * self.returned


async def shapes(bench: Bench) -> list[Shape]:
    """Of everything that is asked in a short pass over all that is measured; the most examined first."""
    database = bench.counters.mongo
    async with _profiled(bench):
        for service in SERVICES:  # what is read once, when a service starts, counts as well
            await bench.system.stop_part(service)
            await bench.system.start_part(service)
        await bench.system.wait_ready()
        await asyncio.gather(*(
            Life(bench.clients(), bench.people, bench.chance).live() for _ in range(_LIVES)
        ))  # fmt: skip
        short = type(bench.wanted)(**{**vars(bench.wanted), "seconds": 0.2, "races": 3, "clocks": 50})
        brief = Bench(bench.system, bench.people, bench.counters, bench.chance, short, bench.stored)
        for measure in (pages, rankings, claim_race, clocks):
            await measure(brief)
        await rest(_LOOKS)
    found: dict[tuple[str, str], Shape] = {}
    for service in SERVICES:
        async for seen in database[service]["system.profile"].find({}):
            if str(seen.get("appName", "")).startswith("hehuo"):
                one = shape_of(service, seen)
                key = (service, one.what)
                found[key] = _most(found[key], one) if key in found else one
        await database[service].drop_collection("system.profile")
    return sorted(found.values(), key=lambda one: -max(one.examined, one.keys))


@asynccontextmanager
async def _profiled(bench: Bench) -> AsyncIterator[None]:
    database = bench.counters.mongo
    for service in SERVICES:
        await database[service].command("profile", 0)
        await database[service].drop_collection("system.profile")
        await database[service].create_collection("system.profile", capped=True, size=_SIZE)
        await database[service].command("profile", 2)
    try:
        yield
    finally:
        for service in SERVICES:
            await database[service].command("profile", 0)


def growing(small: Iterable[Shape], large: Iterable[Shape], most: float) -> list[tuple[Shape, Shape]]:
    """Those that examine more than `most` times as much with more stored."""
    known = {(one.service, one.what): one for one in small}
    pairs = [(known[one.service, one.what], one) for one in large if (one.service, one.what) in known]
    return [
        (little, much)
        for little, much in pairs
        if max(much.examined, much.keys) > 50 + most * max(little.examined, little.keys)
    ]


def shape_of(service: str, seen: Mapping[str, Any]) -> Shape:
    """Of one operation as the profiler noted it; no value of it is in it."""
    command, kind = seen.get("command", {}), seen["op"]
    name = str(seen["ns"]).partition(".")[2]
    if kind == "getmore":
        command = seen.get("originatingCommand", command)
    if "pipeline" in command:
        text = f"aggregate {_stages(command['pipeline'])}"
    else:
        where = command.get("filter", command.get("q", command.get("query", {})))
        text = f"{kind} {_masked(where)}"
        if sort := command.get("sort"):
            text += f" sort {_plain(sort)}"
        if "limit" in command:
            text += " limit"
    returned = max(seen.get(each, 0) for each in ("nreturned", "nMatched", "ndeleted", "ninserted"))
    return Shape(
        service, f"{name}: {text}", 1, seen.get("docsExamined", 0), seen.get("keysExamined", 0), returned,
        seen.get("millis", 0), seen.get("planSummary", ""),
    )  # fmt: skip


def _most(one: Shape, other: Shape) -> Shape:
    """What both did; the returned are those of whichever examined more."""
    more = max(one, other, key=lambda each: max(each.examined, each.keys))
    return more._replace(seen=one.seen + other.seen, millis=max(one.millis, other.millis))


def _stages(pipeline: Iterable[Mapping[str, Any]]) -> str:
    return " ".join(
        f"{name} {_masked(value)}" if name == "$match" else name
        for stage in pipeline
        for name, value in stage.items()
    )


def _masked(value: Any) -> str:
    """The same with `?` for every value: what people wrote or are called is nobody's business here."""
    return _plain(_mask(value))


def _mask(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _mask(each) for name, each in value.items()}
    if isinstance(value, list):
        inner = [_mask(each) for each in value]
        return inner if inner and isinstance(inner[0], Mapping) else "?"
    return "?"


def _plain(value: Any) -> str:
    return json_util.dumps(value).replace('"', "")
