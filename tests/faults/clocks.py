"""Each clock strikes once, never early and at most 5 s late: killed, frozen, three processes, one 10 minutes off."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx

from deploy.local.system import System
from tests.faults.harness import Given, Stored, Verdict, eventually, last, percentile

_PARTS = ("mongod", "nats", "intake", "dispatch")
_LATE = 5.0  # seconds that a clock may be late while one process after the other fails
_FROZEN = 6.0  # seconds: longer than a lease
_SAYS = ["limit_judged", "whistle_blown"]  # once each: the limit was not kept, and the next level is called
_FAR = timedelta(days=30)
_FAKETIME = Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1")
_HAS_FAKETIME = _FAKETIME.exists()
_PLACE = {"longitude": 120.3638, "latitude": 36.0927}


SHORT = {"clocks": 120, "seconds": 14, "burst": 1000}


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--clocks", type=int, default=400, help="that strike while processes fail (400)")
    parser.add_argument("--seconds", type=float, default=40, help="in which they strike (40)")
    parser.add_argument("--burst", type=int, default=10_000, help="that are due at one moment (10,000)")


async def prove(given: Given, verdict: Verdict) -> None:
    async with (
        given.system(replicas={"dispatch": 2}, only=_PARTS) as system,
        Stored(system.mongo_admin_url) as stored,
        _ten_minutes_off(system, verdict),
    ):
        pattern = await _one_order(system, stored)
        await system.stop_part("intake")  # it has not heard of the copies, and would ask for all of them
        seconds = given.options.seconds
        begin = datetime.now(UTC) + timedelta(seconds=3)
        ends = [
            begin + timedelta(seconds=given.chance.uniform(0, seconds)) for _ in range(given.options.clocks)
        ]
        ids = await _set(given, stored, pattern, ends)
        given.say(f"{len(ids)} clocks strike within {seconds:.0f} s")
        faults = await _fail(given, system, begin + timedelta(seconds=seconds))
        lates = await _judge(stored, ids, verdict, within=60)
        verdict.check(faults > 0, "no process was killed or frozen")
        verdict.check(max(lates) <= _LATE, f"a clock was {max(lates):.1f} s late")
        verdict.figure(
            f"{len(ids)} clocks with {faults} faults, late p50 {percentile(lates, 0.5):.2f} s, most {max(lates):.2f} s"
        )
        moment = datetime.now(UTC) + timedelta(seconds=15)
        ids = await _set(given, stored, pattern, [moment] * given.options.burst)
        verdict.check(datetime.now(UTC) < moment, "the burst was not set in time")
        given.say(f"{len(ids)} clocks are due at one moment")
        lates = await _judge(stored, ids, verdict, within=120)
        verdict.figure(f"{len(ids)} due at one moment worked off in {max(lates):.1f} s")


@contextlib.asynccontextmanager
async def _ten_minutes_off(system: System, verdict: Verdict) -> AsyncIterator[None]:
    """One more process of dispatch, whose own clock is 10 minutes ahead."""
    if not _HAS_FAKETIME:
        verdict.figure("no libfaketime here: no process had a wrong clock")
        yield
        return
    proc = Path(f"/proc/{system.pids('dispatch')[0]}")
    command = proc.joinpath("cmdline").read_bytes().decode().split("\0")[:-1]
    env = dict(
        one.split("=", 1) for one in proc.joinpath("environ").read_bytes().decode().split("\0") if "=" in one
    )
    own_port = str(httpx.URL(system.service_urls("dispatch")[0]).port)
    command = [one.replace(own_port, "0") for one in command]
    env |= {"LD_PRELOAD": str(_FAKETIME), "FAKETIME": "+10m", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
    process = await asyncio.create_subprocess_exec(
        *command, env=env, cwd=(proc / "cwd").readlink(),
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        await last(3.0)
        verdict.check(process.returncode is None, "the process with the wrong clock does not run")
        yield
        verdict.check(process.returncode is None, "the process with the wrong clock has ended")
        verdict.figure("one process 10 minutes ahead")
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def _one_order(system: System, stored: Stored) -> dict[str, Any]:
    """The stored dispatch of one order, as the pattern of the others."""
    headers = {"authorization": f"Bearer {system.token(role='resident', sub='resident-1')}"}
    order = {"category": "street_light", "text": "路灯不亮。", "place": _PLACE}
    async with httpx.AsyncClient(trust_env=False, timeout=60) as client:
        url = f"{system.service_urls('intake')[0]}/api/intake/v1/orders"
        answer = await client.post(url, json=order, headers=headers)
    answer.raise_for_status()
    id, found = UUID(answer.json()["id"]), stored.of("dispatch")

    async def opened() -> bool:
        return await found.count_documents({"_id": id, "said": 1, "told": 1}) == 1

    await eventually(opened, "the order to be opened", 60)
    pattern = await found.find_one({"_id": id})
    assert pattern is not None
    return pattern


async def _set(
    given: Given, stored: Stored, pattern: dict[str, Any], ends: list[datetime]
) -> dict[UUID, datetime]:
    """As many dispatches that nobody takes, each with one clock. Returns when each is due."""
    ends = [end.replace(microsecond=end.microsecond // 1000 * 1000) for end in ends]  # as it is stored
    due = {UUID(int=pattern["_id"].int ^ given.chance.getrandbits(60)): end for end in ends}
    entries = [
        {
            **pattern,
            "_id": id,
            "state": {**pattern["state"], "due": {"dispatch": end, "close_by": end + _FAR}},
            "due_at": end,
        }
        for id, end in due.items()
    ]
    for start in range(0, len(entries), 1000):
        await stored.of("dispatch").insert_many(entries[start : start + 1000])
    return due


async def _fail(given: Given, system: System, until: datetime) -> int:
    """Kill or freeze one of the two ordinary processes after the other; one is always well. Returns how often."""
    faults = 0
    while datetime.now(UTC) < until:
        replica = faults % 2
        with contextlib.suppress(ProcessLookupError):
            if given.chance.random() < 0.5:
                pid = await system.kill(replica=replica, part="dispatch", how=signal.SIGSTOP)
                await last(_FROZEN)
                os.kill(pid, signal.SIGCONT)
            else:
                await system.kill("dispatch", replica)
                await last(4.0)
            faults += 1
        await last(1.0)
    return faults


async def _judge(stored: Stored, due: dict[UUID, datetime], verdict: Verdict, within: float) -> list[float]:
    """Wait until all have struck; each once, none early. Returns how late they were, in seconds."""
    found, ids = stored.of("dispatch"), list(due)

    async def struck() -> bool:
        wanted = {"_id": {"$in": ids}, "state.due.dispatch": {"$exists": True}}
        return await found.count_documents(wanted) == 0

    await eventually(
        struck,
        "all clocks to strike",
        within + max(0.0, (max(due.values()) - datetime.now(UTC)).total_seconds()),
    )
    lates, odd = [], []
    async for one in found.find({"_id": {"$in": ids}}, {"history": 1}):
        struck_by = [event for event in one["history"] if event["cause"] == "clock:dispatch"]
        late = [(event["at"] - due[one["_id"]]).total_seconds() for event in struck_by]
        if [event["type"].partition(".")[0] for event in struck_by] != _SAYS or min(late) < 0:
            odd.append(f"{one['_id']} struck {[event['type'] for event in struck_by]}, {late} s late")
        lates += late[:1]
    verdict.check(not odd, f"{len(odd)} clocks are wrong, e.g. {odd[:3]}")
    verdict.check(len(lates) == len(due), f"{len(lates)} strikes of {len(due)} clocks")
    return lates
