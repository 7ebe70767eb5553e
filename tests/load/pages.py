"""What people look at: work lists, one order, the map, figures, who fits a need."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from urllib.parse import urlencode
from uuid import UUID

from shared.periods import midnight
from tests.load.client import Client, request
from tests.load.figures import Seen, percentile
from tests.load.load import hammer, one_by_one
from tests.load.mould import ZONE
from tests.load.place import Bench
from tests.unit.partners.matching import market

_LOOKED_AT = 500  # orders
_ASKED = 120  # rankings and boards: one after the other
_PERIODS = 6


class Look(NamedTuple):
    """`items`: how many the answer must hold, so that an emptier list does not count as a quicker one."""

    what: str
    service: str
    make: Callable[[], bytes]
    callers: int
    items: int = 0


async def pages(bench: Bench) -> list[Seen]:
    """Behind the services' own ports, past the gateway."""
    chance, people = bench.chance, bench.people
    communities, ids = list(people.community.values()), await _orders(bench)

    def staff(path: str) -> Callable[[], bytes]:
        return lambda: request("GET", f"/api/dispatch/v1{path}", chance.choice(communities))

    def district(path: str) -> Callable[[], bytes]:
        return lambda: request("GET", f"/api/dispatch/v1{path}", people.district)

    def one() -> bytes:
        return request("GET", f"/api/intake/v1/orders/{chance.choice(ids)}", people.district)

    looks = (
        Look("page of 20 of an open state", "dispatch", staff("/dispatches?state=received&limit=20"), 16, 20),
        Look("page of 100 of an open state", "dispatch", staff("/dispatches?state=received&limit=100"), 16, 100),
        Look("one order with its timeline", "intake", one, 16),
        Look("page of 20 of a category, whole district", "dispatch", district("/dispatches?category=noise"), 16, 20),
        Look("page of 20 of what is due", "dispatch", staff("/dispatches?list=due&hours=720"), 16, 20),
        Look("counts of all lists", "dispatch", staff("/counts"), 4),
        Look("map of 4,000 places", "dispatch", district("/map?state=closed"), 1),
    )  # fmt: skip
    return [await _rate(bench, look) for look in looks]


async def _orders(bench: Bench) -> Sequence[UUID]:
    """Some of those that are stored, of all ages."""
    sample = [{"$sample": {"size": _LOOKED_AT}}, {"$project": {"_id": 1}}]
    found = await bench.counters.mongo["intake"]["orders"].aggregate(sample)
    return [one["_id"] for one in await found.to_list()]


async def _rate(bench: Bench, look: Look) -> Seen:
    url = bench.system.service_urls(look.service)[0]
    client = Client(url)
    first = await client.send(look.make())
    client.close()
    assert first.status == 200, first.body[:300]
    found = first.json()
    items = len(found["items"]) if look.items else 0
    load = await hammer(url, look.make, look.callers, bench.wanted.seconds, 200)
    assert not load.refused, f"{look.what}: {load.refused} were refused"
    callers = f"{look.callers} caller{'s' if look.callers > 1 else ''}"
    short = f"; only {items} items" if items < look.items else ""
    return Seen(f"{look.what}, {callers}", load.rate, "/s", f"{load}; {len(first.body):,} bytes{short}")


async def rankings(bench: Bench) -> list[Seen]:
    """One after the other, through the gateway where people ask; what is kept for a minute is asked for anew."""
    calls, made_up = bench.counters.mongo["partners"]["calls"], market.call(bench.chance).title
    open_ones = await calls.find({"state.state": "open", "state.title": made_up}, {"_id": 1}).to_list(2000)
    ids = [one["_id"] for one in open_ones]
    partners = await bench.counters.mongo["partners"]["registry"].find({}, {"_id": 1}).to_list(5000)
    if not ids:
        return []
    matches = [
        request("GET", f"/api/partners/v1/calls/{bench.chance.choice(ids)}/matches?limit=100", bench.people.district)
        for _ in range(_ASKED)
    ]  # fmt: skip
    boards = []
    for _ in range(_ASKED):
        partner = bench.chance.choice(partners)["_id"]
        token = bench.system.token(role="partner", sub=f"member-{partner[-8:]}", partner=partner)
        boards.append(request("GET", "/api/partners/v1/board?limit=20", token))
    gateway = bench.system.gateway_url
    return [
        *_both("partners of a call at the gateway", await one_by_one(gateway, matches)),
        *_both("a partner's board at the gateway", await one_by_one(gateway, boards)),
        *await _figures(bench),
    ]


async def _figures(bench: Bench) -> list[Seen]:
    """Each area and period for the first time: nothing of it is kept yet. Of whole days, as people ask."""
    today, found = midnight(datetime.now(UTC), ZONE), []
    periods = [(today - timedelta(days=300 + n), today - timedelta(days=n)) for n in range(_PERIODS)]

    def between(since: datetime, until: datetime) -> str:
        return urlencode({"since": since.isoformat(), "until": until.isoformat()})

    asked = {
        "figures of the district": [f"/api/dispatch/v1/figures?{between(*period)}" for period in periods],
        "rates of an area and period": [f"/api/evaluation/v1/rates?{between(*period)}" for period in periods],
        "points of partners": [
            f"/api/partners/v1/ranking?period={year}{part}" for year in (2025, 2026) for part in ("", "-Q2", "-Q4")
        ],
    }  # fmt: skip
    for what, paths in asked.items():
        requests = [request("GET", path, bench.people.district) for path in paths]
        found.append(
            Seen(f"{what}, p50", percentile(await one_by_one(bench.system.gateway_url, requests), 0.5), "ms")
        )
    return found


def _both(what: str, times: list[float]) -> list[Seen]:
    return [
        Seen(f"{what}, p50", percentile(times, 0.5), "ms"),
        Seen(f"{what}, p99", percentile(times, 0.99), "ms"),
    ]
