"""Numbered versions of one body, only ever added to: whatever named a version can be asked what it was."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime
from typing import Any

from motor.motor_asyncio import AsyncIOMotorCollection
from pymongo.errors import DuplicateKeyError

from shared.asked import Asked
from shared.caller import By
from shared.entry import Kept
from shared.problems import LostRace, NotFound, TooLarge
from shared.store.answers import answer_of

_MOST = 15 * 1024 * 1024  # bytes, compressed: a document holds 16 MB
_ABOUT = {"body": 0}


class Version(Kept):
    """What is known of one version besides its body."""

    number: int
    at: datetime
    by: By
    made_by: str | None = None  # the id of the work that it came of, where that was said


class Versions:
    """Number 1 is the first one; the newest one counts."""

    def __init__(self, collection: AsyncIOMotorCollection[dict[str, Any]], reads: asyncio.Semaphore) -> None:
        self._collection = collection
        self._reads = reads
        self._making = asyncio.Lock()

    async def newest(self) -> int:
        """Its number; 0 while there is none."""
        async with self._reads:
            found = await answer_of(
                self._collection.find({}, {"_id": 1}).sort("_id", -1).limit(1).to_list(None)
            )
        return found[0]["_id"] if found else 0

    async def body(self, number: int) -> bytes:
        """Raises NotFound."""
        async with self._reads:
            found = await answer_of(self._collection.find_one({"_id": number}))
        if found is None:
            raise NotFound
        return await asyncio.to_thread(zlib.decompress, found["body"])

    async def latest(self, most: int = 100, before: int | None = None) -> list[Version]:
        """Newest first; of those before this number, or of all."""
        wanted = {} if before is None else {"_id": {"$lt": before}}
        async with self._reads:
            found = await answer_of(
                self._collection.find(wanted, _ABOUT).sort("_id", -1).limit(most).to_list(None)
            )
        return [Version.model_validate({**one, "number": one["_id"]}) for one in found]

    async def add(self, number: int, body: bytes, asked: Asked, made_by: str | None = None) -> None:
        """Keep it as the version of this number. Raises LostRace when somebody else has added that one meanwhile."""
        packed = await asyncio.to_thread(zlib.compress, body)
        if len(packed) > _MOST:
            raise TooLarge(most=_MOST)
        version = {"_id": number, "at": asked.now, "by": list(asked.caller.by), "body": packed}
        if made_by is not None:
            version["made_by"] = made_by
        try:
            await answer_of(self._collection.insert_one(version))
        except DuplicateKeyError:
            raise LostRace(number=number) from None

    async def made_once(self, number: int, make: Callable[[], Awaitable[bytes]], asked: Asked) -> bytes:
        """The body of this number, made and kept when there is none. What another process kept first is it."""
        async with self._making:
            with suppress(NotFound):
                return await self.body(number)
            with suppress(LostRace):
                await self.add(number, await make(), asked)
            return await self.body(number)
