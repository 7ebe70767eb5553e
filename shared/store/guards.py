"""One entry, and one document that must be as it was read: both change in one step, or neither does.

For a rule that looks at more than one entry (what a partner carries on all its calls, say). Whoever decides reads the
guard first, then whatever the rule needs, and saves with the guard: of two decisions on the same guard one is saved,
the other looks again. It costs a transaction, so only decisions that take something use it (docs/decisions/0012).
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID
from weakref import WeakValueDictionary

from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorCollection
from pymongo import MongoClient, WriteConcern
from pymongo.client_session import ClientSession
from pymongo.collection import Collection
from pymongo.errors import BulkWriteError, DuplicateKeyError, OperationFailure, PyMongoError
from pymongo.read_concern import ReadConcern

from shared.store.answers import answer_of
from shared.store.commit import GroupCommit, Write, missed
from shared.store.remembered import Remembered

_DURABLE = WriteConcern(w="majority", j=True, wtimeout=10000)


class _Missed(Exception):
    """Something was not as it was read; the transaction is over."""


@dataclass(frozen=True, slots=True)
class Guard:
    """A guard as it was read; version 0: nobody has saved with it yet."""

    guards: Guards
    id: UUID
    version: int


class Guards:
    """Documents that hold nothing but a number."""

    def __init__(
        self,
        client: AsyncIOMotorClient[dict[str, Any]],
        collection: AsyncIOMotorCollection[dict[str, Any]],
        reads: asyncio.Semaphore,
    ) -> None:
        self._client = client
        self._collection = collection
        self._reads = reads
        self._remembered: Remembered[Guard] = Remembered()
        self._turns: WeakValueDictionary[UUID, asyncio.Lock] = WeakValueDictionary()

    def turn(self, entry: UUID) -> asyncio.Lock:
        """Those of this process who want one entry come one after the other: only one of them can win, and whoever
        comes later sees it before it counts anything. What is right does not depend on it."""
        return self._turns.setdefault(entry, asyncio.Lock())

    async def read(self, id: UUID) -> Guard:
        """As it is now, or as this process raised it last; whatever is older by now only loses.

        What is read after it is at least as new as every save that it counts.
        """
        if (guess := self._remembered.guess(id)) is not None:
            return guess
        async with self._reads:
            found = await answer_of(self._collection.find_one({"_id": id}))
        return Guard(self, id, found["version"] if found else 0)

    async def write(
        self, guard: Guard, write: Write, entries: AsyncIOMotorCollection[dict[str, Any]], commit: GroupCommit
    ) -> bool:
        """True when both were done, False when either was not as it was read.

        Raises Unavailable when the outcome could not be learnt.
        """
        both = asyncio.get_running_loop().run_in_executor(None, self._both, guard, write, entries.delegate)
        try:
            await both
        except (_Missed, DuplicateKeyError):
            self._remembered.missed(guard.id)
            return False
        except PyMongoError as error:
            self._remembered.missed(guard.id)
            if isinstance(error, OperationFailure) and error.has_error_label("TransientTransactionError"):
                return False  # another write was there first: nothing was done
            return await commit.learn(write)
        self._remembered.saved(replace(guard, version=guard.version + 1))
        return True

    def _both(self, guard: Guard, write: Write, entries: Collection[dict[str, Any]]) -> None:
        """In a thread, from the first step to the last: motor would change threads at each of them."""
        client: MongoClient[dict[str, Any]] = self._client.delegate
        with client.start_session() as session, session.start_transaction(ReadConcern("snapshot"), _DURABLE):
            _raise(guard, self._collection.delegate, session)
            _apply(write, entries, session)


def _raise(guard: Guard, guards: Collection[dict[str, Any]], session: ClientSession) -> None:
    if guard.version == 0:
        guards.insert_one({"_id": guard.id, "version": 1}, session=session)
        return
    raised: Mapping[str, Any] = {"$inc": {"version": 1}}
    as_read = {"_id": guard.id, "version": guard.version}
    if not guards.update_one(as_read, raised, session=session).matched_count:
        raise _Missed


def _apply(write: Write, entries: Collection[dict[str, Any]], session: ClientSession) -> None:
    try:
        entries.bulk_write([write.operation], session=session)
    except BulkWriteError as error:
        if missed(error):
            raise _Missed from None
        raise
