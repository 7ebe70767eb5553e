"""Streams told three times, shuffled, with gaps, and even lost altogether: every list comes to the same state."""

from __future__ import annotations

import argparse
import asyncio
import random
import shutil
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from math import ceil
from uuid import UUID

from nats.js.api import RawStreamMsg

from deploy.demo.cast import Cast, Refused, Unreachable, everywhere
from deploy.demo.check import state_hash
from deploy.demo.life import Way, life
from deploy.demo.record import Record
from deploy.demo.waiting import Stuck, until
from deploy.local.system import System
from shared.contracts.registry import audience, heard_by
from shared.naming import SERVICES
from tests.faults import means
from tests.faults.harness import Bus, Given, Stored, Verdict, agree, bus, eventually, hehuo, last

_PATIENCE = 180.0  # seconds for which a life waits for what the others have to hear
_TIMES = 3
_NEVER, _SOON = 86_400.0, 1.0  # seconds between two comparisons of the stream with what was told
_QUIET = 1.5  # seconds without a new message: whatever can be said without hearing is said
_NOT_PAUSED = ("evaluation", "intake")  # it hears nothing after the first message, so no gap could be seen


SHORT = {"lives": 32}


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--lives", type=int, default=120, help="lives of each of the two parts (120)")
    parser.add_argument(
        "--deleted", type=float, default=0.05, help="share of the messages that is deleted (0.05)"
    )


@dataclass(slots=True)
class Lives:
    """Lives under way, and those that could not go on."""

    records: list[Record] = field(default_factory=list)
    ended: int = 0
    stopped: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Deleted:
    """How many messages the streams held, how many are gone, and how many of those somebody had not heard."""

    held: int = 0
    gone: int = 0
    unheard: int = 0


async def prove(given: Given, verdict: Verdict) -> None:
    # Where nobody compares the stream with what was told, only asking for gaps helps, and the operator.
    async with _system(given, compares=_NEVER) as (system, stored):
        await _with_gaps(given, system, stored, verdict)
        if not verdict.wrong:  # else there is nothing to compare with
            await _without_store(given, system, stored, verdict, by_hand=True)
        await _judge(system, stored, verdict)
    if not verdict.wrong:
        async with _system(given, compares=_SOON) as (system, stored):
            await _without_store(given, system, stored, verdict, by_hand=False)
            await _judge(system, stored, verdict)


@asynccontextmanager
async def _system(given: Given, compares: float) -> AsyncIterator[tuple[System, Stored]]:
    async with (
        given.system(env={**means.well_off(given), "HEHUO_RECONCILE_SECONDS": str(compares)}) as system,
        Stored(system.mongo_admin_url) as stored,
    ):
        yield system, stored


async def _judge(system: System, stored: Stored, verdict: Verdict) -> None:
    verdict.blame(await stored.applied_twice())
    verdict.check(not (parked := await stored.parked()), f"parked: {parked}")
    async with bus(system) as operator:
        verdict.check(not (aside := await operator.held("aside")), f"{aside} messages were set aside")


async def _with_gaps(given: Given, system: System, stored: Stored, verdict: Verdict) -> None:
    """Three times, shuffled, without some: with lives in the middle, and once more when all have ended."""
    async with _in_the_middle(given, system) as lives:
        await _stop(system)
        deleted = await _shuffle(given, system, stored, verdict, given.options.deleted)
        given.say(
            f"{deleted.gone} of {deleted.held} messages deleted, {deleted.unheard} of them not heard yet"
        )
        began = time.monotonic()
        await _start(system)
    await agree(stored, lives.records, verdict, _PATIENCE)
    seconds = time.monotonic() - began
    verdict.check(not lives.stopped, f"{len(lives.stopped)} lives stopped: {lives.stopped[:3]}")
    verdict.check(deleted.unheard > 0, "every deleted message had been heard: there was no gap to heal")
    before = await state_hash(stored)
    given.say(
        f"{lives.ended} of {len(lives.records)} lives ended, {seconds:.1f} s later, state {before[:16]}"
    )
    if verdict.wrong:
        return

    await _stop(system)
    again = await _shuffle(given, system, stored, verdict, 0.0)
    await _start(system)
    await _all_heard(system)
    await agree(stored, lives.records, verdict, _PATIENCE)
    after = await state_hash(stored)
    verdict.check(before == after, f"the state was {before[:16]} and is {after[:16]} after a second replay")
    given.say(f"{again.held} messages told {_TIMES} times again, state {after[:16]}")
    verdict.figure(f"{lives.ended} of {len(lives.records)} lives ended")
    verdict.figure(
        f"{deleted.held} messages {_TIMES}× shuffled, {deleted.gone} deleted, {deleted.unheard} unheard"
    )
    verdict.figure(f"healed in {seconds:.1f} s")
    verdict.figure("state hash equal" if before == after else "state hash differs")


async def _without_store(
    given: Given, system: System, stored: Stored, verdict: Verdict, *, by_hand: bool
) -> None:
    """The bus loses everything that it kept, with lives in the middle; the operator has it told again, or nobody."""
    async with _in_the_middle(given, system) as lives:
        if not by_hand:
            await _all_noted(stored)
        unheard = await _unheard(system)
        await system.stop_part("nats")
        shutil.rmtree(system.folder.nats / "store")
        await system.start_part("nats")
        given.say(f"the bus has lost its store, and {unheard} messages that somebody had not heard")
        began = time.monotonic()
        for line in await _hehuo_replay(system) if by_hand else ():
            given.say(line)
        told = time.monotonic() - began
    await agree(stored, lives.records, verdict, _PATIENCE)
    seconds = time.monotonic() - began
    verdict.check(not lives.stopped, f"{len(lives.stopped)} lives stopped: {lives.stopped[:3]}")
    verdict.check(unheard > 0, "nothing that was lost mattered")
    before = await state_hash(stored)
    given.say(
        f"{lives.ended} of {len(lives.records)} lives ended, {seconds:.1f} s later, state {before[:16]}"
    )
    await _once_more(system, stored, verdict)
    after = await state_hash(stored)
    verdict.check(before == after, f"the state was {before[:16]} and is {after[:16]} after one more replay")
    how = f"`hehuo replay` {told:.1f} s" if by_hand else "nobody asked for it"
    verdict.figure(f"store lost with {unheard} unheard: {how}, equal after {seconds:.1f} s")


# ── lives in the middle ────────────────────────────────────────────────────────────────────────────────────────────


@asynccontextmanager
async def _in_the_middle(given: Given, system: System) -> AsyncIterator[Lives]:
    """Lives of which some have ended and the others wait to be heard; after the block they go on to their end."""
    lives, places, chance = Lives(), everywhere(), given.chance
    async with Cast(system.gateway_url, system.token, patience=_PATIENCE) as cast:

        async def live(seed: float, way: Way | None = None) -> None:
            record, own = Record(), random.Random(seed)
            lives.records.append(record)
            try:
                await life(cast, own.choice(places), way or own, record, within=_PATIENCE)
                lives.ended += 1
            except (Refused, Unreachable, Stuck) as error:
                lives.stopped.append(f"{record.order_id}: {error}")

        async with asyncio.TaskGroup() as group, bus(system) as operator:
            await asyncio.gather(*(live(chance.random()) for _ in range(given.options.lives // 4)))
            for number in range(
                given.options.lives // 2
            ):  # a few at a time: they come to stand in many places
                group.create_task(live(chance.random()))
                if number % 10 == 9:
                    await last(0.25)
            await _pause(operator, "2100-01-01T00:00:00Z")
            withdrawn = Way(withdrawn="placed")
            for _ in range(given.options.lives // 4):  # they say one thing after another without hearing
                group.create_task(live(chance.random(), withdrawn))
            await _quiet(operator)
            given.say(f"{lives.ended} lives have ended, {len(lives.records) - lives.ended} are in the middle")
            yield lives


async def _pause(operator: Bus, until: str) -> None:
    """Nobody hears anything until then; everybody may go on speaking."""
    for listener in SERVICES:
        for sender in heard_by(listener):
            if (listener, sender) != _NOT_PAUSED:
                stream = operator.names.stream(sender)
                subject = f"$JS.API.CONSUMER.PAUSE.{stream}.{listener}"
                await operator.client.request(subject, b'{"pause_until": "%s"}' % until.encode(), timeout=10)


async def _quiet(operator: Bus) -> None:
    """Return when nothing new has been said for a while."""
    before: list[int] = []
    while (now := [await operator.held(service) for service in SERVICES]) != before:
        before = now
        await last(_QUIET)


async def _stop(system: System) -> None:
    await asyncio.gather(*(system.stop_part(service) for service in SERVICES))


async def _start(system: System) -> None:
    """Everybody listens again."""
    async with bus(system) as operator:
        await _pause(operator, "2000-01-01T00:00:00Z")
    await asyncio.gather(*(system.start_part(service) for service in SERVICES))


# ── what becomes of the streams ────────────────────────────────────────────────────────────────────────────────────


async def _shuffle(given: Given, system: System, stored: Stored, verdict: Verdict, share: float) -> Deleted:
    """Empty each stream and fill it with what it held, each message three times, in any order, without some."""
    total = Deleted()
    heard = {service: await stored.heard(service) for service in SERVICES}
    async with bus(system) as operator:
        for sender in SERVICES:
            held = _each_once(await operator.messages(sender))
            gone, unheard = _to_delete(sender, held, heard, ceil(len(held) * share), given.chance)
            kept = [message for message in held if message.seq not in gone]
            await operator.js.purge_stream(operator.names.stream(sender))
            again = [(number, message) for number in range(_TIMES) for message in kept]
            given.chance.shuffle(again)
            await operator.publish_all(again, f"proof-{time.time_ns()}")
            in_stream = await operator.held(sender)
            verdict.check(in_stream == len(again), f"{sender}: {in_stream} messages instead of {len(again)}")
            total.held += len(held)
            total.gone += len(gone)
            total.unheard += unheard
    return total


def _each_once(held: Sequence[RawStreamMsg]) -> list[RawStreamMsg]:
    """Of messages that were told more than once, the first."""
    found: dict[str, RawStreamMsg] = {}
    for message in held:
        found.setdefault((message.headers or {})["ce-id"], message)
    return list(found.values())


def _to_delete(
    sender: str,
    held: Sequence[RawStreamMsg],
    heard: Mapping[str, Mapping[UUID, Mapping[str, int]]],
    wanted: int,
    chance: random.Random,
) -> tuple[set[int], int]:
    """Messages whose loss can be noticed: whoever has not heard one gets a later one. Those first that matter."""
    latest: Counter[tuple[str, str]] = Counter()
    for message in held:
        id, n, listeners = _read(sender, message)
        for listener in listeners:
            latest[id, listener] = max(latest[id, listener], n)
    unheard: list[int | None] = []
    known: list[int | None] = []
    for message in held:
        id, n, listeners = _read(sender, message)
        missing = [one for one in listeners if heard[one].get(UUID(id), {}).get(sender, 0) < n]
        if all(latest[id, listener] > n for listener in missing):
            (unheard if missing else known).append(message.seq)
    some = chance.sample(unheard, min(len(unheard), wanted))
    rest = chance.sample(known, min(len(known), wanted - len(some)))
    return {seq for seq in (*some, *rest) if seq is not None}, len(some)


def _read(sender: str, message: RawStreamMsg) -> tuple[str, int, tuple[str, ...]]:
    """Order, number, and who hears it."""
    headers = message.headers or {}
    return headers["ce-subject"], int(headers["hehuo-n"]), audience(sender, headers["ce-type"])


async def _unheard(system: System) -> int:
    async with bus(system) as operator:
        return await operator.waiting()


async def _all_noted(stored: Stored) -> None:
    """Everybody has looked at its stream: what was never seen cannot be missed."""

    async def noted() -> bool:
        notes = [stored.of(service).database["notes"] for service in SERVICES]
        return all([await one.count_documents({"_id": "stream"}) for one in notes])

    await eventually(noted, "every list to have looked at its stream", _PATIENCE)


async def _all_heard(system: System) -> None:
    async with bus(system) as operator:

        async def nothing_waits() -> bool:
            return await operator.waiting() == 0

        await eventually(nothing_waits, "everything to be heard", _PATIENCE)


async def _once_more(system: System, stored: Stored, verdict: Verdict) -> None:
    """At rest, the operator's replay: each stream grows by all that its list has ever said."""
    async with bus(system) as operator:
        before = {service: await operator.held(service) for service in SERVICES}
        await _hehuo_replay(system)
        for service in SERVICES:
            grown = await operator.held(service) - before[service]
            said = sum(entry["said"] for entry in await stored.every(service))
            verdict.check(grown >= said > 0, f"{service} has said {said}, replay told {grown}")
    await _all_heard(system)


async def _hehuo_replay(system: System) -> list[str]:
    """What the operator's command says; it is given again while the services are not back on the bus."""

    async def done() -> list[str] | None:
        try:
            return await hehuo(system, "replay")
        except Stuck as stuck:
            if "does not listen" in str(stuck):
                return None
            raise

    return await until(done, "`hehuo replay` to be answered", _PATIENCE)
