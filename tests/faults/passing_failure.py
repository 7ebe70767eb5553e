"""A failure that passes sets nothing aside: handlers fail three ways, the database goes away, all is done once."""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import shutil
import signal
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

from deploy.demo.cast import Cast, Refused, Unreachable, everywhere
from deploy.demo.golden import play_out
from deploy.demo.life import Way, life
from deploy.demo.record import Record
from deploy.demo.sewage_pipe import SEWAGE_PIPE
from deploy.demo.waiting import Stuck
from deploy.local.parts import service as service_part
from deploy.local.system import System
from shared.contracts.message import Message
from shared.contracts.registry import every_message
from tests.faults import failing, means, stories, stories_left
from tests.faults.harness import Given, Stored, Verdict, agree, bus, eventually, last

_PATIENCE = 240.0  # seconds for which a life waits for what the others have to hear
_MOST_TRIES = 8  # of one message, while the database is away
_WINDOW = 45  # seconds to evaluate in, so that one lapses here
_CHECK = 8  # seconds until the next level is asked to check what was delivered
_PLAN = 6  # seconds until a claim without a plan is stale
_ENDS = 12  # seconds for which a call is open, so that one expires here
_OVERDUE = 5  # seconds in which an order about noise has to end, so that one is late here


SHORT = {"seconds": 25, "lives": 16}


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--seconds", type=float, default=60, help="how long the database is away, each time (60)"
    )
    parser.add_argument("--lives", type=int, default=40, help="lives under way meanwhile (40)")


async def prove(given: Given, verdict: Verdict) -> None:
    with patch.object(service_part, "module", lambda _: failing.__name__):
        await _failing_handlers(given, verdict)
        await _without_database(given, verdict)


async def _failing_handlers(given: Given, verdict: Verdict) -> None:
    """Every handler fails in every way, while every message there is comes in."""
    env = {
        failing.FOLDER: str(given.folder),
        failing.WAYS_LEFT: str(len(failing.WAYS)),
        "HEHUO_EVALUATION_WINDOW": str(_WINDOW),
        "HEHUO_DISPATCH_CHECK": f"PT{_CHECK}S",
        "HEHUO_PARTNERS_PLAN_WITHIN": f"PT{_PLAN}S",
        "HEHUO_PARTNERS_REMIND_BEFORE": f"PT{_PLAN // 2}S",
        "HEHUO_DISPATCH_SPECIAL_LIMITS": json.dumps(
            [{"limit": "close", "category": "noise", "within": _OVERDUE}]
        ),
    }
    async with (
        given.system(env=env) as system,
        Stored(system.mongo_admin_url) as stored,
        Cast(system.gateway_url, system.token, patience=_PATIENCE) as cast,
    ):
        records = await _stories(system, cast)
        seconds = await agree(stored, records, verdict, _PATIENCE)
        given.say(f"{len(records)} stories are over; the lists came to rest {seconds:.1f} s later")
        _judge_handlers(given, verdict)
        await _judge(system, stored, verdict)
    verdict.figure(f"{_most_tries(given)} tries of a message at most")


async def _without_database(given: Given, verdict: Verdict) -> None:
    """Lives go on while the database is frozen, and while it is dead; handlers do not fail by themselves."""
    for file in given.folder.glob("*.jsonl"):
        file.unlink()
    shutil.rmtree(given.folder / "data")  # what is still waiting there would come with the tries it had
    env = {**means.well_off(given), failing.FOLDER: str(given.folder), failing.WAYS_LEFT: "0"}
    records: list[Record] = []
    async with (
        given.system(env=env) as system,
        Stored(system.mongo_admin_url) as stored,
        Cast(system.gateway_url, system.token, patience=_PATIENCE) as cast,
    ):
        for how in (signal.SIGSTOP, signal.SIGKILL):
            records += await _lives_without_database(given, system, cast, how, verdict)
            await agree(stored, records, verdict, _PATIENCE)
            given.say(f"{len(records)} lives are over")
        await _judge(system, stored, verdict)
    most = _most_tries(given)
    verdict.check(1 < most <= _MOST_TRIES, f"a message was tried {most} times: {_tries_of_most(given)}")
    seconds = f"{given.options.seconds:.0f} s"
    verdict.figure(f"{len(records)} lives with the database {seconds} frozen and {seconds} dead")
    verdict.figure(f"{most} tries of a message at most")


# ── every message there is ─────────────────────────────────────────────────────────────────────────────────────────


async def _stories(system: System, cast: Cast) -> list[Record]:
    """Lives in which every type of message is told at least once."""
    place = everywhere()[3]
    ways = (
        Way(resident=1, released=True, shared=True), Way(resident=2, withdrawn="placed"),
        Way(resident=3, withdrawn="called"), Way(resident=4, hands="unit", reworks=3),
        Way(resident=5, hands="department", fails_check=True), Way(resident=6, reworks=1, fails_check=True),
    )  # fmt: skip
    lives = [life(cast, place, way, within=_PATIENCE) for way in ways]
    own = [story(cast) for story in (_expires, _lapses, _is_late, _sewage_pipe)]
    every = (
        stories.units, stories.times, stories.corrected, stories.objected, stories.pledged, stories.offered,
        stories.asked_for, stories.repeated, stories.taken_back,
    )  # fmt: skip
    more = [told(cast, _PATIENCE) for told in every]
    more.append(stories_left.left(system, cast, _PATIENCE))
    return list(await asyncio.gather(*lives, *own, *more))


async def _sewage_pipe(cast: Cast) -> Record:
    return (await play_out(SEWAGE_PIPE, cast, _PATIENCE)).record


async def _taken(cast: Cast, number: int, category: str = "street_light") -> Record:
    """An order that the grid worker has taken."""
    record, place = Record(), everywhere()[4]
    order = {"category": category, "text": "路灯不亮了。", "place": place.wire()}
    await record.order(cast.resident(number), order)
    await record.wait(cast.grid_worker(place), "dispatch", "received", within=_PATIENCE)
    await record.ask(cast.grid_worker(place), "dispatch", "assignment", {})
    return record


async def _expires(cast: Cast) -> Record:
    """A call that nobody takes before its end → `call_expired`; then the community ends it."""
    record, community = await _taken(cast, 11), cast.community(everywhere()[4])
    until = (datetime.now(UTC) + timedelta(seconds=_ENDS)).isoformat()
    lines = [{"name": "racks", "kind": "goods", "amount": 2, "unit": "piece"}]
    await record.ask(community, "dispatch", "call", {"lines": lines, "until": until})
    await record.wait(community, "partners", "expired", within=_PATIENCE)
    await record.wait(community, "dispatch", "in_handling", within=_PATIENCE)
    await record.ask(community, "dispatch", "closure", {"outcome": "not_solved", "public_note": "没有合伙人"})
    record.outcome = "not_solved"
    return record


async def _lapses(cast: Cast) -> Record:
    """Nobody evaluates → `evaluation_lapsed`."""
    record, place = await _taken(cast, 12), everywhere()[4]
    await record.ask(cast.grid_worker(place), "dispatch", "delivery", {"public_note": "已完成"})
    await record.ask(cast.community(place), "dispatch", "check", {"passed": True, "public_note": "合格"})
    await record.wait(cast.resident(12), "evaluation", "lapsed", within=_PATIENCE)
    await record.wait(cast.resident(12), "intake", "closed", within=_PATIENCE)
    record.outcome = "solved"
    return record


async def _is_late(cast: Cast) -> Record:
    """It has not ended by its limit → `dispatch_overdue`; then the community ends it."""
    record, community = await _taken(cast, 13, "noise"), cast.community(everywhere()[4])

    async def overdue() -> bool:
        seen = await record.see(community, "dispatch")
        return bool(seen and seen["overdue"])

    await eventually(overdue, "the dispatch to be overdue", _PATIENCE)
    await record.ask(community, "dispatch", "closure", {"outcome": "not_solved", "public_note": "噪声小了"})
    record.outcome = "not_solved"
    return record


# ── the database away ──────────────────────────────────────────────────────────────────────────────────────────────


async def _lives_without_database(
    given: Given, system: System, cast: Cast, how: signal.Signals, verdict: Verdict
) -> list[Record]:
    """Some lives, and in the middle of them no database for a time."""
    records: list[Record] = []
    stopped: list[str] = []

    async def live(seed: float) -> None:
        record, chance = Record(), random.Random(seed)
        records.append(record)
        try:
            await life(cast, chance.choice(everywhere()), chance, record, _PATIENCE)
        except (Refused, Unreachable, Stuck) as error:
            stopped.append(f"{record.order_id}: {error}")

    async with asyncio.TaskGroup() as group:
        for _ in range(given.options.lives):
            group.create_task(live(given.chance.random()))
        await eventually(_most_are_under_way(records), "lives to be under way", _PATIENCE)
        async with bus(system) as operator:
            in_flight = await operator.waiting()
        if how is signal.SIGSTOP:
            await system.kill("mongod", how=how)
        else:
            await system.stop_part("mongod")
        given.say(
            f"the database is {'frozen' if how is signal.SIGSTOP else 'dead'}, {in_flight} messages in flight"
        )
        await last(given.options.seconds)
        if how is signal.SIGSTOP:
            await system.kill("mongod", how=signal.SIGCONT)
        else:
            await system.start_part("mongod")
    verdict.check(not stopped, f"{len(stopped)} lives stopped: {stopped[:3]}")
    return records


def _most_are_under_way(records: list[Record]) -> Callable[[], Awaitable[bool]]:
    async def look() -> bool:
        return sum(len(record.acknowledged) > 2 for record in records) > len(records) // 2

    return look


# ── judging ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _written(given: Given) -> list[dict[str, Any]]:
    return [
        json.loads(line)
        for file in given.folder.glob("*.jsonl")
        for line in file.read_text("utf-8").splitlines()
    ]


# Told of a closed order when an import of the territory takes its area away: no story of this proof imports one.
UNTOLD = frozenset({"area_succeeded"})


def _judge_handlers(given: Given, verdict: Verdict) -> None:
    """Every handler has failed in every way, each once."""
    found = Counter(
        (one["listener"], one["sender"], one["type"], one["failed"])
        for one in _written(given)
        if "failed" in one
    )
    wanted = {
        (listener, message.sender, message.type(), way)
        for message in _said_today()
        for listener in message.heard_by
        for way in failing.WAYS
    }
    missing = sorted(" ".join(one) for one in wanted - set(found))
    verdict.check(not missing, f"{len(missing)} handlers and ways never failed: {missing[:6]}")
    verdict.check(set(found) <= wanted, f"unknown handlers failed: {set(found) - wanted}")
    verdict.check(max(found.values(), default=0) == 1, "a handler failed more than once in the same way")
    handlers = {one[:3] for one in found}
    verdict.figure(
        f"{len(handlers)} handlers, {sum(found.values())} failures, {len(UNTOLD)} messages not told"
    )


def _said_today() -> Iterable[type[Message]]:
    """The newest version of each message: no story can tell the others, and the same functions hear them."""
    every = sorted(every_message().values(), key=lambda message: message.version)
    newest = {(message.sender, message.name): message for message in every}
    return [message for message in newest.values() if message.name not in UNTOLD]


def _most_tries(given: Given) -> int:
    return max((one["tries"] for one in _written(given) if "tries" in one), default=1)


def _tries_of_most(given: Given) -> str:
    """Which message was tried most often; each try with the seconds since the first that was not the first."""
    tried = [one for one in _written(given) if "tries" in one]
    most = max(tried, key=lambda one: one["tries"], default=None)
    if most is None:
        return "none"
    same = [one for one in tried if (one["listener"], one["id"]) == (most["listener"], most["id"])]
    tries = sorted((one["tries"], round(one["when"] - same[0]["when"], 1)) for one in same)
    return f"{most['id']} heard by {most['listener']}, {tries}"


async def _judge(system: System, stored: Stored, verdict: Verdict) -> None:
    doubles = await stored.applied_twice()
    verdict.blame(doubles)
    verdict.check(not (parked := await stored.parked()), f"parked: {parked}")
    async with bus(system) as operator:
        aside = await operator.held("aside")
        verdict.check(not aside, f"{aside} messages were set aside")
    verdict.figure(f"{len(doubles)} applied twice, {aside} set aside")
