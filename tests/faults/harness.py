"""What every proof is made of: a system of its own, a verdict, waiting, and a look into the servers."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import random
import resource
import sys
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from uuid import UUID

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js import JetStreamContext
from nats.js.api import RawStreamMsg
from pymongo.asynchronous.collection import AsyncCollection

from deploy.demo.check import Lists, Unsettled, settle
from deploy.demo.record import Record
from deploy.demo.said import SAID
from deploy.demo.waiting import Stuck, until
from deploy.local import outside
from deploy.local.system import PARTS, System
from shared.naming import SERVICES, Names
from shared.store.sums import counts_in

SERVERS = ("mongod", "nats")
EVERYTHING = tuple(part for part in PARTS if part != "web")  # pages for people: no proof reads them
_AT_ONCE = 256  # messages under way
_SHOWN, _LONGEST = 12, 600  # findings that are printed, and so much of each


@dataclass(frozen=True, slots=True)
class Given:
    """What a proof gets. All chance comes from `chance`, so that a finding can be seen again by its seed."""

    name: str
    seed: int
    chance: random.Random
    options: argparse.Namespace
    folder: Path  # of this proof alone; gone afterwards
    began: float = field(default_factory=time.monotonic)

    def say(self, text: str) -> None:
        """One line of progress."""
        print(f"{time.monotonic() - self.began:6.1f} s  {text}", flush=True)

    @contextlib.asynccontextmanager
    async def system(
        self,
        *,
        replicas: Mapping[str, int] | None = None,
        env: Mapping[str, str] | None = None,
        only: Collection[str] = EVERYTHING,
    ) -> AsyncIterator[System]:
        """A system of its own, its data in the proof's folder. `only`: without the pages for people by default."""
        begun, data = time.monotonic(), self.folder / "data"
        async with System(data, replicas=replicas, env=env, only=only, say=self._overheard) as system:
            self.say(f"a system of its own is up after {time.monotonic() - begun:.1f} s")
            yield system

    def _overheard(self, line: str) -> None:
        if self.options.loud:
            self.say(line)


@dataclass(slots=True)
class Verdict:
    """What a proof found. Kept when it looked at something and nothing was wrong."""

    figures: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    looked: int = 0
    skipped: str = ""  # why nothing could be proved here

    def figure(self, text: str) -> None:
        """One measured figure of the last line, e.g. `300 lives`."""
        self.figures.append(text)

    def check(self, holds: bool, otherwise: str) -> bool:
        """Note that one thing was looked at; `otherwise` says what is wrong when it does not hold."""
        self.looked += 1
        if not holds:
            self.wrong.append(otherwise)
        return holds

    def blame(self, findings: Iterable[str]) -> None:
        """Note what another checker found: each finding is wrong, none means that all was well."""
        found = list(findings)
        self.looked += 1
        self.wrong.extend(found)

    @property
    def kept(self) -> bool:
        return self.looked > 0 and not self.wrong

    @property
    def fails(self) -> bool:
        return not self.kept and not self.skipped

    def show(self, given: Given) -> str:
        """Print what is wrong, and the last line, which is returned."""
        if self.skipped:
            return _printed(f"{given.name}: skipped — {self.skipped}")
        for finding in self.wrong[:_SHOWN]:
            print(f"  wrong: {finding if len(finding) <= _LONGEST else finding[:_LONGEST] + ' …'}")
        if len(self.wrong) > _SHOWN:
            print(f"  … and {len(self.wrong) - _SHOWN} more")
        if not self.looked:
            print("  wrong: nothing was looked at")
        took = f"{time.monotonic() - given.began:.0f} s ({_cpu():.0f} s of CPU)"
        figures = [*self.figures, f"seed {given.seed}", took]
        return _printed(f"{given.name}: {'kept' if self.kept else 'broken'} — {', '.join(figures)}")


def _printed(line: str) -> str:
    print(line, flush=True)
    return line


def _cpu() -> float:
    """Seconds that this process and everything that it has started and ended have computed."""
    spent = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in spent)


async def last(seconds: float) -> None:
    """Let a fault last."""
    await asyncio.sleep(seconds)  # house(sleep): a fault of a given length is what is being proved


async def eventually(holds: Callable[[], Awaitable[bool]], what: str, within: float) -> float:
    """Wait until it holds; return after how many seconds. Raises Stuck."""
    begun = time.monotonic()

    async def look() -> bool | None:
        return True if await holds() else None

    await until(look, what, within)
    return time.monotonic() - begun


async def hehuo(system: System, *words: str) -> list[str]:
    """The operator's command, as a process of its own. Returns what it says. Raises Stuck when it fails."""
    command = (sys.executable, "-m", "deploy.ctl", *words, "--data", str(system.folder.root))
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, stdout=pipe, stderr=asyncio.subprocess.STDOUT)
    said, _ = await process.communicate()
    if process.returncode:
        raise Stuck(f"`hehuo {' '.join(words)}` failed: {said.decode()}")
    return said.decode().splitlines()


def percentile(values: Sequence[float], part: float) -> float:
    """The value below which that part of the values lies (0…1); 0 for none."""
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, int(len(ranked) * part))] if ranked else 0.0


# ── a look into the database ───────────────────────────────────────────────────────────────────────────────────────


async def agree(stored: Stored, records: Iterable[Record], verdict: Verdict, within: float = 120.0) -> float:
    """Wait until all lists agree about these orders; what they do not agree about in time speaks against the promise.

    Returns after how many seconds. What was never placed is left out.
    """
    begun, placed = time.monotonic(), [record for record in records if record.order_id is not None]
    try:
        await settle(stored, placed, within)
        verdict.check(bool(placed), "nothing was placed, so there is nothing to agree about")
    except Unsettled as error:
        verdict.check(False, str(error))
    return time.monotonic() - begun


@dataclass(slots=True)
class Acknowledgements:
    """Requests that got their 2xx: how many, and how many of them are not there, or more than once."""

    requests: int = 0
    lost: int = 0
    doubled: int = 0


class Stored(Lists):
    """The four lists as they are stored, and what only proofs ask of them."""

    def of(self, service: str) -> AsyncCollection[dict[str, Any]]:
        collection: AsyncCollection[dict[str, Any]] = self._collection(service)
        return collection

    async def untold(self) -> int:
        """Entries of all lists that have said more than was told."""
        behind = {"$expr": {"$gt": ["$said", "$told"]}}
        return sum([await self.of(service).count_documents(behind) for service in SERVICES])

    async def all_told(self) -> bool:
        return await self.untold() == 0

    async def acknowledged(self, records: Sequence[Record]) -> Acknowledgements:
        """How often the history holds what was acknowledged. (Of a unit's own delivery nothing is told.)"""
        found = Acknowledgements()
        for start in range(0, len(records), 100):
            some = {record.id: record for record in records[start : start + 100]}
            orders = await self.orders(list(some))
            for id, record in some.items():
                for done in record.acknowledged:
                    entry = orders[id].get(done.service, {"history": ()})
                    said = [
                        one["type"] for one in entry["history"] if one["trace"][3:35] == done.answer.trace
                    ]
                    times = sum(type_ in SAID[done.what] for type_ in said)
                    found.requests += 1
                    found.lost += times < bool(SAID[done.what])
                    found.doubled += times > 1
        return found

    async def heard(self, service: str) -> dict[UUID, Mapping[str, int]]:
        """By order, the number of the last message that a list has applied from each sender."""
        return {one["_id"]: one["heard"] async for one in self.of(service).find({}, {"heard": 1})}

    async def parked(self) -> dict[str, list[UUID]]:
        """Orders that a list does not listen about, by list."""
        found = {}
        for service in SERVICES:
            held = self.of(service).find({"parked": {"$exists": True, "$ne": {}}}, {"_id": 1})
            if ids := [one["_id"] async for one in held]:
                found[service] = ids
        return found

    async def applied_twice(self) -> list[str]:
        """What a message or a request led to more than once in one entry: there must be none."""
        findings = []
        for service in SERVICES:
            async for one in self.of(service).find({}, {"history": 1, "state.timeline": 1}):
                saves = {(event["cause"], event["trace"]) for event in one["history"]}
                lines = [
                    f"{line['service']}:{line['n']} as a line" for line in one["state"].get("timeline", ())
                ]
                causes = Counter([*(cause for cause, _ in saves if not cause.startswith("clock:")), *lines])
                findings += [
                    f"{service} {one['_id']}: {cause} had its effect {times} times"
                    for cause, times in causes.items()
                    if times > 1
                ]
        return findings

    async def counted(self) -> bool | None:
        """True once all that was saved is in the sums beside the lists."""
        waits = {"find.uncounted": True}
        left = [await self.of(service).find_one(waits, {"_id": 1}) for service in SERVICES]
        return None if any(left) else True

    async def wrong_sums(self) -> list[str]:
        """Sums that are not what the entries of the list add up to: there must be none."""
        findings = []
        for service in SERVICES:
            expected: defaultdict[str, Counter[str]] = defaultdict(Counter)
            async for one in self.of(service).find({"find.sums": {"$exists": True}}, {"find.sums": 1}):
                for adds in one["find"]["sums"]:
                    for key in counts_in(adds["key"]):
                        expected[key].update(dict(adds["n"]))
            beside = self.of(service).database[f"{self.of(service).name}_sums"]
            kept = {
                one["_id"]: Counter({unquote(name): n for name, n in one["sum"].items()})
                async for one in beside.find({"sum": {"$exists": True}})
            }
            findings += [
                f"{service} {key}: {expected[key] - kept.get(key, Counter())} missing"
                for key in expected.keys() | kept.keys()
                if +expected[key] != +kept.get(key, Counter())
            ]
        return findings


# ── a look into the bus ────────────────────────────────────────────────────────────────────────────────────────────


class Bus:
    """The streams, as the operator sees them."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.js: JetStreamContext = client.jetstream(timeout=15)
        self.names = Names()

    async def messages(self, stream: str) -> list[RawStreamMsg]:
        """Everything that a stream holds, oldest first."""
        found: list[RawStreamMsg] = []
        subscription = await self.js.subscribe("", stream=self.names.stream(stream), ordered_consumer=True)
        try:
            wanted = (await self.js.stream_info(self.names.stream(stream))).state.messages
            while len(found) < wanted:
                found.append(_raw(await subscription.next_msg(timeout=10)))
        finally:
            await subscription.unsubscribe()
        return found

    async def publish_all(self, messages: Sequence[tuple[int, RawStreamMsg]], id: str) -> None:
        """Publish messages as they are, in this order, under ids that nobody knows.

        The numbers tell repetitions apart.
        """
        for start in range(0, len(messages), _AT_ONCE):
            acknowledged = [
                await self.js.publish_async(
                    message.subject or "",
                    message.data or b"",
                    headers={**(message.headers or {}), "Nats-Msg-Id": f"{id}:{message.seq}:{number}"},
                )
                for number, message in messages[start : start + _AT_ONCE]
            ]
            await asyncio.wait_for(asyncio.gather(*acknowledged), 60)

    async def held(self, stream: str) -> int:
        """How many messages a stream holds."""
        return (await self.js.stream_info(self.names.stream(stream))).state.messages

    async def waiting(self) -> int:
        """Messages that some listener has not acknowledged."""
        total = 0
        for sender in SERVICES:
            for one in await self.js.consumers_info(self.names.stream(sender)):
                total += (one.num_pending or 0) + (one.num_ack_pending or 0)
        return total


def _raw(message: Msg) -> RawStreamMsg:
    place = message.metadata.sequence
    return RawStreamMsg(
        subject=message.subject,
        seq=place.stream,
        data=message.data,
        headers=dict(message.headers or {}),
    )


@contextlib.asynccontextmanager
async def bus(system: System) -> AsyncIterator[Bus]:
    """A connection with the operator's full rights."""
    client = await outside.connect(*system.nats_operator)
    try:
        yield Bus(client)
    finally:
        await client.close()
