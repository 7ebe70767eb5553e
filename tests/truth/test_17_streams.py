"""Who watches takes nothing from who asks: streams have bounds of their own, of a person, of an order, and in all."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any
from uuid import uuid4

import httpx
import pytest
import pytest_asyncio

from deploy.demo.cast import everywhere
from deploy.local.system import PARTS, System
from tests.e2e.conftest import WITHIN
from tests.e2e.test_bad_input import GOOD, ORDERS, is_problem, signed

pytestmark = pytest.mark.asyncio(loop_scope="session")

AREA = everywhere()[30].community
WIDE = {
    "HEHUO_STREAMS_OF_PERSON": "1000",
    "HEHUO_STREAMS_OF_ENTRY": "1000",
}  # so that the gateway's bound is met
NARROW_GATEWAY = {"HEHUO_GATEWAY_REQUESTS": "64", "HEHUO_GATEWAY_STREAMS": "32", **WIDE}
NARROW = {"HEHUO_STREAMS_OF_PERSON": "4", "HEHUO_STREAMS_OF_ENTRY": "6", "HEHUO_STREAMS_AT_ONCE": "9"}


@asynccontextmanager
async def started(folder: Any, env: dict[str, str]) -> AsyncIterator[tuple[System, httpx.AsyncClient]]:
    parts = [part for part in PARTS if part != "web"]
    endless = httpx.Limits(max_connections=None, max_keepalive_connections=0)
    async with (
        System(folder, only=parts, env=env) as system,
        httpx.AsyncClient(
            base_url=system.gateway_url, trust_env=False, timeout=WITHIN, limits=endless
        ) as plain,
    ):
        yield system, plain


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def narrow_gateway(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Any]:
    async with started(tmp_path_factory.mktemp("gateway"), NARROW_GATEWAY) as both:
        yield both


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def narrow(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Any]:
    async with started(tmp_path_factory.mktemp("narrow"), NARROW) as both:
        yield both


async def ordered(system: System, plain: httpx.AsyncClient, sub: str) -> str:
    """The address of the stream of an order of this resident."""
    headers = {**signed(system, role="resident", sub=sub), "idempotency-key": uuid4().hex}
    made = await plain.post(ORDERS, json=GOOD, headers=headers)
    assert made.status_code == 201, made.text
    return f"{ORDERS}/{made.json()['id']}/live"


class Watching:
    """Streams that are held open, and the answers to those that were refused."""

    def __init__(self, plain: httpx.AsyncClient) -> None:
        self._plain = plain
        self.stack = AsyncExitStack()
        self._held: list[AsyncIterator[bytes]] = []
        self.refused: list[httpx.Response] = []

    @property
    def open(self) -> int:
        return len(self._held)

    async def watch(self, path: str, headers: dict[str, str]) -> None:
        stream = self._plain.stream("GET", path, headers=headers)
        answer = await self.stack.enter_async_context(stream)
        if answer.status_code == 200:
            chunks = answer.aiter_raw()
            assert b"retry" in await anext(chunks)
            self._held.append(chunks)  # one that nobody holds is closed
        else:
            await answer.aread()
            self.refused.append(answer)


async def test_streams_of_one_resident_leave_the_requests_of_others_alone(narrow_gateway: Any) -> None:
    """At a gateway of 64 requests and 32 streams a resident opens 100 streams, and the others are answered at once.

    Before (d86edb6): with the one bound lowered from 8,192 to 64, 64 streams were open, 36 waited, and so did the
    requests of others: none was answered within 10 s.
    """
    system, plain = narrow_gateway
    path, own = await ordered(system, plain, "watcher"), signed(system, role="resident", sub="watcher")
    watching = Watching(plain)
    async with watching.stack:
        await asyncio.wait_for(asyncio.gather(*(watching.watch(path, own) for _ in range(100))), WITHIN)
        assert watching.open == 32
        for answer in watching.refused:
            is_problem(answer, 503)
            assert int(answer.headers["retry-after"]) > 0
        async with asyncio.timeout(WITHIN / 2):
            await asyncio.gather(*(ordered(system, plain, f"other-{n}") for n in range(20)))


async def test_a_person_an_order_and_a_process_have_bounds_and_who_leaves_makes_room(narrow: Any) -> None:
    """Four of one person, six of one order, nine in all are open; the next is told why, and when to come again.

    Before (d86edb6): there was no bound at all.
    """
    system, plain = narrow
    mine, other = [await ordered(system, plain, sub) for sub in ("mine", "other")]
    own, others = [signed(system, role="resident", sub=sub) for sub in ("mine", "other")]
    staff = [signed(system, role="community", sub=f"c-{n}", area=AREA) for n in range(6)]
    watching = Watching(plain)
    async with watching.stack:
        for _ in range(5):
            await watching.watch(mine, own)
        await watching.watch(mine, staff[0])
        await watching.watch(mine, staff[1])
        assert watching.open == 6
        await watching.watch(mine, staff[2])
        for answer in watching.refused:
            assert is_problem(answer, 429)["type"] == "/problems/too-many-streams"
            assert answer.headers["retry-after"] == "5"
        assert [answer.json()["of"] for answer in watching.refused] == ["person", "entry"]
        for by in (others, others, others):
            await watching.watch(other, by)
        await watching.watch(other, staff[3])
        assert (watching.open, len(watching.refused)) == (9, 3)
        assert is_problem(watching.refused[-1], 503)["type"] == "/problems/too-busy"
        assert watching.refused[-1].headers["retry-after"]

    async def room() -> bool:
        again = Watching(plain)
        async with again.stack:
            for _ in range(4):
                await again.watch(mine, own)
        return again.open == 4

    async with asyncio.timeout(WITHIN):
        while not await room():
            pass
