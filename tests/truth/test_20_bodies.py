"""Bodies that cost more than they are worth: nobody else waits for them, and no replica grows by them."""

from __future__ import annotations

import asyncio
import json
import math
import re
import time
from contextlib import suppress
from itertools import product
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import orjson
import pytest

from deploy.demo.cast import everywhere
from deploy.demo.waiting import until
from deploy.docs import openapi
from deploy.local.system import System
from shared.naming import SERVICES
from shared.quick import MOST_VALUES
from tests.e2e.desk import Desk

pytestmark = pytest.mark.asyncio(loop_scope="session")

PLACE = everywhere()[30]
GEOJSON = {"content-type": "application/geo+json"}
MIB = 1024 * 1024
SLOWEST = 5.0  # seconds that somebody else waits at most, on a machine however busy; it was 19
GROWN = 150 * MIB


def rays(points: int, rings: int = 1) -> bytes:
    """Rings of as many spikes as they have points, out of one middle: all edges near all others, and none wrong."""
    ring = [
        [
            120.38 + (0.01 if n % 2 else 0.0001) * math.cos(2 * math.pi * n / points),
            36.09 + (0.01 if n % 2 else 0.0001) * math.sin(2 * math.pi * n / points),
        ]
        for n in range(points)
    ]
    properties = {"code": PLACE.area, "name": {"zh": "格"}}
    geometry = {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}
    feature = {"type": "Feature", "properties": properties, "geometry": geometry}
    return orjson.dumps({"type": "FeatureCollection", "features": [feature] * rings})


ATTACKS = {
    "one ring of 10^5 points": rays(100_000),
    "four rings of 10^4 points": rays(9_990, 4),
    "features that are ones": b'{"type":"FeatureCollection","features":[' + b"1," * (5 * MIB - 100) + b"1]}",
    "ones": b"[" + b"1," * (5 * MIB - 10) + b"1]",
    "lists in lists": b'{"type":"FeatureCollection","features":[' + b"[]," * (3 * MIB) + b"1]}",
    "deep": b"[" * (10 * MIB),
}  # fmt: skip


def resident_bytes(system: System, service: str = "dispatch") -> int:
    """What a service has in memory now."""
    (pid,) = system.pids(service)
    status = Path(f"/proc/{pid}/status").read_text("ascii")
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    assert found
    return int(found[1]) * 1024


@pytest.mark.parametrize("attack", ATTACKS)
async def test_a_costly_territory_is_refused_and_others_are_answered_meanwhile(
    system: System, plain: httpx.AsyncClient, attack: str
) -> None:
    """Everybody else who asks dispatch while somebody imports nonsense.

    Before (d86edb6): features that are ones took 875 MiB and 15 s, lists in lists 412 MiB; others waited 0.7 s;
    when it was reported, a ring of 10^5 points held a replica for 20 to 42 s of CPU while others waited 19 to 26 s.
    """
    district = Desk(plain, system.token(role="district", sub="district-bodies", area="370203"))
    before, slowest, over = resident_bytes(system), 0.0, asyncio.Event()
    most = before

    async def others() -> None:
        nonlocal slowest, most
        while not over.is_set():
            begun = time.perf_counter()
            await district.ask("GET", "/territory/locate?longitude=120.39&latitude=36.09", 200)
            slowest = max(slowest, time.perf_counter() - begun)
            most = max(most, resident_bytes(system))

    asking = asyncio.create_task(others())
    begun = time.perf_counter()
    try:
        headers = {
            "authorization": f"Bearer {system.token(role='district', sub='d', area='370203')}",
            **GEOJSON,
        }
        path = f"/api/dispatch/v1/territory?area={PLACE.area}"
        answer = await plain.put(path, content=ATTACKS[attack], headers=headers, timeout=120)
        while answer.status_code == 202 or (
            answer.status_code == 200 and answer.json().get("state") in ("checking", "moving")
        ):
            answer = await plain.get(
                f"/api/dispatch/v1/territory/imports/{answer.json()['id']}", headers=headers
            )
    finally:
        took = time.perf_counter() - begun
        over.set()
        await asking
    grown = (most - before) / MIB
    print(f"{attack}: {answer.status_code} in {took:.1f} s; others {slowest:.2f} s, {grown:.0f} MiB more")
    refused = answer.status_code in (409, 413, 422) or answer.json().get("state") in ("refused", "failed")
    assert refused, answer.text[:300]
    assert slowest < SLOWEST
    assert most - before < GROWN


async def test_an_import_whose_process_dies_fails_and_the_next_one_is_taken(
    system: System, plain: httpx.AsyncClient
) -> None:
    """Whoever waits for an import reads that it is lost, and may bring it again.

    Before (d86edb6): the connection was cut, and nobody knew.
    """
    headers = {"authorization": f"Bearer {system.token(role='district', sub='d', area='370203')}", **GEOJSON}
    path = "/api/dispatch/v1/territory"
    costly = rays(9_990, 22)
    at_once = {**headers, "prefer": "respond-async"}
    begun = await plain.put(f"{path}?area={PLACE.area}", content=costly, headers=at_once)
    assert begun.status_code == 202, begun.text
    await system.kill("dispatch")

    async def over() -> dict[str, Any] | None:
        answer = await plain.get(begun.headers["location"], headers=headers)
        known = answer.status_code == 200 and answer.json()["state"] != "checking"
        return answer.json() if known else None

    assert (await until(over, "the import to be known as lost", 90))["problem"][
        "type"
    ] == "/problems/import-lost"
    now = await plain.get(f"{path}?area={PLACE.area}", headers=headers)
    again = await plain.put(f"{path}?area={PLACE.area}", content=now.content, headers=headers)
    assert again.status_code == 200, again.text


async def test_a_territory_that_is_far_too_large_is_told_so(system: System) -> None:
    """Somebody who sends thirty megabytes reads how many they may send.

    Before (d86edb6): 503, please try again; or the connection was cut.
    """
    headers = {"authorization": f"Bearer {system.token(role='district', sub='d', area='370203')}", **GEOJSON}
    headers |= {"host": "x", "content-length": str(30 * MIB)}
    lines = [
        "PUT /api/dispatch/v1/territory HTTP/1.1",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    url = httpx.URL(system.gateway_url)
    reading, writing = await asyncio.open_connection(url.host, url.port)
    writing.write("\r\n".join([*lines, "", ""]).encode() + b" " * 1024)
    async with asyncio.timeout(20):  # as those who listen while they send
        answer = await reading.readuntil(b"\r\n\r\n") + await reading.read(4096)
    writing.close()
    assert answer.startswith(b"HTTP/1.1 413"), answer
    assert b'"/problems/too-large"' in answer
    assert b'"most":%d' % (10 * MIB) in answer


KIB_255 = 255 * 1024
FULL = b"1," * (KIB_255 // 2 - 20), b'{"a":1},' * (KIB_255 // 8 - 20)  # as large as a body may be
AS_MANY = b"1," * (MOST_VALUES - 2), b'{"a":1},' * (MOST_VALUES - 2)  # as many values as there may be
NOBODY = UUID("01900000-0000-7000-8000-0000000000ff")
ROLES: dict[str, dict[str, str]] = {
    "district": {"area": "370203"}, "department": {"department": "sewage"}, "partner": {"partner": str(NOBODY)},
    "resident": {},
}  # fmt: skip


def routes_with_a_body(service: str) -> list[tuple[str, str, list[str]]]:
    """Method and path of each but the territory's, and which of its fields are lists; ids are made up."""
    document = openapi.of_service(service)
    found = []
    for method, path, operation in openapi.operations(document):
        if "requestBody" not in operation or path.endswith("/territory"):
            continue
        form = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
        fields = document["components"]["schemas"][form]["properties"].items()
        lists = [name for name, one in fields if '"items"' in json.dumps(one)]
        numbered = re.sub(r"{[a-z_]*number}", "1", path)
        found.append((method.upper(), re.sub(r"{[^}]+}", str(NOBODY), numbered), lists))
    return found


@pytest.mark.parametrize("service", SERVICES)
async def test_a_body_of_ones_is_refused_by_every_route(
    system: System, plain: httpx.AsyncClient, service: str
) -> None:
    """Whoever sends nonsense to any route, wherever it takes a list, costs the service next to no memory.

    Before (e41bcb1): one body of 255 KiB, `{"a":1}` in a list that takes twenty, took 179 MiB of dispatch for good
    (`POST …/rounds`), 150 MiB of partners and 49 MiB of intake: each value was a fault of its own, with its words.
    """
    tokens = [system.token(role=role, sub=role, **more) for role, more in ROLES.items()]

    async def send(method: str, path: str, body: bytes) -> int:
        """As the first who may ask at all."""
        for token in tokens:
            headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
            answer = await plain.request(method, path, content=body, headers=headers)
            if answer.status_code != 403:
                return answer.status_code
        return 403

    before, routes = resident_bytes(system, service), routes_with_a_body(service)
    for method, path, lists in routes:
        forms = (b"[%s1]", *(b'{"%s":[%%s1]}' % name.encode() for name in ("text", *lists)))
        for form, some in product(forms, (*FULL, *AS_MANY)):
            assert await send(method, path, form % some) == 422, f"{method} {path} {form!r}"
    grown = (resident_bytes(system, service) - before) / MIB
    with suppress(httpx.ReadError, httpx.WriteError):  # who sends on may be cut off before they read why
        assert await send(*routes[-1][:2], b"[" + b"1," * (5 * MIB) + b"1]") == 413
    assert grown < 60, f"{service}: {grown:.0f} MiB more"
