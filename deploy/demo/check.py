"""Whether all four lists agree: read past the services, straight from their databases, and only read.

The rules of agreement stand here a second time, on purpose: what checks the services must not be made of them.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from types import TracebackType
from typing import Any, NamedTuple, Self
from uuid import UUID

from pymongo import AsyncMongoClient

from deploy.demo.record import Acknowledged, Record
from deploy.demo.said import SAID
from shared.contracts.registry import audience
from shared.naming import SERVICES, Names
from shared.store import key_digest

COLLECTIONS: Mapping[str, str] = {
    "intake": "orders",
    "dispatch": "dispatches",
    "partners": "calls",
    "evaluation": "evaluations",
}
Entry = Mapping[str, Any]
Order = Mapping[str, Entry]  # list → its entry of one order; without those that have none

_AT_ONCE = 200  # orders read with one query of each database
_GONE = ("blank", "withdrawn", "expired")  # states of a call that holds nobody


class Unsettled(Exception):
    """The lists did not come to agree in time. The text says on what not."""


class Lists:
    """The four databases, through an administrator's address. An async context manager."""

    def __init__(self, admin_url: str, names: Names | None = None) -> None:
        self._names = names or Names()
        self._client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(
            admin_url, tz_aware=True, uuidRepresentation="standard", serverSelectionTimeoutMS=20000
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.close()

    def _collection(self, service: str) -> Any:
        return self._client[self._names.database(service)][COLLECTIONS[service]]

    async def entry(self, service: str, id: UUID) -> dict[str, Any]:
        """One entry as it is stored. Raises KeyError when there is none."""
        found: dict[str, Any] | None = await self._collection(service).find_one({"_id": id})
        if found is None:
            raise KeyError(f"{service} has nothing of {id}")
        return found

    async def ids(self, service: str) -> list[UUID]:
        """Every entry of a list, the oldest first."""
        return [one["_id"] async for one in self._collection(service).find({}, {"_id": 1}).sort("_id", 1)]

    async def every(self, service: str) -> list[dict[str, Any]]:
        """Every entry of a list as it is stored, without the kept answers, the oldest first."""
        found: list[dict[str, Any]] = (
            await self._collection(service).find({}, {"keys": 0}).sort("_id", 1).to_list()
        )
        return found

    async def placed_by(self, key: str) -> list[UUID]:
        """The orders that a request with this key made: one, if all is well."""
        return [one["_id"] async for one in self._collection("intake").find({"placed_key": key}, {"_id": 1})]

    async def orders(self, ids: Sequence[UUID]) -> dict[UUID, dict[str, Entry]]:
        """Some orders with their entry in each list."""
        found: dict[UUID, dict[str, Entry]] = {id: {} for id in ids}
        for service in SERVICES:
            entries = self._collection(service).find({"_id": {"$in": list(ids)}}, {"keys.a": 0})
            async for entry in entries:
                found[entry["_id"]][service] = entry
        return found


async def settle(
    lists: Lists, records: Iterable[Record | UUID], within: float = 60.0, pause: float = 0.2
) -> float:
    """Wait until all lists agree about these orders and all that was acknowledged is there once.

    Returns after how many seconds. Raises Unsettled after `within` seconds, naming the first faults.
    """
    began = time.monotonic()
    waiting = [record if isinstance(record, Record) else Record(record) for record in records]
    while True:
        faults = await wrong(lists, waiting)
        if not faults:
            return time.monotonic() - began
        if time.monotonic() - began > within:
            some = [f"{id}: {fault}" for id, found in list(faults.items())[:5] for fault in found[:4]]
            raise Unsettled(f"{len(faults)} of the orders after {within:.0f} s:\n  " + "\n  ".join(some))
        waiting = [record for record in waiting if record.id in faults]
        await asyncio.sleep(pause)


async def wrong(lists: Lists, records: Sequence[Record]) -> dict[UUID, list[str]]:
    """By order, what does not hold just now, in words. While messages are under way much of it passes by itself."""
    faults: dict[UUID, list[str]] = {}
    for start in range(0, len(records), _AT_ONCE):
        some = records[start : start + _AT_ONCE]
        orders = await lists.orders([record.id for record in some])
        for record in some:
            found = [*faults_of(orders[record.id]), *_not_as_recorded(orders[record.id], record)]
            found += await _placed_twice(lists, record)
            found += await _bound(lists, record.id, orders[record.id].get("dispatch"))
            if found:
                faults[record.id] = found
    return faults


def faults_of(order: Order) -> Iterator[str]:
    """What does not hold of one order once every message has been heard."""
    for service in SERVICES:
        if service not in order and not (service == "partners" and not _last_heard(order, service)):
            yield f"{service} has nothing of it"
    if not {"intake", "dispatch", "evaluation"} <= order.keys():
        return
    for service, entry in order.items():
        yield from _history(service, entry)
    yield from _hearing(order)
    yield from _states(order)
    yield from _money(order)


def _history(service: str, entry: Entry) -> Iterator[str]:
    numbers = [event["n"] for event in entry["history"]]
    if numbers != list(range(1, entry["said"] + 1)):
        yield f"{service}: the history counts {numbers}, said is {entry['said']}"
    if entry["told"] != entry["said"] or "untold" in entry:
        yield f"{service}: told {entry['told']} of {entry['said']}"
    if entry.get("parked"):
        yield f"{service}: parked {entry['parked']}"


def _last_heard(order: Order, listener: str) -> dict[str, int]:
    """By sender, the number of the last message of its history that this list hears."""
    last: dict[str, int] = {}
    for sender, entry in order.items():
        for event in entry["history"]:
            if listener in audience(sender, event["type"]):
                last[sender] = event["n"]
    return last


def _hearing(order: Order) -> Iterator[str]:
    for listener, entry in order.items():
        wanted = _last_heard(order, listener)
        heard = dict(entry["heard"])
        if heard != wanted:
            yield f"{listener}: heard {heard}, there is {wanted}"


# By the state of the dispatch, what the others may show once everything was heard. Where a state is not named, any
# evaluation that is not open or over, and no call that holds anybody (`merged`: it waits for another order).
_BEFORE = ("waiting", "rework")
_EVALUATION: Mapping[str, tuple[str, ...]] = {
    "to_evaluate": ("open",),
    "closed": ("evaluated", "lapsed", "closed"),
}
_CALL: Mapping[str, tuple[str, ...]] = {"called": ("open",), "claimed": ("covered", "in_work")}


def _states(order: Order) -> Iterator[str]:
    intake, dispatch, evaluation = (order[one]["state"] for one in ("intake", "dispatch", "evaluation"))
    call = order["partners"]["state"] if "partners" in order else {"state": "blank"}
    state = dispatch["state"]
    if evaluation["state"] not in _EVALUATION.get(state, _BEFORE):
        yield f"dispatch is {state}, evaluation {evaluation['state']}"
    if call["state"] not in _calls_of(dispatch):
        yield f"dispatch is {state}, the call {call['state']}"
    ended = (state == "closed", intake["closed_at"] is not None, evaluation["closed_at"] is not None)
    if len(set(ended)) > 1:
        yield f"ended for dispatch, intake, evaluation: {ended}"
    outcomes = {dispatch["outcome"], intake["outcome"], evaluation["outcome"]}
    if len(outcomes) > 1:
        yield f"outcomes differ: {outcomes}"
    if dispatch.get("binding") and str(intake["original"] or "") != (dispatch["duplicate_of"] or ""):
        yield f"dispatch says it repeats {dispatch['duplicate_of']}, intake {intake['original']}"
    if evaluation.get("merged") and not (
        state == "merged" or dispatch["outcome"] in ("duplicate", "withdrawn")
    ):
        yield f"dispatch is {state}, evaluation says it repeats another one"
    if (intake["progress"] in ("closed", "withdrawn")) != (state == "closed"):
        yield f"dispatch is {state}, the order {intake['progress']}"


def _calls_of(dispatch: Mapping[str, Any]) -> tuple[str, ...]:
    called = dispatch["call"] is not None and dispatch["call"]["ended"] is None
    if dispatch["call"] is not None and dispatch["call"]["ended"] == "accepted":  # before it was opened again
        return ("accepted",)
    if not (called and dispatch["partners_did"]):
        return _CALL.get(dispatch["state"], _GONE)
    if dispatch["state"] in ("to_check", "to_evaluate"):
        return ("delivered",)
    if dispatch["state"] == "closed":
        return ("accepted",) if dispatch["outcome"] in ("solved", "partly") else _GONE
    return _CALL.get(dispatch["state"], _GONE)


class Money(NamedTuple):
    """Fen. `cost = shares + subsidies + pledges + gap`."""

    shares: int
    subsidies: int
    pledges: int
    gap: int


def money_of(order: Order) -> dict[str, Money]:
    """By list that knows it, who pays, worked out from the claims and shares themselves."""
    found = {}
    money = order["dispatch"]["state"]["money"]
    paid = (money["shares"], money["subsidies"], money["pledged"])
    found["dispatch"] = Money(*paid, money["cost"] - sum(paid))
    over = (order["dispatch"]["state"]["call"] or {}).get("ended")  # its money is no more that of the order
    if "partners" in order and not over and (call := order["partners"]["state"])["state"] not in _GONE:
        needed = sum(line["amount"] for line in call["lines"] if line["kind"] == "funds")
        pledges = sum(_taken(call).get(line["name"], 0) for line in call["lines"] if line["kind"] == "funds")
        found["partners"] = Money(call["shares"], call["subsidies"], pledges, needed - pledges)
    funding = order["intake"]["state"]["funding"]
    pledges = sum(
        one["fen"] for one in funding["pledges"].values() if one["round"] > funding["withdrawn_round"]
    )
    shares, subsidies = funding["shares"], funding["subsidies"]
    open_call = funding["called_round"] > funding["withdrawn_round"]
    gap = funding["estimate"] - shares - subsidies - pledges if funding["estimate"] else 0
    found["intake"] = Money(
        shares, subsidies, pledges, gap if funding["estimate"] else funding["missing"] * open_call
    )
    return found


def _taken(call: Mapping[str, Any]) -> Counter[str]:
    """By line, what the claims of this round hold."""
    taken: Counter[str] = Counter()
    for claim in call["claims"]:
        if claim["round"] == call["round"] and claim["state"] in ("active", "fulfilled"):
            taken.update({line["name"]: line["amount"] for line in claim["lines"]})
    return taken


def _money(order: Order) -> Iterator[str]:
    money = money_of(order)
    if len(set(money.values())) > 1:
        yield f"money differs: {money}"
    if any(part < 0 for each in money.values() for part in each):
        yield f"money below zero: {money}"
    call = order["partners"]["state"] if "partners" in order else None
    if call is None or call["state"] in _GONE:
        return
    if call["cost"] and call["cost"] != sum(money["partners"]):
        yield f"the call costs {call['cost']}, its parts are {money['partners']}"
    missing = {line["name"]: line["amount"] - _taken(call)[line["name"]] for line in call["lines"]}
    if any(amount < 0 for amount in missing.values()):
        yield f"more was pledged than is needed: {missing}"
    if call["state"] in ("covered", "in_work", "delivered") and any(missing.values()):
        yield f"the call is {call['state']} and lacks {missing}"
    holders = {claim["partner_id"] for claim in call["claims"] if claim["state"] == "active"}
    if call["exclusive"] and len(holders) > 1:
        yield f"an exclusive call is held by {len(holders)}"


def _not_as_recorded(order: Order, record: Record) -> Iterator[str]:
    if record.outcome is not None and "dispatch" in order:
        outcome = order["dispatch"]["state"]["outcome"]
        if outcome != record.outcome:
            yield f"it ended {record.outcome}, dispatch says {outcome}"
    for done in record.acknowledged:
        if done.service in order:
            yield from _not_once(order[done.service], done)


def _not_once(entry: Entry, done: Acknowledged) -> Iterator[str]:
    """An acknowledged request is in its entry exactly once: its events, and that its key was answered."""
    mine = [
        event
        for event in entry["history"]
        if event["trace"][3:35] == done.answer.trace and event["cause"].startswith("request:")
    ]
    wanted = SAID[done.what]
    said = [event for event in mine if event["type"] in wanted]
    if len(said) != bool(wanted):
        yield f"{done.service}: {done.what} was acknowledged and is there {len(said)} times"
    keys = [kept["k"] for kept in entry.get("keys", ())]
    if (known := keys.count(key_digest(done.answer.key))) != 1:
        yield f"{done.service}: the key of {done.what} is kept {known} times"


async def _placed_twice(lists: Lists, record: Record) -> list[str]:
    for done in record.acknowledged:
        if done.what == "orders" and (made := await lists.placed_by(done.answer.key)) != [record.id]:
            return [f"one request placed {len(made)} orders"]
    return []


async def _bound(lists: Lists, id: UUID, entry: Entry | None) -> list[str]:
    """What does not hold between an order and the one that it repeats, or those that repeat it."""
    if entry is None or "duplicates" not in entry["state"]:  # what was stored before there was such a thing
        return []
    it, faults = entry["state"], []
    if it["binding"] and (original := it["duplicate_of"]):
        other = (await lists.entry("dispatch", UUID(original)))["state"]
        if str(id) not in other["duplicates"]:
            faults.append(f"it repeats {original}, which does not know it")
        if it["state"] == "merged" and other["state"] == "closed":
            faults.append(f"it is merged, and what it repeats has ended: {other['outcome']}")
    those = await lists.orders([UUID(one) for one in it["duplicates"]])
    faults += [
        f"{one} does not repeat it"
        for one, order in those.items()
        if order["dispatch"]["state"]["duplicate_of"] != str(id)
    ]
    left = [name for name in it["due"] if name.startswith(("original", "duplicates"))]
    return faults + [f"dispatch: nobody has heard it by {left}"] * bool(left)


# ---------------------------------------------------------------------------------------------------------- hash

_TIME = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d")


async def state_hashes(lists: Lists) -> dict[str, str]:
    """By list, a digest of everything it knows, but for times, versions and the order in which messages came."""
    return {service: digest([logical(one) for one in await lists.every(service)]) for service in SERVICES}


async def state_hash(lists: Lists) -> str:
    """One digest of all four lists."""
    return digest(await state_hashes(lists))


def logical(entry: Entry) -> dict[str, Any]:
    state = dict(entry["state"])
    if "timeline" in state:  # lines are numbered as they came in
        lines = sorted(state["timeline"], key=lambda line: (line["service"], line["n"]))
        state["timeline"] = [{**line, "number": 0} for line in lines]
    history = [{name: event[name] for name in ("n", "type", "by", "data")} for event in entry["history"]]
    return {
        "id": entry["_id"],
        "state": state,
        "history": history,
        "heard": entry["heard"],
        "parked": sorted(entry.get("parked", ())),
    }


def digest(value: Any) -> str:
    plain = json.dumps(_timeless(value), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(plain.encode()).hexdigest()


def _timeless(value: Any) -> Any:
    """Every time replaced by the word, everything else as JSON can have it."""
    match value:
        case datetime():
            return "time"
        case str() if _TIME.match(value):
            return "time"
        case UUID():
            return str(value)
        case Mapping():
            return {str(key): _timeless(one) for key, one in value.items()}
        case list() | tuple():
            return [_timeless(one) for one in value]
        case _:
            return value
