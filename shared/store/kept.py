"""Answers kept for a day: a retry gets the same bytes, however much happens to the entry meanwhile (decision 8).

The save that does something writes the answer with it, into the entry: `keys: [{k, f, t, i, s, a, e}]`, so that neither
is there without the other. Soon after it is moved into a collection beside the entries, where it expires by itself.
What stays in the entry is the mark `{k, f, t, i}`: digests of the key and of the request, when it was answered, and
what the answer is called beside it (a key that is used anew after its day has another one).
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections.abc import AsyncGenerator, Collection, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from motor.motor_asyncio import AsyncIOMotorCollection
from pymongo.errors import BulkWriteError

from shared.asked import AlreadyAnswered, Answer, Asked
from shared.entry import Entry
from shared.problems import KeyReused
from shared.store.answers import answer_of

KEPT = timedelta(hours=24)
_LONGER = timedelta(hours=1)  # the answer outlives its mark: whoever sees the mark finds the answer
_WAITS = timedelta(seconds=1)  # for what the entry said to be told: both are one update then
_DUPLICATE = 11000


def key_digest(text: str) -> bytes:
    """16 bytes."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


class Kept:
    """The answers of one list."""

    def __init__(self, collection: AsyncIOMotorCollection[dict[str, Any]], reads: asyncio.Semaphore) -> None:
        """`collection` is the one beside the entries. It needs no confirmation by a majority: what is moved is taken
        out of the entry by a later write, and whoever has the later one has the earlier."""
        self._collection = collection
        self._reads = reads
        self._moving: dict[UUID, list[dict[str, Any]]] = {}  # what this process saved and has not moved

    @staticmethod
    def made(asked: Asked, saved: Entry[Any]) -> list[dict[str, Any]]:
        """What the save puts into the entry: one answer, or nothing for a request without a key."""
        if asked.key is None:
            return []
        answer = asked.answer(saved)
        k, f = key_digest(asked.key), key_digest(asked.fingerprint)
        mark = {"k": k, "f": f, "t": asked.now, "i": secrets.token_bytes(8)}
        return [{**mark, "s": answer.status, "a": answer.body, "e": answer.etag}]

    @staticmethod
    def unanswered(asked: Asked) -> dict[str, Any]:
        """For the filter of a save: nobody was answered with this key since it was loaded."""
        if asked.key is None:
            return {}
        return {
            "keys": {"$not": {"$elemMatch": {"k": key_digest(asked.key), "t": {"$gt": asked.now - KEPT}}}}
        }

    def saved(self, id: UUID, keys: Sequence[dict[str, Any]]) -> None:
        """They are in the entry; the next `moving` takes them out."""
        if keys:
            self._moving.setdefault(id, []).extend(keys)

    async def answer_again(
        self,
        entry: Entry[Any],
        keys: Sequence[Mapping[str, Any]],
        asked: Asked,
        entries: AsyncIOMotorCollection[dict[str, Any]],
    ) -> None:
        """Raises AlreadyAnswered when this request was done before, KeyReused when another one was with its key.

        `keys` are the marks as they were loaded with the entry.
        """
        if asked.key is None:
            return
        wanted, since = key_digest(asked.key), asked.now - KEPT
        mark = next((one for one in reversed(keys) if one["k"] == wanted and one["t"] > since), None)
        if mark is None:
            return
        if mark["f"] != key_digest(asked.fingerprint):
            raise KeyReused
        raise AlreadyAnswered(await self._find(entry, mark, asked, entries))

    async def _find(
        self,
        entry: Entry[Any],
        mark: Mapping[str, Any],
        asked: Asked,
        entries: AsyncIOMotorCollection[dict[str, Any]],
    ) -> Answer:
        """First in the entry, then beside it: it is moved in the other order."""
        this = {"keys": {"$elemMatch": {"i": mark["i"]}}}
        async with self._reads:
            found = await answer_of(entries.find_one({"_id": entry.id}, this))
            kept = (found or {}).get("keys", [{}])[0]
            if "a" not in kept:
                kept = await answer_of(self._collection.find_one({"_id": _beside(entry.id, mark)}))
        if (
            kept is None
        ):  # a backup knows the entry and not its answers: it was done, and this is how it is now
            return asked.answer(entry)
        return Answer(kept["s"], kept["a"], kept["e"])

    @asynccontextmanager
    async def moving(self, told: Collection[UUID], now: datetime) -> AsyncGenerator[dict[UUID, list[bytes]]]:
        """Put the answers of these entries beside them; without any, those that wait for longer than a second.

        Gives whose bodies the entries need no longer, by `i`: they are taken out as long as this lasts, and if that
        fails it is all done again at the next time.
        """
        ids = self._moving.keys() & told
        if not told:
            ids = {id for id, kept in self._moving.items() if kept[0]["t"] < now - _WAITS}
        moving = {id: self._moving.pop(id) for id in ids}
        try:
            if moving:
                await answer_of(_insert(self._collection, moving))
            yield {id: [one["i"] for one in kept] for id, kept in moving.items()}
        except BaseException:
            for id, kept in moving.items():
                self._moving[id] = [*kept, *self._moving.get(id, ())]
            raise


def moved(called: Iterable[bytes], now: datetime) -> dict[str, Any]:
    """A step of an update of the entry: only the marks stay, and of these only those that still count."""
    mark = {name: f"$$this.{name}" for name in "kfti"}
    counts = {"$filter": {"input": "$keys", "cond": {"$gt": ["$$this.t", now - KEPT]}}}
    stays = {"$cond": [{"$in": ["$$this.i", list(called)]}, mark, "$$this"]}
    return {"$set": {"keys": {"$map": {"input": counts, "in": stays}}}}


def _beside(id: UUID, mark: Mapping[str, Any]) -> bytes:
    called: bytes = mark["i"]
    return id.bytes + called


async def _insert(
    collection: AsyncIOMotorCollection[dict[str, Any]], moving: Mapping[UUID, Sequence[dict[str, Any]]]
) -> None:
    documents = [
        {"_id": _beside(id, one), "s": one["s"], "a": one["a"], "e": one["e"], "until": one["t"] + KEPT + _LONGER}
        for id, kept in moving.items()
        for one in kept
    ]  # fmt: skip
    try:
        await collection.insert_many(documents, ordered=False)
    except BulkWriteError as error:  # moved before, and nobody heard of it
        if any(failure["code"] != _DUPLICATE for failure in error.details["writeErrors"]):
            raise
