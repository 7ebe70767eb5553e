"""Entries in MongoDB: one document each, one compare-and-set for everything that changes with it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from motor.motor_asyncio import AsyncIOMotorCollection
from pydantic import ValidationError
from pymongo import InsertOne, UpdateOne
from pymongo.errors import DuplicateKeyError, PyMongoError
from pymongo.read_concern import ReadConcern

from shared.asked import AlreadyAnswered, Answer, Asked
from shared.contracts.message import Heard
from shared.entry import Decision, Entry, S
from shared.problems import Changed, KeyReused, LostRace, NotFound, Unavailable
from shared.store.answers import answer_of
from shared.store.commit import GroupCommit, Write
from shared.store.guards import Guard
from shared.store.listing import STATE, Listing

_KEYS_KEPT = 16  # answers of the latest requests with an Idempotency-Key, per entry


@dataclass(frozen=True, slots=True)
class Tail:
    """The end of a history that was just saved: `types` of everything said so far, `events` the newest of them."""

    id: UUID
    types: tuple[str, ...]
    events: tuple[dict[str, Any], ...]


class Entries(Listing[S]):
    """The entries of one list. Services subclass it with the queries they need."""

    def __init__(
        self,
        collection: AsyncIOMotorCollection[dict[str, Any]],
        told_quickly: AsyncIOMotorCollection[dict[str, Any]],
        reads: asyncio.Semaphore,
        state: type[S],
        tell: Callable[[Tail], None],
    ) -> None:
        """`told_quickly` is the same collection with a weaker write concern: `told` may lag, it is only a hint."""
        self._collection = collection
        self._quick = told_quickly
        # What is told from the database must be there for good: another primary may not have what only one node has.
        self._settled = collection.with_options(read_concern=ReadConcern("majority"))
        self._reads = reads
        self._type = state
        self._tell = tell
        self._commit = GroupCommit(collection)

    # ---------------------------------------------------------------- reading

    async def peek(self, id: UUID) -> Entry[S]:
        """The entry as it is now. Raises NotFound."""
        return self._entry(await self._one({"_id": id}, STATE))

    async def load(self, id: UUID, asked: Asked) -> Entry[S]:
        """The entry for a command. A request that was done before is answered from here, with the same bytes.

        Raises NotFound, KeyReused, AlreadyAnswered.
        """
        wanted = STATE if asked.key is None else {**STATE, "keys": {"$elemMatch": {"k": asked.key}}}
        document = await self._one({"_id": id}, wanted)
        self._answer_again(document, asked)
        return self._entry(document)

    async def load_many(self, ids: Sequence[UUID]) -> dict[UUID, Entry[S]]:
        """Those of the entries that exist, with one query."""
        async with self._reads:
            found = await answer_of(self._collection.find({"_id": {"$in": list(ids)}}, STATE).to_list(None))
        return {document["_id"]: self._entry(document) for document in found}

    async def versions(self, ids: Sequence[UUID]) -> dict[UUID, int]:
        """Of those of the entries that exist; nothing else of them is read."""
        async with self._reads:
            found = await answer_of(
                self._collection.find({"_id": {"$in": list(ids)}}, {"version": 1}).to_list(None)
            )
        return {document["_id"]: document["version"] for document in found}

    async def history(self, id: UUID) -> list[dict[str, Any]]:
        """Everything that happened to one entry, oldest first."""
        history: list[dict[str, Any]] = (await self._one({"_id": id}, {"history": 1}))["history"]
        return history

    # ---------------------------------------------------------------- writing

    async def place(self, id: UUID, decision: Decision[S], asked: Asked) -> Entry[S]:
        """A new entry. A repeated request gets the first one's answer (AlreadyAnswered, KeyReused).

        Raises Unavailable when it is not there: an id is new, so nobody else can have won, the write did not arrive.
        """
        entry = _after(Entry(id, decision.state), decision, asked)
        document = self._document(entry, self._events(entry, decision, asked), asked)
        if asked.key is not None:
            document["placed_key"] = asked.key
        if await self._commit.write(Write(id, InsertOne(document), asked.trace)):
            self._tell(Tail(id, entry.said_types, tuple(document["history"])))
            return entry
        if asked.key is not None:
            with contextlib.suppress(NotFound):
                kept = {"keys": {"$elemMatch": {"k": asked.key}}}
                self._answer_again(await self._one({"placed_key": asked.key}, kept), asked)
        raise Unavailable("the entry was not written")

    async def save(
        self,
        entry: Entry[S],
        decision: Decision[S],
        asked: Asked,
        heard: Sequence[Heard[Any]] = (),
        guard: Guard | None = None,
    ) -> Entry[S]:
        """Compare-and-set: state, history, what was heard and the answer in one write. Raises LostRace.

        Raises Changed when If-Match names another version; only here, for a rule that refuses speaks first.

        `heard` are messages of one sender, in order, that the decision applies. Nothing decided and nothing heard:
        nothing is written but the answer, if there is a key. With a `guard`, that too must be as it was read.
        """
        if asked.expects is not None and asked.expects != entry.version:
            raise Changed(version=entry.version)
        if decision.state is entry.state and not decision.events and not heard:
            if asked.key is not None:
                await self._keep_answer(entry, asked)
            return entry
        after = _after(entry, decision, asked)
        if heard:
            after = replace(after, heard={**entry.heard, heard[-1].sender: heard[-1].n})
        events = self._events(after, decision, asked)
        if entry.version == 0:
            operation: InsertOne[dict[str, Any]] | UpdateOne = InsertOne(self._document(after, events, asked))
        else:
            operation = UpdateOne(_as_loaded(entry, asked), self._changes(after, events, asked, heard))
        write = Write(entry.id, operation, asked.trace)
        saved = self._commit.write(write) if guard is None else self._guarded(write, guard)
        if not await saved:
            raise LostRace
        if events:
            self._tell(Tail(entry.id, after.said_types, tuple(events)))
        return after

    async def _guarded(self, write: Write, guard: Guard) -> bool:
        return await guard.guards.write(guard, write, self._collection, self._commit)

    async def _keep_answer(self, entry: Entry[S], asked: Asked) -> None:
        """For a retry of what changed nothing; the entry stays as it is. Raises LostRace."""
        update = UpdateOne(_as_loaded(entry, asked), {"$push": _kept(asked, entry)})
        if not await self._commit.write(Write(entry.id, update, asked.trace)):
            raise LostRace

    async def park(self, id: UUID, sender: str, n: int, reason: str) -> None:
        """Stop listening to a sender about this entry; its later messages are acknowledged unread."""
        blank = {
            "version": 0,
            "said": 0,
            "told": 0,
            "state": self._type().model_dump(),
            "heard": {},
            "history": [],
        }
        parked = {"n": n, "reason": reason}
        try:
            await answer_of(
                self._collection.update_one(
                    {"_id": id}, [{"$replaceWith": {"$mergeObjects": [
                        {"$literal": blank}, "$$ROOT",
                        {"version": {"$add": [{"$ifNull": ["$version", 0]}, 1]}},
                        {"parked": {"$mergeObjects": ["$parked", {"$literal": {sender: parked}}]}},
                    ]}}], upsert=True)
            )  # fmt: skip
        except DuplicateKeyError:
            await self.park(id, sender, n, reason)

    async def unpark(self, id: UUID, sender: str) -> int:
        """Listen again. Returns the number of the last message applied from the sender. Raises NotFound."""
        await answer_of(
            self._collection.update_one(
                {"_id": id}, {"$unset": {f"parked.{sender}": ""}, "$inc": {"version": 1}}
            )
        )
        return (await self.peek(id)).heard.get(sender, 0)

    # ---------------------------------------------------------------- for the relay and the clocks

    async def move_told(self, moves: Sequence[tuple[UUID, int, int]]) -> None:
        """Note that `first…last` of these histories are on the bus; only contiguously, never over a hole."""
        await self._quick.bulk_write([
            UpdateOne({"_id": id}, [
                {"$set": {"told": {"$cond": [{"$gte": ["$told", first - 1]}, {"$max": ["$told", last]}, "$told"]}}},
                {"$set": {"untold": {"$cond": [{"$gt": ["$said", "$told"]}, "$untold", "$$REMOVE"]}}},
            ])
            for id, first, last in moves
        ], ordered=False)  # fmt: skip

    async def count_untold(self, before: datetime) -> int:
        """How many entries have history that nobody told."""
        return await answer_of(self._collection.count_documents({"untold": {"$lt": before}}))

    async def untold(self, before: datetime, limit: int) -> list[tuple[Tail, int]]:
        """Entries with history that nobody told, oldest first, and the number up to which they are told."""
        found = await answer_of(
            self._settled.find({"untold": {"$lt": before}}, {"history": 1, "told": 1})
            .sort("untold", 1)
            .limit(limit)
            .to_list(None)
        )
        return [(_tail(document, document["told"] + 1), document["told"]) for document in found]

    async def histories(self, since: datetime | None, id: UUID | None, from_n: int) -> AsyncIterator[Tail]:
        """Whole histories, to be told again: of one entry, or of all that have something since then.

        Raises Unavailable when the database goes away.
        """
        wanted: dict[str, Any] = {"said": {"$gte": from_n}}
        if id is not None:
            wanted["_id"] = id
        if since is not None:
            wanted["history.at"] = {"$gte": since}
        try:
            async for document in self._settled.find(wanted, {"history": 1}):
                yield _tail(document, from_n)
        except PyMongoError as error:
            raise Unavailable("the database went away") from error

    async def due(self, now: datetime, limit: int) -> list[UUID]:
        """Entries with a clock that has struck, the latest first in line."""
        found = await answer_of(
            self._collection.find({"due_at": {"$lte": now}}, {"_id": 1})
            .sort("due_at", 1)
            .limit(limit)
            .to_list(None)
        )
        return [document["_id"] for document in found]

    async def look_again(self, id: UUID, at: datetime) -> None:
        """Put off the next look at an entry's clocks. They stay as they are; the next save counts them anew."""
        await answer_of(self._collection.update_one({"_id": id}, {"$set": {"due_at": at}}))

    async def changes(self) -> AsyncGenerator[UUID | None]:
        """First None, once it listens; from then on ids of entries as they change, from any replica.

        Raises Unavailable when the database goes.
        """
        pipeline: list[Mapping[str, Any]] = [
            {"$match": {"operationType": {"$in": ["update", "replace"]}}},
            {"$project": {"documentKey": 1}},
        ]
        try:
            async with self._collection.watch(pipeline, max_await_time_ms=1000) as stream:
                change = await stream.try_next()  # the driver opens it only now
                yield None
                while stream.alive:
                    if change is not None:
                        yield change["documentKey"]["_id"]
                    change = await stream.try_next()
        except PyMongoError as error:
            raise Unavailable("the database went away") from error

    # ---------------------------------------------------------------- documents

    def found_by(self, state: S) -> dict[str, Any]:  # noqa: ARG002 - for lists that need it
        """What lists find an entry by, made of its state at each save and kept beside it as `find`, for indexes."""
        return {}

    async def _one(self, filter: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, Any]:
        async with self._reads:
            document = await answer_of(self._collection.find_one(filter, wanted))
        if document is None:
            raise NotFound
        return document

    def _entry(self, document: dict[str, Any]) -> Entry[S]:
        try:
            state = self._type.model_validate(document["state"])
        except ValidationError as error:  # a fault of ours; its own text would show what is stored
            where = ", ".join(".".join(map(str, one["loc"])) for one in error.errors(include_input=False)[:5])
            raise RuntimeError(f"the stored state of {document['_id']} is not readable: {where}") from None
        types = tuple([event["type"] for event in document["history"]])
        return Entry(
            document["_id"],
            state,
            document["version"],
            types,
            document["heard"],
            frozenset(document.get("parked", ())),
            document["history"][-1]["at"] if document["history"] else None,
        )

    @staticmethod
    def _answer_again(document: Mapping[str, Any], asked: Asked) -> None:
        for kept in document.get("keys", ()):
            if kept["k"] == asked.key:
                if kept["f"] != asked.fingerprint:
                    raise KeyReused
                raise AlreadyAnswered(Answer(kept["s"], kept["a"], kept["e"]))

    @staticmethod
    def _events(after: Entry[S], decision: Decision[S], asked: Asked) -> list[dict[str, Any]]:
        first = after.said - len(decision.events) + 1
        return [
            {
                "n": n,
                "type": event.type(),
                "at": after.last_at or asked.now,
                "by": {"role": asked.caller.by.role, "id": asked.caller.by.id},
                "data": event.model_dump(mode="json"),
                "cause": asked.cause,
                "trace": asked.trace,
            }
            for n, event in enumerate(decision.events, first)
        ]

    def _document(self, after: Entry[S], events: list[dict[str, Any]], asked: Asked) -> dict[str, Any]:
        document: dict[str, Any] = {
            "_id": after.id,
            "version": after.version,
            "said": after.said,
            "told": 0,
            "state": after.state.model_dump(),
            "heard": dict(after.heard),
            "history": events,
        }
        if find := self.found_by(after.state):
            document["find"] = find
        if events:
            document["untold"] = asked.now
        if after.state.due:
            document["due_at"] = min(after.state.due.values())
        if asked.key is not None:
            document["keys"] = _kept(asked, after)["keys"]["$each"]
        return document

    def _changes(
        self, after: Entry[S], events: list[dict[str, Any]], asked: Asked, heard: Sequence[Heard[Any]]
    ) -> dict[str, Any]:
        changed: dict[str, Any] = {"version": after.version, "state": after.state.model_dump()}
        changes: dict[str, Any] = {"$set": changed}
        if find := self.found_by(after.state):
            changed["find"] = find
        if heard:
            changed[f"heard.{heard[-1].sender}"] = heard[-1].n
        if after.state.due:
            changed["due_at"] = min(after.state.due.values())
        else:
            changes["$unset"] = {"due_at": ""}
        pushed: dict[str, Any] = {}
        if events:
            changed["said"] = after.said
            pushed["history"] = {"$each": events}
            changes["$min"] = {"untold": asked.now}
        if asked.key is not None:
            pushed |= _kept(asked, after)
        if pushed:
            changes["$push"] = pushed
        return changes


def _after(entry: Entry[S], decision: Decision[S], asked: Asked) -> Entry[S]:
    """The entry once it is saved. Whoever lost a race asked before the winner's event, but says it after."""
    types = entry.said_types + tuple([event.type() for event in decision.events])
    last_at = max(asked.now, entry.last_at or asked.now) if decision.events else entry.last_at
    return replace(entry, state=decision.state, version=entry.version + 1, said_types=types, last_at=last_at)


def _as_loaded(entry: Entry[Any], asked: Asked) -> dict[str, Any]:
    """Nobody changed it since, and nobody was answered with this key."""
    unused = {} if asked.key is None else {"keys.k": {"$ne": asked.key}}
    return {"_id": entry.id, "version": entry.version, **unused}


def _kept(asked: Asked, after: Entry[Any]) -> dict[str, Any]:
    """What is pushed for a retry to find."""
    answer = asked.answer(after)
    kept = {"k": asked.key, "f": asked.fingerprint, "s": answer.status, "a": answer.body, "e": answer.etag}
    return {"keys": {"$each": [kept], "$slice": -_KEYS_KEPT}}


def _tail(document: Mapping[str, Any], first: int) -> Tail:
    history = document["history"]
    return Tail(document["_id"], tuple(event["type"] for event in history), tuple(history[first - 1 :]))
