"""Entries in MongoDB: one document each, one compare-and-set for everything that changes with it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any
from uuid import UUID

from motor.motor_asyncio import AsyncIOMotorCollection
from pymongo import InsertOne, UpdateOne
from pymongo.errors import DuplicateKeyError, PyMongoError
from pymongo.read_concern import ReadConcern

from shared.asked import AlreadyAnswered, Asked
from shared.contracts.message import Heard
from shared.entry import Decision, Entry, S
from shared.problems import KeyReused, LostRace, NotFound, Unavailable
from shared.store.answers import answer_of
from shared.store.commit import GroupCommit, Write, only_if
from shared.store.document import READ, after, blank, changes_of, document_of, entry_of, events_of
from shared.store.gather import Gather
from shared.store.guards import Guard
from shared.store.kept import Kept, key_digest, moved
from shared.store.listing import Listing
from shared.store.remembered import Remembered

_WITH_KEYS = {**READ, "keys.k": 1, "keys.f": 1, "keys.t": 1, "keys.i": 1}


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
        quick: AsyncIOMotorCollection[dict[str, Any]],
        kept: Kept,
        reads: asyncio.Semaphore,
        state: type[S],
        tell: Callable[[Tail], None],
        zone: tzinfo,
    ) -> None:
        """`quick` is the same collection with a weaker write concern: `told` may lag, it is only a hint.

        `zone`: whose days and months the sums are of.
        """
        self._collection = collection
        naive = collection.codec_options.with_options(tz_aware=False, tzinfo=None)
        self._without_zones = collection.with_options(codec_options=naive)
        self._quick = quick
        # What is told from the database must be there for good: another primary may not have what only one node has.
        self._settled = collection.with_options(read_concern=ReadConcern("majority"))
        self._reads = reads
        self._type = state
        self._tell = tell
        self.zone = zone
        self._commit = GroupCommit(collection)
        self._kept = kept
        self._gather = Gather(collection, reads, _WITH_KEYS, self._with_keys)
        self._remembered: Remembered[Entry[S]] = Remembered()
        self.next_clock = datetime.max.replace(
            tzinfo=UTC
        )  # as far as this process knows, no clock strikes before

    # ---------------------------------------------------------------- reading

    async def peek(self, id: UUID) -> Entry[S]:
        """The entry as it is now. Raises NotFound."""
        return (await self._gather.one(id))[0]

    async def load(self, id: UUID, asked: Asked) -> Entry[S]:
        """The entry for a command. A request that was done before is answered from here, with the same bytes.

        Raises NotFound, KeyReused, AlreadyAnswered.
        """
        entry, keys = await self._gather.one(id)
        await self._kept.answer_again(entry, keys, asked, self._collection)
        return entry

    def guess(self, id: UUID) -> Entry[S] | None:
        """The entry as this process saved it last, if it knows. Good for a decision that is saved, for nothing else."""
        return self._remembered.guess(id)

    async def load_many(self, ids: Sequence[UUID]) -> dict[UUID, Entry[S]]:
        """Those of the entries that exist, with one query."""
        async with self._reads:
            found = await answer_of(self._collection.find({"_id": {"$in": list(ids)}}, READ).to_list(None))
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
        entry = after(Entry(id, decision.state), decision, asked)
        events, keys = events_of(entry, decision, asked), self._kept.made(asked, entry)
        document = document_of(entry, events, keys, self.found_by(entry), asked.now)
        if asked.key is not None:
            document |= {"placed_key": asked.key, "placed_as": key_digest(asked.fingerprint)}
        if await self._commit.write(Write(id, InsertOne(document), asked.trace)):
            self._is_saved(entry, events, keys)
            return entry
        if asked.key is not None:
            await self._placed_before(asked)
        raise Unavailable("the entry was not written")

    async def _placed_before(self, asked: Asked) -> None:
        """Raises AlreadyAnswered or KeyReused if this key has placed an entry, however long ago: one tap, one entry."""
        try:
            found = await self._one({"placed_key": asked.key}, {**_WITH_KEYS, "placed_as": 1})
        except NotFound:
            return
        entry, keys = self._with_keys(found)
        await self._kept.answer_again(entry, keys, asked, self._collection)
        if found.get("placed_as") != key_digest(asked.fingerprint):
            raise KeyReused
        raise AlreadyAnswered(asked.answer(entry))  # the answer is gone after a day: how it is now

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
        if asked.expects is not None:
            asked.must_expect(asked.version_of(entry))
        if decision.state is entry.state and not decision.events and not heard:
            if asked.key is not None:
                await self._keep_answer(entry, asked)
            return entry
        saved = after(entry, decision, asked, heard)
        events, keys = events_of(saved, decision, asked), self._kept.made(asked, saved)
        find = self.found_by(saved)
        operation: InsertOne[dict[str, Any]] | UpdateOne
        if entry.version == 0:
            operation = InsertOne(document_of(saved, events, keys, find, asked.now))
        else:
            changes = changes_of(entry, saved, events, keys, find, asked.now)
            operation = only_if(self._as_loaded(entry, asked), changes)
        write = Write(entry.id, operation, asked.trace)
        if not await (self._commit.write(write) if guard is None else self._guarded(write, guard)):
            self._remembered.missed(entry.id)
            raise LostRace
        self._is_saved(saved, events, keys)
        return saved

    def _is_saved(
        self, saved: Entry[S], events: Sequence[dict[str, Any]], keys: Sequence[dict[str, Any]]
    ) -> None:
        self._remembered.saved(saved)
        self._kept.saved(saved.id, keys)
        if saved.state.due:
            self.next_clock = min(self.next_clock, *saved.state.due.values())
        if events:
            self._tell(Tail(saved.id, saved.said_types, tuple(events)))

    async def _guarded(self, write: Write, guard: Guard) -> bool:
        return await guard.guards.write(guard, write, self._collection, self._commit)

    async def _keep_answer(self, entry: Entry[S], asked: Asked) -> None:
        """For a retry of what changed nothing; the entry stays as it is. Raises LostRace."""
        keys = self._kept.made(asked, entry)
        update = only_if(self._as_loaded(entry, asked), {"$push": {"keys": {"$each": keys}}})
        if not await self._commit.write(Write(entry.id, update, asked.trace)):
            self._remembered.missed(entry.id)
            raise LostRace
        self._kept.saved(entry.id, keys)

    def _as_loaded(self, entry: Entry[Any], asked: Asked) -> dict[str, Any]:
        """Nobody changed it since, and nobody was answered with this key."""
        return {"_id": entry.id, "version": entry.version, **self._kept.unanswered(asked)}

    async def park(self, id: UUID, sender: str, n: int, reason: str) -> None:
        """Stop listening to a sender about this entry; its later messages are acknowledged unread."""
        parked = {"n": n, "reason": reason}
        try:
            await answer_of(
                self._collection.update_one(
                    {"_id": id}, [{"$replaceWith": {"$mergeObjects": [
                        {"$literal": blank(self._type)}, "$$ROOT",
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

    async def move_told(self, moves: Sequence[tuple[UUID, int, int]], now: datetime) -> None:
        """Note that `first…last` of these histories are on the bus; only contiguously, never over a hole.

        In the same update their answers are moved beside them; without moves, those that wait.
        """
        told = {id for id, _, _ in moves}
        async with self._kept.moving(told, now) as answers:
            steps = {id: [moved(called, now)] for id, called in answers.items()}
            for id, first, last in moves:
                steps.setdefault(id, []).append(_told(first, last))
            for id in told:
                steps[id].append(_UNTOLD_STILL)
            if steps:
                updates = [UpdateOne({"_id": id}, pipeline) for id, pipeline in steps.items()]
                await answer_of(self._quick.bulk_write(updates, ordered=False))

    async def count_untold(self, before: datetime, most: int = 1_000_000) -> int:
        """How many entries have history that nobody told; no further than `most`."""
        return await answer_of(self._collection.count_documents({"untold": {"$lt": before}}, limit=most))

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

    async def learn_next_clock(self) -> None:
        """Look when the next clock strikes; what is saved meanwhile counts with it."""
        self.next_clock = datetime.max.replace(tzinfo=UTC)
        found = await answer_of(
            self._collection.find({"due_at": {"$exists": True}}, {"_id": 0, "due_at": 1})
            .sort("due_at", 1)
            .limit(1)
            .to_list(None)
        )
        self.next_clock = min([self.next_clock, *(document["due_at"] for document in found)])

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

    def found_by(self, entry: Entry[S]) -> dict[str, Any]:  # noqa: ARG002 - for lists that need it
        """What lists find an entry by, made of it at each save and kept beside it as `find`, for indexes."""
        return {}

    async def _one(self, filter: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, Any]:
        async with self._reads:
            document = await answer_of(self._collection.find_one(filter, wanted))
        if document is None:
            raise NotFound
        return document

    def _entry(self, document: dict[str, Any]) -> Entry[S]:
        return entry_of(document, self._type)

    def _with_keys(self, document: dict[str, Any]) -> tuple[Entry[S], Sequence[Mapping[str, Any]]]:
        """The entry and the marks of the answers that were given."""
        return self._entry(document), document.get("keys", ())


_UNTOLD_STILL = {"$set": {"untold": {"$cond": [{"$gt": ["$said", "$told"]}, "$untold", "$$REMOVE"]}}}


def _told(first: int, last: int) -> dict[str, Any]:
    """A step of an update: these numbers are told, if those before them are."""
    contiguous = {"$gte": ["$told", first - 1]}
    return {"$set": {"told": {"$cond": [contiguous, {"$max": ["$told", last]}, "$told"]}}}


def _tail(document: Mapping[str, Any], first: int) -> Tail:
    history = document["history"]
    return Tail(document["_id"], tuple(event["type"] for event in history), tuple(history[first - 1 :]))
