"""Group commit: writes that wait while others are under way go to MongoDB together in the next call. No timer.

Alone, a write goes at once. Under load one call carries up to 256 of them, and the journal is flushed once for all.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
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


class GroupCommit:
    """Durable writes (majority, journaled) of one collection."""

    def __init__(self, collection: AsyncIOMotorCollection[dict[str, Any]]) -> None:
        self._collection = collection
        self._waiting: deque[Write] = deque()
        self._running: set[asyncio.Task[None]] = set()

    async def write(self, write: Write) -> bool:
        """True when it was done, False when its condition did not hold (or the id exists).

        Raises Unavailable when the outcome could not be learnt: the caller must not claim either. What cannot be
        encoded fails with the driver's own error, and alone.
        """
        self._waiting.append(write)
        if len(self._running) < _AT_ONCE:
            task = asyncio.create_task(self._drain())
            self._running.add(task)
            task.add_done_callback(self._running.discard)
        return await write.done

    async def learn(self, write: Write) -> bool:
        """Whether a write whose outcome is unknown was done. Raises Unavailable when nobody says."""
        return (await self._look([write], certain=False))[0]

    async def _drain(self) -> None:
        while self._waiting:
            batch = [self._waiting.popleft() for _ in range(min(_LARGEST, len(self._waiting)))]
            try:
                await self._commit(batch)
            except Exception as error:  # noqa: BLE001 - whoever waits must hear of it, whatever it is
                for write in batch:
                    write.fail(error if isinstance(error, Unavailable) else Unavailable(type(error).__name__))

    async def _commit(self, batch: Sequence[Write]) -> None:
        SAVE_BATCH.observe(len(batch))
        refused: set[int] = set()
        broken: set[int] = set()  # refused for another reason than that the id exists
        try:
            result = await self._collection.bulk_write([write.operation for write in batch], ordered=False)
            matched, certain = result.matched_count, True
        except BulkWriteError as error:
            refused = {failure["index"] for failure in error.details["writeErrors"]}
            unexpected = [f for f in error.details["writeErrors"] if f["code"] != 11000]
            broken = {failure["index"] for failure in unexpected}
            if unexpected:
                _log.error("write refused by the database", codes=sorted({f["code"] for f in unexpected}))
            matched = error.details["nMatched"]
            certain = not error.details["writeConcernErrors"] and not unexpected
        except PyMongoError as error:
            _log.warning("outcome of a write unknown, looking", error=type(error).__name__, writes=len(batch))
            matched, certain = 0, False
        except (BSONError, OverflowError, UnicodeError) as error:
            await self._apart(batch, error)
            return
        updates = [
            i for i, write in enumerate(batch) if isinstance(write.operation, UpdateOne) and i not in refused
        ]
        if certain and matched == len(updates):
            outcome = [i not in refused for i in range(len(batch))]
        else:  # a bulk write never says which one missed, and an error says nothing at all: look
            outcome = await self._look(batch, certain)
        for i, (write, applied) in enumerate(zip(batch, outcome, strict=True)):
            if i in broken and not applied:
                write.fail(Unavailable("the database refused it"))
                continue
            SAVES.labels("done" if applied else "lost").inc()
            write.settle(applied)

    async def _apart(self, batch: Sequence[Write], error: Exception) -> None:
        """One of them cannot be encoded: it fails by itself, with its own error. Some others may have been sent."""
        if len(batch) == 1:
            batch[0].fail(error)
            return
        sent = await self._look(batch, certain=False)
        for write, applied in zip(batch, sent, strict=True):
            if applied:
                SAVES.labels("done").inc()
                write.settle(True)
            else:
                await self._commit([write])

    async def _look(self, batch: Sequence[Write], certain: bool) -> list[bool]:
        """Whose mark stands in the history. A write without events has none: it counts as lost and is decided anew.

        When nothing is certain, what is seen must be durable, and what is not seen must not come later.
        """
        ids = list({write.id for write in batch})
        where = self._collection
        if not certain:
            where = where.with_options(read_concern=ReadConcern("linearizable"))
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
