"""5,000 grids are imported and changed while orders come in: each order's grid is right for the version it names."""

from __future__ import annotations

import argparse
import asyncio
import random
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import httpx
import orjson

from deploy.local.system import System
from services.dispatch.domain.ground.territory import Territory
from services.dispatch.settings import Settings
from tests.faults.harness import Given, Stored, Verdict, eventually, last, percentile
from tests.load.lands import EAST, NORTH, SOUTH, WEST, grid_at, land

_PARTS = ("mongod", "nats", "intake", "dispatch")
_API = "/api/dispatch/v1"
_GEOJSON = {"content-type": "application/geo+json"}
_PATIENCE = 60.0  # seconds
_SWITCH = 5.0  # seconds within which every replica has the new version; it looks once a second
_LOOK_UPS = 20_000


SHORT = {"changes": 2}


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--changes", type=int, default=5, help="versions that are imported one after the other (5)"
    )
    parser.add_argument("--at-once", type=int, default=6, help="people who order at the same time (6)")


@dataclass(slots=True)
class Campaign:
    """What happens while the territory changes. `shifts`: the borders of each version that was imported."""

    shifts: dict[int, float] = field(default_factory=dict)
    placed: int = 0
    asked: int = 0  # questions where a point lies
    wrong: list[str] = field(default_factory=list)
    over: bool = False


async def prove(given: Given, verdict: Verdict) -> None:
    first = Settings().first_ground().territory
    _time_look_ups(given, verdict)
    campaign = Campaign()
    async with (
        given.system(replicas={"dispatch": 2}, only=_PARTS) as system,
        Stored(system.mongo_admin_url) as stored,
        httpx.AsyncClient(trust_env=False, timeout=60) as client,
    ):
        people = [_order(given, system, client, campaign, n) for n in range(given.options.at_once)]
        busy = [asyncio.create_task(one) for one in [*people, _ask(given, system, client, campaign, first)]]
        try:
            await _change(given, system, client, campaign, verdict)
        finally:
            campaign.over = True
            await asyncio.gather(*busy)
        dispatches = stored.of("dispatch")

        async def all_have_a_grid() -> bool:
            return await dispatches.count_documents({"find.open": True}) == campaign.placed

        await eventually(all_have_a_grid, "every order to have its grid", _PATIENCE)
        await _judge(given, stored, campaign, first, verdict)
        await _apply(given, system, client, stored, campaign, verdict)
    verdict.check(not campaign.wrong, f"{len(campaign.wrong)} wrong answers, e.g. {campaign.wrong[:3]}")
    verdict.check(campaign.asked > 0, "nobody asked where a point lies")
    verdict.figure(f"{campaign.asked} questions where a point lies, {len(campaign.wrong)} wrong")


def _time_look_ups(given: Given, verdict: Verdict) -> None:
    begun = time.process_time()
    territory = Territory.surveyed(land(0.5)["features"], jurisdiction="370203", sliver=10)
    built, times, wrong = time.process_time() - begun, [], 0
    for _ in range(_LOOK_UPS):
        point = _point(given.chance)
        before = time.perf_counter_ns()
        found = territory.find(*point)
        times.append((time.perf_counter_ns() - before) / 1000)
        wrong += found.area != grid_at(*point, 0.5)
    verdict.check(wrong == 0, f"{wrong} look-ups are wrong")
    half, slowest = percentile(times, 0.5), percentile(times, 0.99)
    verdict.check(half < 1000, f"a look-up takes {half:.0f} µs")
    verdict.figure(
        f"5,000 grids checked in {built:.1f} s of CPU, look-up p50 {half:.0f} µs, p99 {slowest:.0f} µs"
    )


async def _order(
    given: Given, system: System, client: httpx.AsyncClient, campaign: Campaign, number: int
) -> None:
    """One order after the other, at points by chance, until the territory is done with."""
    chance = random.Random(given.chance.random())
    headers = {"authorization": f"Bearer {system.token(role='resident', sub=f'resident-{number}')}"}
    while not campaign.over:
        longitude, latitude = _point(chance)
        place = {"longitude": longitude, "latitude": latitude}
        order = {"category": "street_light", "text": "路灯不亮。", "place": place}
        url = f"{system.service_urls('intake')[0]}/api/intake/v1/orders"
        answer = await client.post(url, json=order, headers=headers)
        answer.raise_for_status()
        campaign.placed += 1


async def _ask(
    given: Given, system: System, client: httpx.AsyncClient, campaign: Campaign, first: Territory
) -> None:
    """Ask each replica in turn where a point lies; the answer names its version, and no replica goes back."""
    chance = random.Random(given.chance.random())
    headers = {"authorization": f"Bearer {system.token(role='resident', sub='resident-asks')}"}
    seen: Counter[str] = Counter()
    while not campaign.over:
        for url in system.service_urls("dispatch"):
            point = _point(chance)
            params = {"longitude": point[0], "latitude": point[1]}
            answer = await client.get(f"{url}{_API}/territory/locate", params=params, headers=headers)
            found = answer.json()
            campaign.asked += 1
            if answer.status_code != 200 or found["area"] != _right(campaign, first, found["version"], point):
                campaign.wrong.append(f"{point}: {found}")
            if found["version"] < seen[url]:
                campaign.wrong.append(f"{url} went back from {seen[url]} to {found['version']}")
            seen[url] = found["version"]


async def _change(
    given: Given, system: System, client: httpx.AsyncClient, campaign: Campaign, verdict: Verdict
) -> None:
    """Import one version after the other, and each time a faulty one, of which nothing may be taken."""
    headers = _district(system) | _GEOJSON
    imports, switches = [], []
    await last(1.0)
    for number in range(given.options.changes):
        version, shift = number + 2, round(given.chance.uniform(0.05, 0.95), 3)
        campaign.shifts[version] = shift
        urls = system.service_urls("dispatch")
        begun = time.monotonic()
        done = await _import(client, urls[number % 2], land(shift), headers)
        imports.append(time.monotonic() - begun)
        verdict.check((done["state"], done["version"]) == ("done", version), f"{version}: {done}")

        async def everywhere(urls: list[str] = urls, version: int = version) -> bool:
            return {await _version(client, url, headers) for url in urls} == {version}

        switches.append(await eventually(everywhere, f"version {version} everywhere", _PATIENCE))
        await last(1.0)
        faulty = land(0.5)
        faulty["features"][-1]["geometry"] = faulty["features"][-2]["geometry"]
        refused = await _import(client, urls[0], faulty, headers)
        verdict.check(refused["state"] == "refused", f"a faulty territory was {refused['state']}")
        verdict.check((refused["problem"] or {}).get("count") == 1, f"its one fault is not named: {refused}")
        given.say(f"version {version} is everywhere; {campaign.placed} orders so far")
    verdict.check(max(switches) <= _SWITCH, f"a replica had a version {max(switches):.1f} s after the import")
    verdict.figure(
        f"{len(imports)} imports under load, the longest {max(imports):.1f} s, "
        f"on all replicas at most {max(switches):.1f} s after"
    )


async def _import(
    client: httpx.AsyncClient, url: str, land: dict[str, Any], headers: dict[str, str]
) -> dict[str, Any]:
    """What came of it: it is work of its own, looked at until it ends, however busy the machine is."""
    asked = headers | {"prefer": "respond-async"}
    answer = await client.put(f"{url}{_API}/territory", content=orjson.dumps(land), headers=asked)
    at = f"{url}{answer.raise_for_status().headers['location']}"
    found: dict[str, Any] = {}

    async def ended() -> bool:
        nonlocal found
        found = (await client.get(at, headers=headers)).raise_for_status().json()
        return found["state"] not in ("checking", "moving")

    await eventually(ended, "an import to end", _PATIENCE)
    return found


async def _judge(
    given: Given, stored: Stored, campaign: Campaign, first: Territory, verdict: Verdict
) -> None:
    """Every order, against the version that it names."""
    versions: Counter[int] = Counter()
    wrong = []
    async for one in stored.of("dispatch").find({}, {"state": 1}):
        state = one["state"]
        version, point = state["territory_version"], (state["longitude"], state["latitude"])
        versions[version] += 1
        if state["area"] != _right(campaign, first, version, point):
            wrong.append(f"{one['_id']}: {state['area']} in version {version}")
    verdict.check(not wrong, f"{len(wrong)} orders have a wrong grid, e.g. {wrong[:3]}")
    known = set(campaign.shifts)  # what was placed before the first import moved with it
    verdict.check(set(versions) == known, f"orders name the versions {sorted(versions)}, not {sorted(known)}")
    verdict.figure(
        f"{sum(versions.values())} orders in {len(versions)} versions, {len(wrong)} in a wrong grid"
    )
    given.say(f"orders by version: {dict(sorted(versions.items()))}")


async def _apply(
    given: Given,
    system: System,
    client: httpx.AsyncClient,
    stored: Stored,
    campaign: Campaign,
    verdict: Verdict,
) -> None:
    """The newest version for all that is open: broken off, begun again, and by two at once."""
    newest = max(campaign.shifts)
    urls, headers = system.service_urls("dispatch"), _district(system)

    async def run(url: str, most: int = 1_000_000) -> int:
        cursor, moved = None, 0
        for _ in range(most):
            answer = await client.post(
                f"{url}{_API}/territory/application", json={"cursor": cursor}, headers=headers
            )
            answer.raise_for_status()
            cursor, moved = answer.json()["next"], moved + answer.json()["moved"]
            if cursor is None:
                break
        return moved

    before = await _told(stored)
    begun = time.monotonic()
    moved = await run(urls[0], most=2) + sum(await asyncio.gather(*(run(url) for url in urls)))
    took = time.monotonic() - begun
    told, wrong = await _told(stored), 0
    async for one in stored.of("dispatch").find({}, {"state": 1}):
        state = one["state"]
        right = grid_at(state["longitude"], state["latitude"], campaign.shifts[newest])
        wrong += (state["area"], state["territory_version"]) != (right, newest)
    verdict.check(wrong == 0, f"{wrong} orders are not where the newest version has them")
    verdict.check(told > before, "nothing moved, so nothing was shown")
    verdict.check(moved == told - before, f"{moved} were said to move, {told - before} did")
    intake = stored.of("intake")

    async def intake_knows() -> bool:
        said = {"$match": {"state.timeline.event": "dispatch_moved"}}
        lines: list[dict[str, Any]] = [{"$unwind": "$state.timeline"}, said, {"$count": "n"}]
        counted = [one async for one in await intake.aggregate(lines)]
        return bool(counted) and counted[0]["n"] == told

    await eventually(intake_knows, "intake to know where they lie", _PATIENCE)
    verdict.check(await run(urls[0]) == 0, "applied again it moved something")
    verdict.figure(f"applied to all in {took:.1f} s by two at once: {moved} moved, each once")
    given.say("the newest version is applied")


async def _told(stored: Stored) -> int:
    """How often it was said that an order lies elsewhere."""
    found = stored.of("dispatch").find({}, {"history.type": 1})
    return sum([event["type"] == "dispatch_moved.v1" async for one in found for event in one["history"]])


def _right(campaign: Campaign, first: Territory, version: int, point: tuple[float, float]) -> str:
    """By arithmetic, or, in the version from the files, by a territory of our own."""
    if version in campaign.shifts:
        return grid_at(*point, campaign.shifts[version])
    return first.find(*point).area


def _point(chance: random.Random) -> tuple[float, float]:
    return chance.uniform(WEST, EAST), chance.uniform(SOUTH, NORTH)


def _district(system: System) -> dict[str, str]:
    return {"authorization": f"Bearer {system.token(role='district', sub='district-1', area='370203')}"}


async def _version(client: httpx.AsyncClient, url: str, headers: dict[str, Any]) -> int:
    params = {"longitude": WEST + 0.001, "latitude": SOUTH + 0.001}
    answer = await client.get(f"{url}{_API}/territory/locate", params=params, headers=headers)
    return int(answer.json()["version"])
