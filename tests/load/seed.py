"""Fills a system with entries, as if it had run for two years: most are closed, the newest are open.

Real lives are played first, some to the end, some to where they wait for somebody; every entry is a copy of one of
theirs (see mould.py). Of `stored` orders 2 % are open, but at least 3,000, so that pages are full however little is
stored. Beside them stand 10,000 made-up partners and 1,000 made-up open calls, as in the proof of matching, of whom
a thousand share all the work that was done; as many of both at each size.
"""

from __future__ import annotations

import asyncio
import json
import random
import shutil
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast
from uuid import UUID

import bson
from bson import CodecOptions
from bson.binary import UuidRepresentation
from bson.raw_bson import RawBSONDocument
from pymongo import WriteConcern
from pymongo.asynchronous.collection import AsyncCollection

from deploy.demo.check import COLLECTIONS
from services.partners.domain.calls.finding import found_by
from services.partners.domain.registry.partner import Registered
from shared.naming import SERVICES
from tests.load.counters import rest
from tests.load.machine import free_gib
from tests.load.mould import Fresh, Mould, id_at
from tests.load.people import RACK, Life, Place, racer, resident
from tests.load.place import Bench
from tests.unit.partners.matching import market

_OPEN, _OPEN_LEAST = 0.02, 3000
_YEARS = timedelta(days=730)
_SOME = 250  # orders that are written at once
_DAY = 24 * 3600 * 1000
_TOLD = 2.0  # seconds until it is also noted that everything was told
_GIB_EACH = 22 / 1024**2  # on the disk, for one order with its four entries
_RAW: CodecOptions[RawBSONDocument] = CodecOptions(
    document_class=RawBSONDocument, uuid_representation=UuidRepresentation.STANDARD, tz_aware=True
)
_PLAIN: CodecOptions[dict[str, Any]] = CodecOptions(
    uuid_representation=UuidRepresentation.STANDARD, tz_aware=True
)
_CATEGORIES = ("drying_rack", "street_light", "parking", "noise")

Moulds = dict[str, list[Mould]]


async def moulds(bench: Bench) -> Moulds:
    """By how far they came: `closed`, `received`, `called`, `working`, `judging`."""
    clients, people = bench.clients(), bench.people

    async def lived(until: str, category: str) -> tuple[UUID, Place]:
        life = Life(clients, people, bench.chance)
        id, place, its = await life.place(category)
        if until != "received":
            await life.call(id, place, [RACK])
        if until in ("working", "judging", "closed"):
            await life.work(id, delivered=until != "working")
        if until in ("judging", "closed"):
            await life.judge(id, place, its, verdict=until == "closed")
        return UUID(id), place

    made: dict[str, list[tuple[UUID, Place]]] = {}
    for until, number in {"closed": 24, "received": 8, "called": 4, "working": 4, "judging": 4}.items():
        made[until] = [await lived(until, _CATEGORIES[n % len(_CATEGORIES)]) for n in range(number)]
    await bench.settled()
    await rest(_TOLD)
    await bench.settled()
    now = int(time.time() * 1000)
    return {
        until: [Mould(id, place, await _read(bench, id), now) for id, place in some] for until, some in made.items()
    }  # fmt: skip


async def _read(bench: Bench, id: UUID) -> dict[str, RawBSONDocument]:
    """One order in the lists that have it. What it adds to sums waits to be counted, as if it had been saved again."""
    found: dict[str, RawBSONDocument] = {}
    for service in SERVICES:
        if (entry := await _list(bench, service).find_one({"_id": id})) is not None:
            found[service] = _uncounted(entry) if "sums" in entry.get("find", {}) else entry
    return found


def _uncounted(entry: RawBSONDocument) -> RawBSONDocument:
    new: dict[str, Any] = bson.decode(entry.raw, codec_options=_PLAIN)
    new["find"]["uncounted"] = True
    new.pop("counted", None)
    return RawBSONDocument(bson.encode(new, codec_options=_PLAIN), _RAW)


async def _counted(bench: Bench) -> None:
    """Wait until the sums of everything that was filled in are made."""
    while any([await _list(bench, one).find_one({"find.uncounted": True}, {"_id": 1}) for one in SERVICES]):
        await rest(1.0)


async def fill(bench: Bench, stored: int, shapes: Moulds, say: Callable[[str], None]) -> dict[str, Any]:
    """So many orders in all lists. Returns how long it took and what it needs. Raises OSError without room for it."""
    folder, begun = bench.system.folder.root, time.monotonic()
    if (free := free_gib(folder)) < stored * _GIB_EACH + 5:
        raise OSError(f"{stored:,} stored need about {stored * _GIB_EACH:.0f} GiB, and {free:.0f} are free")
    for service in SERVICES:
        await bench.system.stop_part(service)
    chance = random.Random(bench.wanted.seed)
    await _fill_market(bench, chance)
    written = 0
    for start in range(0, stored, _SOME):
        some: dict[str, list[RawBSONDocument]] = {service: [] for service in SERVICES}
        for n in range(start, min(start + _SOME, stored)):
            mould, fresh = _next(n, stored, shapes, bench.people.places, chance)
            for service, entry in mould.copies(fresh, chance):
                some[service].append(RawBSONDocument(entry, _RAW))
                written += len(entry)
        await asyncio.gather(*(
            _list(bench, service).insert_many(entries, ordered=False) for service, entries in some.items() if entries
        ))  # fmt: skip
        if (start + _SOME) % 50_000 == 0:
            say(f"{start + _SOME:,} of {stored:,} stored after {time.monotonic() - begun:.0f} s")
    say(f"all {stored:,} stored; making the sums of them")
    for service in SERVICES:
        await bench.system.start_part(service)
    await _counted(bench)
    is_open = _how_many_open(stored)
    about = {
        "stored": stored, "open": is_open, "seconds": round(time.monotonic() - begun, 1),
        "GB written": round(written / 1e9, 3), "GiB free before": round(free, 1),
        "GiB free after": round(free_gib(folder), 1), "bytes an order": round(written / max(1, stored)),
    }  # fmt: skip
    say(f"stored: {json.dumps(about)}")
    return about


def _list(bench: Bench, service: str) -> AsyncCollection[RawBSONDocument]:
    """Past the service; what is written there need not outlive the machine."""
    found: Any = bench.counters.mongo[service].get_collection(
        COLLECTIONS[service],
        codec_options=_RAW,
        write_concern=WriteConcern(w=1, j=False),
    )
    return cast("AsyncCollection[RawBSONDocument]", found)


def _how_many_open(stored: int) -> int:
    return min(max(int(stored * _OPEN), _OPEN_LEAST), stored // 2)


def _next(
    n: int, stored: int, shapes: Moulds, places: Sequence[Place], chance: random.Random
) -> tuple[Mould, Fresh]:
    """The n-th order, the oldest first: closed ones over two years, then those that are open, of ten days."""
    now = int(time.time() * 1000)
    closed = stored - _how_many_open(stored)
    if n < closed:
        span = int(_YEARS.total_seconds() * 1000) - 12 * _DAY
        mould, at = chance.choice(shapes["closed"]), now - 12 * _DAY - span + span * n // closed
    else:
        until = chance.choices(("received", "called", "working", "judging"), (50, 20, 15, 15))[0]
        mould, at = (
            chance.choice(shapes[until]),
            now - 11 * _DAY + 10 * _DAY * (n - closed) // (stored - closed),
        )
    partner = chance.randrange(1000)
    fresh = Fresh(
        id=id_at(at, chance),
        area=places[n % len(places)].area,
        resident=resident(1000 + chance.randrange(max(200, stored // 10))),
        partner=UUID(racer(partner)) if partner < 64 else UUID(int=partner),
        shift=at - mould.opened_at,
        ahead=at - mould.opened_at if n < closed else 5 * _DAY + chance.randrange(20 * _DAY),
    )
    return mould, fresh


async def _fill_market(bench: Bench, chance: random.Random) -> None:
    """Partners in the registry, and open calls that they fit; both past the services."""
    database, now = bench.counters.mongo["partners"], datetime.now(UTC)
    long_ago = now - timedelta(days=1)  # who changed lately is read anew each second
    partners = [
        Registered(**market.partner(chance, n).model_dump(), changed_at=long_ago).model_dump(mode="json")
        for n in range(bench.wanted.partners)
    ]
    kept = [{"_id": one["id"], "version": 1, "value": one} for one in partners]
    calls = [market.call(chance) for _ in range(bench.wanted.partners // 10)]
    begun = int(time.time() * 1000) - _DAY
    entries = [
        {
            "_id": id_at(begun + n, chance), "version": 1, "said": 0, "told": 0, "heard": {}, "history": [],
            "state": {**call.model_dump(mode="json"), "until": call.until}, "find": found_by(call),
        }
        for n, call in enumerate(calls)
    ]  # fmt: skip
    for collection, some in (("registry", kept), ("calls", entries)):
        if some:
            await database[collection].insert_many(some, ordered=False)


def remembered(data: Path, wanted: dict[str, Any]) -> dict[str, Any] | None:
    """What a kept folder was filled with, if that is what is wanted now."""
    file = data / "stored.json"
    known: dict[str, Any] = json.loads(file.read_text("utf-8")) if file.exists() else {}
    return known["about"] if known.get("wanted") == wanted else None


def cleared(data: Path) -> None:
    """An empty place to fill. Raises OSError when something else than our data is there."""
    if data.exists():
        (data / "stored.json").unlink()  # whatever has none is not ours
        shutil.rmtree(data)
    data.mkdir(parents=True)
    (data / "stored.json").write_text("{}", "utf-8")


def remember(data: Path, wanted: dict[str, Any], about: dict[str, Any]) -> None:
    """Keep beside the data what it was filled with."""
    (data / "stored.json").write_text(json.dumps({"wanted": wanted, "about": about}, indent=1), "utf-8")
