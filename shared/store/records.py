"""Documents that people edit: each has a version, and an edit names the one that it was made on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Generic, NamedTuple, TypeVar

from motor.motor_asyncio import AsyncIOMotorCollection
from pydantic import BaseModel
from pymongo.errors import DuplicateKeyError

from shared.asked import Asked
from shared.problems import LostRace, NotFound
from shared.store.answers import answer_of
from shared.store.races import retry_lost_races

D = TypeVar("D", bound=BaseModel)


class Record(NamedTuple, Generic[D]):
    """`version` rises with every edit, and is the ETag."""

    value: D
    version: int


class Records(Generic[D]):
    """By an id that is text."""

    def __init__(
        self, collection: AsyncIOMotorCollection[dict[str, Any]], reads: asyncio.Semaphore, model: type[D]
    ) -> None:
        self._collection = collection
        self._reads = reads
        self._model = model

    async def get(self, id: str) -> Record[D]:
        """Raises NotFound."""
        async with self._reads:
            found = await answer_of(self._collection.find_one({"_id": id}))
        if found is None:
            raise NotFound
        return self._record(found)

    async def put(self, id: str, value: D, *, on: int) -> Record[D]:
        """Keep it in place of the version `on`; 0: there is none yet. Raises LostRace when that is no longer so."""
        document = {"version": on + 1, "value": value.model_dump(mode="json")}
        if on == 0:
            try:
                await answer_of(self._collection.insert_one({"_id": id, **document}))
            except DuplicateKeyError:
                raise LostRace from None
        else:
            try:
                kept = await answer_of(self._collection.replace_one({"_id": id, "version": on}, document))
            except DuplicateKeyError:  # of a unique index
                raise LostRace from None
            if kept.matched_count == 0:
                raise LostRace
        return Record(value, on + 1)

    async def delete(self, id: str, *, on: int) -> None:
        """Raises LostRace when it is no longer that version."""
        gone = await answer_of(self._collection.delete_one({"_id": id, "version": on}))
        if gone.deleted_count == 0:
            raise LostRace

    async def find(self, filter: Mapping[str, Any], most: int) -> list[Record[D]]:
        """At most so many by id; the filter's keys begin with `value.`."""
        async with self._reads:
            found = await answer_of(
                self._collection.find(dict(filter)).sort("_id", 1).limit(most).to_list(None)
            )
        return [self._record(one) for one in found]

    async def versions(self, filter: Mapping[str, Any]) -> dict[str, int]:
        """By id, the versions of all that match, without reading them."""
        async with self._reads:
            question = self._collection.find(dict(filter), {"version": 1})
            return {one["_id"]: one["version"] for one in await answer_of(question.to_list(None))}

    async def many(self, ids: Iterable[str]) -> list[Record[D]]:
        """Those of them that there are."""
        return await self.find({"_id": {"$in": list(ids)}}, 0)

    def _record(self, document: Mapping[str, Any]) -> Record[D]:
        return Record(self._model.model_validate(document["value"]), document["version"])


@retry_lost_races
async def decide_record(records: Records[D], id: str, asked: Asked, rule: Callable[[D], D]) -> Record[D]:
    """What `decide` is for entries: load the record, let one rule change it, save. The same object is kept as it is.

    Raises whatever the rule refuses, NotFound, and Changed where If-Match names another version.
    """
    read = await records.get(id)
    after = rule(read.value)
    if after is read.value:
        return read
    asked.must_expect(read.version)
    return await records.put(id, after, on=read.version)
