"""Lists of entries: pages of whole entries, and of rows that show only what a list shows."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Generic

from motor.motor_asyncio import AsyncIOMotorCollection

from shared.cursor import Page, decode_cursor, decode_timed_cursor, encode_cursor
from shared.entry import Entry, S
from shared.store.answers import answer_of
from shared.store.document import READ
from shared.store.index import Index

Row = dict[str, Any]  # `_id` and the fields that were asked for, nested as they are stored


class Listing(Generic[S]):
    """The lists of a collection of entries."""

    _collection: AsyncIOMotorCollection[dict[str, Any]]
    _without_zones: AsyncIOMotorCollection[dict[str, Any]]  # the same: to give every time its zone takes long
    _reads: asyncio.Semaphore
    # Fields by which few are found, with the index that finds them: the database tries a few plans on a few documents,
    # and with a million stored it was seen to take the index of a whole district instead.
    few: Mapping[str, Index] = MappingProxyType({})

    def _index_for(self, filter: Mapping[str, Any]) -> Any:
        """What the database is told to use; None: it may choose."""
        index = next((index for field, index in self.few.items() if field in filter), None)
        return None if index is None else list(index.document["key"].items())

    def _entry(self, document: dict[str, Any]) -> Entry[S]:
        raise NotImplementedError

    async def page(
        self,
        filter: Mapping[str, Any],
        *,
        cursor: str | None = None,
        limit: int = 20,
        newest_first: bool = True,
    ) -> Page[Entry[S]]:
        """At most `limit` (≤ 100) matching entries by id, which is by age. Raises Malformed for a foreign cursor."""
        wanted = dict(filter)
        if cursor is not None:
            wanted["_id"] = {"$lt" if newest_first else "$gt": decode_cursor(cursor)}
        sorting = [("_id", -1 if newest_first else 1)]
        found, more = await self._found(self._collection, wanted, READ, sorting, limit)
        return Page(
            tuple(self._entry(document) for document in found),
            encode_cursor(found[-1]["_id"]) if more else None,
        )

    async def rows(
        self,
        filter: Mapping[str, Any],
        shown: Iterable[str],
        *,
        soonest_by: str | None = None,
        cursor: str | None = None,
        limit: int = 20,
    ) -> Page[Row]:
        """At most `limit` (≤ 100) matching documents with the fields `shown`, newest first; times are UTC, and naive.

        `soonest_by` names a field of times to order by instead, the earliest first; who has none is not listed.
        Raises Malformed for a foreign cursor.
        """
        wanted = dict(filter)
        if soonest_by is None:
            sorting = [("_id", -1)]
            if cursor is not None:
                wanted["_id"] = {"$lt": decode_cursor(cursor)}
        else:
            sorting = [(soonest_by, 1), ("_id", 1)]
            if cursor is not None:
                at, id = decode_timed_cursor(cursor)
                later = [{soonest_by: {"$gt": at}}, {soonest_by: at, "_id": {"$gt": id}}]
                wanted = {"$and": [wanted, {soonest_by: {"$gte": at}}, {"$or": later}]}
        fields = dict.fromkeys([*shown, *([soonest_by] if soonest_by else [])], 1)
        found, more = await self._found(
            self._without_zones, wanted, fields, sorting, limit, self._index_for(filter)
        )
        last = found[-1] if more else None
        if last is None:
            return Page(tuple(found), None)
        return Page(tuple(found), encode_cursor(last["_id"], _at(last, soonest_by) if soonest_by else None))

    async def every_row(self, filter: Mapping[str, Any], shown: Iterable[str], *, most: int) -> list[Row]:
        """As many matching documents as there are, up to `most`, newest first, with the fields `shown`."""
        async with self._reads:
            question = self._collection.find(filter, dict.fromkeys(shown, 1), hint=self._index_for(filter))
            return await answer_of(question.sort("_id", -1).limit(most).to_list(None))

    async def count(self, filter: Mapping[str, Any], *, most: int = 0) -> int:
        """How many match. Counting stops at `most` (0: never): a large number is worth no more."""
        how: dict[str, Any] = {"limit": most} if most else {}
        if (index := self._index_for(filter)) is not None:
            how["hint"] = index
        async with self._reads:
            return await answer_of(self._collection.count_documents(filter, **how))

    async def aggregate(self, pipeline: Sequence[Mapping[str, Any]], *, by: Index | None = None) -> list[Row]:
        """`by`: the index that the database is told to use."""
        how = {} if by is None else {"hint": by.document["key"]}
        async with self._reads:
            return await answer_of(self._collection.aggregate(list(pipeline), **how).to_list(None))

    async def _found(
        self,
        collection: AsyncIOMotorCollection[dict[str, Any]],
        wanted: Mapping[str, Any],
        shown: Mapping[str, Any],
        sorting: list[tuple[str, int]],
        limit: int,
        index: Any = None,
    ) -> tuple[list[dict[str, Any]], bool]:
        """At most `limit` documents, and whether there are more."""
        limit = max(1, min(limit, 100))
        async with self._reads:
            found = await answer_of(
                collection.find(wanted, shown, hint=index).sort(sorting).limit(limit + 1).to_list(None)
            )
        return found[:limit], len(found) > limit


def _at(row: Row, path: str) -> datetime:
    found: Any = row
    for name in path.split("."):
        found = found[name]
    at: datetime = found
    return at.replace(tzinfo=UTC)
