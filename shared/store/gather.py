"""Reads that wait while others are under way go together in the next query, each entry once. No timer.

Alone, a read goes at once. Whoever waits gets what is there after it asked.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeVar
from uuid import UUID

from motor.motor_asyncio import AsyncIOMotorCollection

from shared.problems import NotFound
from shared.store.answers import answer_of

T = TypeVar("T")

_LARGEST = 100
_AT_ONCE = 3  # queries under way


class Gather(Generic[T]):
    """Reads documents by id, and makes of each what is wanted, once for all who wait for it."""

    def __init__(
        self,
        collection: AsyncIOMotorCollection[dict[str, Any]],
        reads: asyncio.Semaphore,
        shown: Mapping[str, Any],
        make: Callable[[dict[str, Any]], T],
    ) -> None:
        self._collection = collection
        self._reads = reads
        self._shown = shown
        self._make = make
        self._waiting: dict[UUID, asyncio.Future[T]] = {}
        self._running = 0
        self._tasks: set[asyncio.Task[None]] = set()

    async def one(self, id: UUID) -> T:
        """Raises NotFound, Unavailable, and what `make` raises."""
        future = self._waiting.get(id)
        if future is None:
            future = self._waiting[id] = asyncio.get_running_loop().create_future()
            if self._running < _AT_ONCE:
                self._running += 1
                task = asyncio.create_task(self._drain())
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
        return await asyncio.shield(future)

    async def _drain(self) -> None:
        try:
            while self._waiting:
                ids = list(self._waiting)[:_LARGEST]
                await self._read({id: self._waiting.pop(id) for id in ids})
        finally:  # in the same step in which nobody was seen to wait
            self._running -= 1

    async def _read(self, wanted: Mapping[UUID, asyncio.Future[T]]) -> None:
        by_id: dict[str, Any] = {"_id": {"$in": list(wanted)} if len(wanted) > 1 else next(iter(wanted))}
        try:
            async with self._reads:
                found = await answer_of(self._collection.find(by_id, self._shown).to_list(None))
        except Exception as error:  # noqa: BLE001 - whoever waits must hear of it, whatever it is
            for future in wanted.values():
                _fail(future, error)
            return
        missing = dict(wanted)
        for document in found:
            future = missing.pop(document["_id"])
            try:
                future.set_result(self._make(document))
            except Exception as error:  # noqa: BLE001 - one that cannot be read must not hold up the others
                _fail(future, error)
        for future in missing.values():
            _fail(future, NotFound())


def _fail(future: asyncio.Future[Any], error: Exception) -> None:
    future.set_exception(error)
    future.exception()  # whoever waited may have gone
