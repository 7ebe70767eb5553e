"""What one life consists of, taken from a real one: its requests, saves, messages, and their sizes.

Requests and answers are as the client sent and got them. Saves are what a change stream with the documents before
and after shows: each write to an entry that raised its version; what was pushed is by how much the document grew, what
was set is the rest of what changed. Messages are as they stand in the streams; who heard one stands in it (`after`).
"""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

import bson
import orjson
from bson import CodecOptions
from bson.binary import UuidRepresentation
from nats.js.errors import NotFoundError

from deploy.demo.check import COLLECTIONS
from deploy.local import outside
from shared.naming import SERVICES, Names
from tests.load.people import Life, Sent
from tests.load.place import Bench

_CODEC: CodecOptions[dict[str, Any]] = CodecOptions(
    tz_aware=True, uuid_representation=UuidRepresentation.STANDARD
)
_SILENCE = 3.0  # seconds without a change after which there are no more


class Request(NamedTuple):
    service: str
    body: int  # bytes
    status: int
    answer: int
    save: int  # number of the save that it leads to


class Save(NamedTuple):
    """`size` of a new entry, or what is `set` and `pushed` in an existing one, in bytes; what is told of it then."""

    service: str
    size: int
    set: int
    pushed: int
    messages: list[int]


class Message(NamedTuple):
    """`saves`: by listener, the number of the save it leads to; None where it was saved together with a later one."""

    sender: str
    n: int
    subject: str
    size: int
    headers: dict[str, str]
    saves: dict[str, int | None]


class Recipe(NamedTuple):
    requests: list[Request]
    saves: list[Save]
    messages: list[Message]
    beside: dict[str, int]  # writes of the life that are no saves of entries, by what they are: not in F

    def as_json(self) -> bytes:
        return orjson.dumps({name: _plain(value) for name, value in self._asdict().items()})

    @classmethod
    def of(cls, text: bytes) -> Recipe:
        found = orjson.loads(text)
        return cls(
            [Request(**one) for one in found["requests"]],
            [Save(**one) for one in found["saves"]],
            [Message(**one) for one in found["messages"]],
            found["beside"],
        )

    def summary(self) -> dict[str, Any]:
        """For the table."""
        return {
            "requests": len(self.requests), "request bytes": sum(one.body for one in self.requests),
            "answer bytes": sum(one.answer for one in self.requests),
            "saves": len(self.saves), "saves by service": dict(Counter(one.service for one in self.saves)),
            "bytes saved": sum(one.size + one.set + one.pushed for one in self.saves),
            "messages": len(self.messages), "message bytes": sum(one.size for one in self.messages),
            "deliveries": sum(len(one.saves) for one in self.messages), "not in F": self.beside,
        }  # fmt: skip


class Change(NamedTuple):
    """One write to an entry: the document before (empty: there was none) and after it."""

    service: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    changed: int  # bytes of the fields that changed


async def record(bench: Bench) -> Recipe:
    """Play one life on a quiet system and write down what it consists of."""
    await Life(bench.clients(), bench.people, bench.chance).live()  # the first one is not like the others
    await bench.settled()
    for service, name in COLLECTIONS.items():
        await bench.counters.mongo[service].command(
            "collMod", name, changeStreamPreAndPostImages={"enabled": True}
        )
    life = Life(bench.clients(), bench.people, bench.chance)
    changes, id = await _watch(bench, life)
    for service, name in COLLECTIONS.items():
        await bench.counters.mongo[service].command(
            "collMod", name, changeStreamPreAndPostImages={"enabled": False}
        )
    saves = [one for one in changes if one.after["version"] != one.before.get("version", 0)]
    beside = Counter(f"{one.service}: told noted" for one in changes if one not in saves)
    return recipe_of(life.taken, saves, await _messages(bench, id), dict(beside))


async def _watch(bench: Bench, life: Life) -> tuple[list[Change], UUID]:
    """Live, and return every change of its entries, in the order in which the database made them."""
    found: list[dict[str, Any]] = []
    ours = [{"ns.db": service, "ns.coll": name} for service, name in COLLECTIONS.items()]
    stream = await bench.counters.mongo.watch(
        [{"$match": {"$or": ours}}],
        full_document="whenAvailable",
        full_document_before_change="whenAvailable",
        max_await_time_ms=500,
    )
    async with stream:
        await stream.try_next()
        id = UUID(await life.live())
        await bench.settled()
        silent_since = asyncio.get_running_loop().time()
        while asyncio.get_running_loop().time() - silent_since < _SILENCE:
            if (change := await stream.try_next()) is not None:
                found.append(change)
                silent_since = asyncio.get_running_loop().time()
    changes = [
        Change(
            one["ns"]["db"],
            one.get("fullDocumentBeforeChange") or {},
            one["fullDocument"],
            _size(one.get("updateDescription", {}).get("updatedFields", {})),
        )
        for one in found
        if one["documentKey"]["_id"] == id
    ]
    return changes, id


async def _messages(bench: Bench, id: UUID) -> dict[tuple[str, int], tuple[str, bytes, dict[str, str]]]:
    """By sender and number, what the streams hold of an order."""
    found = {}
    client = await outside.connect(*bench.system.nats_operator)
    try:
        js = client.jetstream(timeout=15)
        for sender in SERVICES:
            state = (await js.stream_info(Names().stream(sender))).state
            for seq in range(state.first_seq, state.last_seq + 1):
                try:
                    one = await js.get_msg(Names().stream(sender), seq)
                except NotFoundError:
                    continue
                headers = dict(one.headers or {})
                if headers.get("ce-subject") == str(id):
                    found[sender, int(headers["hehuo-n"])] = (one.subject or "", one.data or b"", headers)
    finally:
        await client.close()
    return found


def recipe_of(
    taken: Sequence[Sent],
    changes: Sequence[Change],
    told: Mapping[tuple[str, int], tuple[str, bytes, dict[str, str]]],
    beside: dict[str, int],
) -> Recipe:
    """Put together what was seen of one life. Raises ValueError when it is not known what a save came of."""
    order = sorted(told)
    saves: list[Save] = []
    by_request: defaultdict[str, list[int]] = defaultdict(list)
    by_message: dict[tuple[str, str, int], int] = {}  # listener, sender, number → save
    for number, one in enumerate(changes):
        events = range(one.before.get("said", 0) + 1, one.after["said"] + 1)
        grown = max(0, _size(one.after) - _size(one.before)) if one.before else 0
        new = 0 if one.before else _size(one.after)
        set_ = max(0, one.changed - grown) if one.before else 0
        saves.append(Save(one.service, new, set_, grown, [order.index((one.service, n)) for n in events]))
        heard = [
            (sender, n) for sender, n in one.after["heard"].items() if n != one.before.get("heard", {}).get(sender)
        ]  # fmt: skip
        for sender, n in heard:
            by_message[one.service, sender, n] = number
        if not heard:
            by_request[one.service].append(number)
    requests = []
    for sent in taken:
        body = len(orjson.dumps(sent.body))
        requests.append(
            Request(sent.service, body, sent.status, sent.answer, by_request[sent.service].pop(0))
        )
    if left := {service: some for service, some in by_request.items() if some}:
        raise ValueError(f"saves that nobody asked for: {left}")
    messages = [
        Message(sender, n, subject, len(body), headers, {
            listener: by_message.get((listener, sender, n)) for listener in orjson.loads(body)["after"]
        })
        for (sender, n), (subject, body, headers) in ((key, told[key]) for key in order)
    ]  # fmt: skip
    _check(saves, requests, messages)
    return Recipe(requests, saves, messages, beside)


def _check(saves: list[Save], requests: Iterable[Request], messages: Iterable[Message]) -> None:
    """Every save has exactly one cause, or F would do less than the life. Raises ValueError."""
    causes = Counter(one.save for one in requests)
    causes.update(save for one in messages for save in one.saves.values() if save is not None)
    if odd := [number for number in range(len(saves)) if causes[number] != 1]:
        raise ValueError(f"of these saves it is not known what they came of: {odd}")


def _size(document: Mapping[str, Any]) -> int:
    return len(bson.encode(document, codec_options=_CODEC)) if document else 0


def _plain(value: Any) -> Any:
    return [one._asdict() for one in value] if isinstance(value, list) else value
