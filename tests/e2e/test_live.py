"""The live stream of one order: every line once, in order, for whoever comes early, late, or is cut off."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

import httpx
import pytest
from httpx_sse import ServerSentEvent, aconnect_sse

from deploy.demo.cast import Cast
from deploy.demo.drying_rack import DRYING_RACK
from deploy.demo.story import Case
from deploy.local.system import System
from tests.e2e.conftest import WITHIN

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def everything(events: AsyncGenerator[ServerSentEvent]) -> list[tuple[str, str, Any]]:
    async with aclosing(events):
        return [(event.id, event.event, json.loads(event.data)) async for event in events]


async def test_early_and_late_listeners_get_the_same_and_the_stream_ends(cast: Cast) -> None:
    case = Case(DRYING_RACK, cast, WITHIN)
    early = None
    async for _ in case.play():
        early = early or asyncio.create_task(
            everything(case.resident.live(case.record.path("intake", "live")))
        )
    assert early is not None
    seen = await asyncio.wait_for(early, WITHIN)
    late = await asyncio.wait_for(everything(case.resident.live(case.record.path("intake", "live"))), WITHIN)
    assert late[: len(seen)] == seen
    assert [id for id, _, _ in late] == [str(number) for number in range(1, len(late) + 1)]
    assert [event for _, event, _ in late] == [data["line"]["event"] for _, _, data in late]
    assert late[-1][2]["progress"] == "closed"


async def test_a_listener_that_comes_back_gets_what_it_missed_and_nothing_twice(
    cast: Cast, system: System, plain: httpx.AsyncClient
) -> None:
    case = Case(DRYING_RACK, cast, WITHIN)
    async for _ in case.play():
        pass
    whole = await everything(case.resident.live(case.record.path("intake", "live")))
    token = system.token(role="resident", sub=case.resident.id)
    headers = {"authorization": f"Bearer {token}", "last-event-id": "5"}
    async with aconnect_sse(plain, "GET", case.record.path("intake", "live"), headers=headers) as stream:
        events = [event async for event in stream.aiter_sse() if event.data]
    assert events[-1].event == "end"
    rest = [(event.id, event.event, json.loads(event.data)) for event in events[:-1]]
    assert rest == whole[5:]


async def test_a_stream_outlives_the_death_of_its_service(cast: Cast, system: System) -> None:
    case = Case(DRYING_RACK, cast, WITHIN)
    watching, killed = None, False
    async for step in case.play():
        if watching is None:
            watching = asyncio.create_task(everything(case.resident.live(case.record.path("intake", "live"))))
        if step.shows == ("dispatch_assigned",):
            await system.kill("intake")
            killed = True
    assert killed
    assert watching is not None
    seen = await asyncio.wait_for(watching, WITHIN)
    assert [id for id, _, _ in seen] == [str(number) for number in range(1, len(seen) + 1)]
    assert seen[-1][2]["progress"] == "closed"
    await system.wait_ready(WITHIN)


async def test_a_service_that_is_told_to_stop_ends_its_streams_in_order(
    cast: Cast, system: System, plain: httpx.AsyncClient
) -> None:
    """It does not wait for those who listen, and does not break off in the middle either."""
    case = Case(DRYING_RACK, cast, WITHIN)
    async for _ in case.play():
        break
    token, path = system.token(role="resident", sub=case.resident.id), case.record.path("intake", "live")
    async with aconnect_sse(
        plain, "GET", path, headers={"authorization": f"Bearer {token}"}, timeout=WITHIN
    ) as stream:
        events = stream.aiter_sse()
        assert (await anext(events)).retry == 1000
        stopping = asyncio.create_task(system.stop_part("intake"))
        rest = [event async for event in events]  # a stream that is cut off raises
        await stopping
    said = (system.folder.logs / "intake.0.log").read_text("utf-8").splitlines()
    await system.start_part("intake")
    assert "end" not in [event.event for event in rest], "the order goes on, and who listens comes back"
    assert '"event": "drained"' in said[-1]
    assert not [line for line in said if "graceful shutdown exceeded" in line], "the server had to end it"
