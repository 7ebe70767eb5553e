"""Messages that nobody can read are set aside with their reason and hold up their own order only; replay mends it."""

from __future__ import annotations

import argparse
import asyncio
import json
import random
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from nats.js.api import RawStreamMsg

from deploy.demo.cast import Cast, Place, everywhere
from deploy.demo.check import digest, logical
from deploy.demo.record import Record
from shared.contracts.registry import audience
from shared.naming import SERVICES
from tests.faults.harness import Bus, Given, Stored, Verdict, agree, bus, eventually, hehuo, last, percentile

_WITHIN = 120.0  # seconds for everything to be heard, before and after the cause is mended
_LAG = 2.0  # seconds that other orders may lag behind
_NOT_YET = "90"  # a number that no order of these comes to: a bad copy of what is known holds up nobody
_WITHDRAWN = 0.3  # share of the orders that are withdrawn: they have a message after the poisoned one


SHORT = {"orders": 60, "share": 0.03, "seconds": 6}


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--orders", type=int, default=300, help="orders while the listener is away (300)")
    parser.add_argument(
        "--share", type=float, default=0.01, help="share of the messages that is poisoned (0.01)"
    )
    parser.add_argument("--seconds", type=float, default=15, help="how long orders come in afterwards (15)")
    parser.add_argument("--rate", type=float, default=20, help="orders a second then (20)")


# ── poisons ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _not_json(message: RawStreamMsg) -> RawStreamMsg:
    return _with(message, body=b'{"order_id": ' + (message.data or b"")[:40])


def _misses_a_field(message: RawStreamMsg) -> RawStreamMsg:
    body = json.loads(message.data or b"{}")
    body["data"].popitem()
    del body["data"]["category"]
    return _with(message, body=json.dumps(body).encode())


def _unknown_type(message: RawStreamMsg) -> RawStreamMsg:
    return _with(message, headers={"ce-type": "made_up.v9"})


def _another_order(message: RawStreamMsg) -> RawStreamMsg:
    body = json.loads(message.data or b"{}")
    body["order_id"] = str(UUID(int=7))
    return _with(message, body=json.dumps(body).encode())


def _no_body(message: RawStreamMsg) -> RawStreamMsg:
    return _with(message, body=b"")


Poison = Callable[[RawStreamMsg], RawStreamMsg]
# What is done to a message, and a word that the reason must have.
_POISONS: tuple[tuple[Poison, str], ...] = (
    (_not_json, "cannot be read"),
    (_misses_a_field, "does not validate"),
    (_unknown_type, "unknown type"),
    (_another_order, "different orders"),
    (_no_body, "cannot be read"),
)


def _with(
    message: RawStreamMsg, body: bytes | None = None, headers: Mapping[str, str] | None = None
) -> RawStreamMsg:
    told = {**(message.headers or {}), **(headers or {})}
    return RawStreamMsg(message.subject, message.seq, message.data if body is None else body, headers=told)


@dataclass(slots=True)
class Poisoned:
    """One poisoned message: whose it was, who has not heard it yet, and the word that its reason must have."""

    sender: str
    id: UUID
    n: int
    listeners: tuple[str, ...]
    word: str


@dataclass(slots=True)
class Orders:
    """What was ordered, and how, and what of it was poisoned."""

    records: list[Record] = field(default_factory=list)
    late: list[Record] = field(default_factory=list)  # placed while everybody listened
    poisoned: list[Poisoned] = field(default_factory=list)


# ── the proof ──────────────────────────────────────────────────────────────────────────────────────────────────────


async def prove(given: Given, verdict: Verdict) -> None:
    orders = Orders()
    async with (
        given.system() as system,
        Stored(system.mongo_admin_url) as stored,
        bus(system) as operator,
        Cast(system.gateway_url, system.token, patience=_WITHIN) as cast,
    ):
        await system.stop_part("dispatch")
        await _order_many(given, cast, orders)
        await _replace_some(given, operator, orders)
        given.say(
            f"{len(orders.records)} orders, {len(orders.poisoned)} messages poisoned; dispatch comes back"
        )
        await system.start_part("dispatch")
        await _order_and_poison(given, cast, operator, orders)
        await _all_heard(operator)
        messages = sum([await operator.held(service) for service in SERVICES])
        await _judge_aside(operator, stored, orders, verdict)
        lag = await _judge_others(stored, orders, verdict)
        said = await hehuo(system, "aside", "replay", "--all")
        given.say(f"`hehuo aside replay --all`: {len(said)} lines, e.g. {said[0] if said else 'nothing'}")
        await agree(stored, orders.records, verdict, _WITHIN)
        await _judge_mended(operator, stored, orders, verdict)
    untried = {word for _, word in _POISONS} - {one.word for one in orders.poisoned}
    verdict.check(not untried, f"these poisons were not tried: {sorted(untried)}")
    verdict.figure(f"{len(orders.records)} orders")
    part = len(orders.poisoned) / messages
    verdict.figure(f"{len(orders.poisoned)} of {messages} messages poisoned ({part:.1%})")
    verdict.figure(f"others' lag p99 {lag:.2f} s")


async def _order_many(given: Given, cast: Cast, orders: Orders) -> None:
    at_once, place = asyncio.Semaphore(16), everywhere()[0]

    async def one(withdrawn: bool) -> None:
        async with at_once:
            await _order(cast, place, orders.records, withdrawn)

    chances = [given.chance.random() < _WITHDRAWN for _ in range(given.options.orders)]
    await asyncio.gather(*map(one, chances))


async def _order(cast: Cast, place: Place, into: list[Record], withdrawn: bool) -> Record:
    """One order like every other, so that their states can be compared; withdrawn at once, or not."""
    record, me = Record(), cast.resident(1)
    await record.order(me, {"category": "street_light", "text": "路灯不亮了。", "place": place.wire()})
    if withdrawn:
        await record.ask(me, "intake", "withdrawal", {"reason": "已修好"})
    into.append(record)
    return record


async def _replace_some(given: Given, operator: Bus, orders: Orders) -> None:
    """In the stream itself: messages that only dispatch has not heard are replaced by poisoned ones."""
    held = await operator.messages("intake")
    wanted = max(len(_POISONS), round(2 * len(held) * given.options.share))
    of_orders: dict[str, RawStreamMsg] = {}
    for message in given.chance.sample(held, len(held)):
        of_orders.setdefault(
            (message.headers or {})["ce-subject"], message
        )  # one message of an order at most
    for number, message in enumerate(list(of_orders.values())[:wanted]):
        assert message.seq is not None
        await operator.js.delete_msg(operator.names.stream("intake"), message.seq)
        await _publish(given.chance, operator, "intake", message, number, orders, ("dispatch",))


async def _publish(
    chance: random.Random,
    operator: Bus,
    sender: str,
    message: RawStreamMsg,
    number: int,
    orders: Orders,
    listeners: tuple[str, ...],
) -> None:
    headers = message.headers or {}
    poison, word = _POISONS[number % len(_POISONS)]
    if poison is _misses_a_field and b'"category"' not in (message.data or b""):
        poison, word = _unknown_type, "unknown type"  # it has no such field to miss
    await operator.publish_all([(number, poison(message))], f"poison-{chance.getrandbits(64):x}")
    orders.poisoned.append(
        Poisoned(sender, UUID(headers["ce-subject"]), int(headers["hehuo-n"]), listeners, word)
    )


async def _order_and_poison(given: Given, cast: Cast, operator: Bus, orders: Orders) -> None:
    """Orders come in steadily; now and then what one of them says next cannot be read."""
    place, tasks = everywhere()[0], set()
    wanted = round(given.options.seconds * given.options.rate)
    every = max(1, round(1 / given.options.share / 3))  # each order has three messages, about
    for number in range(wanted):
        task = asyncio.create_task(_order(cast, place, orders.late, given.chance.random() < _WITHDRAWN))
        tasks.add(task)
        if number % every == every // 2:
            record, sender = await task, given.chance.choice(("intake", "dispatch"))
            message = _with(await _message_of(operator, sender, record), headers={"hehuo-n": _NOT_YET})
            hear = audience(sender, (message.headers or {})["ce-type"])
            await _publish(given.chance, operator, sender, message, number // every, orders, hear)
        await last(1 / given.options.rate)
    await asyncio.gather(*tasks)
    orders.records += orders.late


async def _message_of(operator: Bus, sender: str, record: Record) -> RawStreamMsg:
    """The first message that a list has told of an order; its subject ends with the order's shard."""
    found: list[RawStreamMsg] = []

    async def told() -> bool:
        held = await operator.messages(sender)
        found[:] = [one for one in held if (one.headers or {}).get("ce-id") == f"{sender}:{record.id}:1"]
        return bool(found)

    await eventually(told, f"{sender} to tell of {record.id}", _WITHIN)
    return found[0]


async def _all_heard(operator: Bus) -> None:
    async def nothing_waits() -> bool:
        return await operator.waiting() == 0

    await eventually(nothing_waits, "everything to be heard, or set aside", _WITHIN)


# ── judging ────────────────────────────────────────────────────────────────────────────────────────────────────────


async def _judge_aside(operator: Bus, stored: Stored, orders: Orders, verdict: Verdict) -> None:
    """Each poisoned message is in ASIDE once for each listener, with its reason; its order is parked, no other."""
    wanted = {
        (listener, one.sender, str(one.id), str(one.n)): one.word
        for one in orders.poisoned
        for listener in one.listeners
    }
    held = [message.headers or {} for message in await operator.messages("aside")]
    places = ("hehuo-listener", "hehuo-sender", "hehuo-order", "hehuo-n")
    found = Counter(tuple(one[place] for place in places) for one in held)
    verdict.check(set(found) == set(wanted), f"in ASIDE but not poisoned: {set(found) - set(wanted)}")
    verdict.check(not (missing := set(wanted) - set(found)), f"poisoned but not in ASIDE: {missing}")
    verdict.check(max(found.values(), default=0) <= 1, "something is in ASIDE more than once")
    for one in held:
        key = tuple(one[place] for place in places)
        word, reason = wanted.get(key, "?"), one.get("hehuo-reason", "")
        verdict.check(word in reason, f"{key}: the reason is {reason!r}")
    parked = {(service, id) for service, ids in (await stored.parked()).items() for id in ids}
    meant = {(listener, one.id) for one in orders.poisoned for listener in one.listeners}
    verdict.check(parked == meant, f"parked but not poisoned {parked - meant}, the reverse {meant - parked}")
    verdict.figure(f"{len(held)} set aside with their reason, {len(parked)} parked")


async def _judge_others(stored: Stored, orders: Orders, verdict: Verdict) -> float:
    """How long other orders took from intake's save to dispatch's, by the database's clock, while poison came in."""
    poisoned = {one.id for one in orders.poisoned}
    began = await _first_events(stored, "intake")
    opened = await _first_events(stored, "dispatch")
    others = [record.id for record in orders.late if record.id not in poisoned]
    lags = [(opened[id] - began[id]).total_seconds() for id in others if id in opened]
    verdict.check(len(lags) == len(others) > 0, f"{len(others) - len(lags)} other orders were not heard")
    lag = percentile(lags, 0.99)
    verdict.check(lag < _LAG, f"other orders lagged {lag:.2f} s behind (p99)")
    return lag


async def _first_events(stored: Stored, service: str) -> dict[UUID, datetime]:
    entries = stored.of(service).find({"said": {"$gt": 0}}, {"history": {"$slice": 1}})
    return {one["_id"]: one["history"][0]["at"] async for one in entries}


async def _judge_mended(operator: Bus, stored: Stored, orders: Orders, verdict: Verdict) -> None:
    """Nothing is parked or set aside, and an order that was poisoned cannot be told from one that was not."""
    verdict.check(not (parked := await stored.parked()), f"still parked: {parked}")
    verdict.check(not (aside := await operator.held("aside")), f"{aside} messages are still set aside")
    verdict.blame(await stored.applied_twice())
    found = await stored.orders([record.id for record in orders.records])
    poisoned = {one.id for one in orders.poisoned}
    states: dict[bool, dict[str, list[UUID]]] = {}
    for record in orders.records:
        withdrawn = len(record.acknowledged) > 1
        alike = states.setdefault(withdrawn, {})
        alike.setdefault(_state_of(found[record.id]), []).append(record.id)
    for withdrawn, alike in states.items():
        odd = sorted(alike.values(), key=len)[:-1]
        what = "withdrawn" if withdrawn else "placed"
        verdict.check(not odd, f"{what}: {odd} differ from the others; poisoned were {poisoned}")
    verdict.figure(f"{len(poisoned)} orders mended, states alike")


def _state_of(order: Mapping[str, Any]) -> str:
    """A digest of what all lists know of an order, but for its id and times."""
    return digest({service: {**logical(entry), "id": ""} for service, entry in order.items()})
