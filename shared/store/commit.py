"""Group commit: writes that wait while others are under way go to MongoDB together in the next call. No timer.

Alone, a write goes at once. Under load one call carries up to 256 of them, and the journal is flushed once for all.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from bson.errors import BSONError
from motor.motor_asyncio import AsyncIOMotorCollection
from pymongo import InsertOne, UpdateOne
from pymongo.errors import BulkWriteError, PyMongoError
from pymongo.read_concern import ReadConcern

from shared.problems import Unavailable
from shared.telemetry import SAVE_BATCH, SAVES, log

_LARGEST = 256
_AT_ONCE = 2  # calls under way; a third would only wait for the same journal
_DUPLICATE = 11000
_MISSED = 66  # ImmutableField: see `only_if`
_log = log(__name__)


@dataclass(slots=True, eq=False)
class Write:
    """One insert or compare-and-set of one entry. `mark` is a text that stands in the history only if it was done."""

    id: UUID
    operation: InsertOne[dict[str, Any]] | UpdateOne
    mark: str
    done: asyncio.Future[bool] = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    def settle(self, applied: bool) -> None:
        if not self.done.done():
            self.done.set_result(applied)

    def fail(self, error: Exception) -> None:
        if not self.done.done():
            self.done.set_exception(error)


def only_if(filter: Mapping[str, Any], changes: Mapping[str, Any]) -> UpdateOne:
    """A compare-and-set that says when it missed: the answer to many updates tells how many matched, never which.

    Whatever does not match would be inserted, under another `_id` than it was looked for: that is an error, of this
    one update, and nothing is done.
    """
    return UpdateOne(filter, {**changes, "$setOnInsert": {"_id": None}}, upsert=True)


def missed(error: BulkWriteError) -> bool:
    """Whether a bulk failed only because conditions did not hold, or ids exist."""
    codes = {failure["code"] for failure in error.details["writeErrors"]}
    return bool(codes) and codes <= {_DUPLICATE, _MISSED}


class GroupCommit:
    """Durable writes (majority, journaled) of one collection."""

    def __init__(self, collection: AsyncIOMotorCollection[dict[str, Any]]) -> None:
        self._collection = collection
        self._waiting: deque[Write] = deque()
        self._running = 0
        self._tasks: set[asyncio.Task[None]] = set()

    async def write(self, write: Write) -> bool:
        """True when it was done, False when its condition did not hold (or the id exists).

        Raises Unavailable when the outcome could not be learnt: the caller must not claim either. What cannot be
        encoded fails with the driver's own error, and alone.
        """
        self._waiting.append(write)
        if self._running < _AT_ONCE:
            self._running += 1
            task = asyncio.create_task(self._drain())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return await write.done

    async def learn(self, write: Write) -> bool:
        """Whether a write whose outcome is unknown was done. Raises Unavailable when nobody says."""
        return (await self._look([write]))[0]

    async def _drain(self) -> None:
        try:
            while self._waiting:
                batch = [self._waiting.popleft() for _ in range(min(_LARGEST, len(self._waiting)))]
                try:
                    await self._commit(batch)
                except Exception as error:  # noqa: BLE001 - whoever waits must hear of it, whatever it is
                    for write in batch:
                        write.fail(
                            error if isinstance(error, Unavailable) else Unavailable(type(error).__name__)
                        )
        finally:  # in the same step in which the queue was seen empty: whoever comes now starts another
            self._running -= 1

    async def _commit(self, batch: Sequence[Write]) -> None:
        SAVE_BATCH.observe(len(batch))
        failures: dict[int, int] = {}  # code by index
        certain = True
        try:
            await self._collection.bulk_write([write.operation for write in batch], ordered=False)
        except BulkWriteError as error:
            failures = {failure["index"]: failure["code"] for failure in error.details["writeErrors"]}
            if broken := sorted(set(failures.values()) - {_DUPLICATE, _MISSED}):
                _log.error("write refused by the database", codes=broken)
            certain = not error.details["writeConcernErrors"]
        except PyMongoError as error:
            _log.warning("outcome of a write unknown, looking", error=type(error).__name__, writes=len(batch))
            certain = False
        except (BSONError, OverflowError, UnicodeError) as error:
            await self._apart(batch, error)
            return
        outcome = [i not in failures for i in range(len(batch))]
        if not certain:
            outcome = await self._look(batch)
        for i, (write, applied) in enumerate(zip(batch, outcome, strict=True)):
            if not applied and failures.get(i, _MISSED) not in (_DUPLICATE, _MISSED):
                write.fail(Unavailable("the database refused it"))
                continue
            SAVES.labels("done" if applied else "lost").inc()
            write.settle(applied)

    async def _apart(self, batch: Sequence[Write], error: Exception) -> None:
        """One of them cannot be encoded: it fails by itself, with its own error. Some others may have been sent."""
        if len(batch) == 1:
            batch[0].fail(error)
            return
        sent = await self._look(batch)
        for write, applied in zip(batch, sent, strict=True):
            if applied:
                SAVES.labels("done").inc()
                write.settle(True)
            else:
                await self._commit([write])

    async def _look(self, batch: Sequence[Write]) -> list[bool]:
        """Whose mark stands in the history. A write without events has none: it counts as lost and is decided anew.

        What is seen must be durable, and what is not seen must not come later.
        """
        ids = list({write.id for write in batch})
        where = self._collection.with_options(read_concern=ReadConcern("linearizable"))
        try:
            found = (
                await where.find({"_id": {"$in": ids}}, {"history.trace": 1}).max_time_ms(5000).to_list(None)
            )
        except PyMongoError as error:
            raise Unavailable("the database did not say whether it was saved") from error
        marks = {
            document["_id"]: {event["trace"] for event in document.get("history", ())} for document in found
        }
        return [write.mark in marks.get(write.id, ()) for write in batch]
