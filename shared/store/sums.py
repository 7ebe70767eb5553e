"""Sums beside a list, so that a figure reads as much as it shows, however much is stored.

An entry says at each save what it adds and where, as `find.sums`: `[{key, n: [[name, number], …]}]`, made of its
state like everything in `find`; and `find.uncounted`, until it was counted. A key is `a/b/c|of`: what it names counts
there, in `a/b|of` and in `a|of`; and what counts on a day counts in its month. Each sum is a document.

Beside each entry stands what is counted of it (`counted: {n, sums}`), and the sums move by the difference. They cannot
drift, for it is done in batches, one after the other: `n` is the number of the last one that a sum, or an entry, was
part of, and nothing is part of one twice. A batch says all that it will do before it begins (it is a document too), so
that whoever finds one that broke off, or is not through yet, does the rest of it: twice is as good as once. A majority
holds each step before the next one begins. So a sum is always what all `counted` of its entries add up to, and an
entry whose `counted` is not what it says is still uncounted.
"""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime, tzinfo
from typing import Any

from motor.motor_asyncio import AsyncIOMotorCollection
from pymongo import UpdateOne
from pymongo.errors import BulkWriteError, DuplicateKeyError

from shared.fresh import kept_fresh
from shared.periods import month_of_day, parts_of
from shared.problems import Unavailable
from shared.store.answers import answer_of
from shared.store.index import Index

_AT_ONCE = 2_000  # entries that whoever asks counts first, if so many wait
_BATCH = 500  # of what a batch says of each there must be room in one document
_COUNT_SECONDS = 10.0  # whoever asks counts first what waits: so often, that it is not much
_WAITS = {"find.uncounted": True}
_LAST = {"_id": "batch"}

# For the collection of the entries.
SUMMED = (Index("find.uncounted", partial={"find.uncounted": {"$exists": True}}),)
_INDEXES = (Index("at"),)

Sum = Counter[str]  # by name
Added = Callable[[datetime, datetime], Awaitable[Sum]]
_Document = dict[str, Any]


def adds(sums: Mapping[str, Mapping[str, int]]) -> _Document:
    """The part of `find` by which an entry adds this: by key, by name."""
    return {"uncounted": True, "sums": _stored(sums)}


class Sums:
    """Of the entries of one collection."""

    def __init__(self, entries: AsyncIOMotorCollection[_Document], reads: asyncio.Semaphore) -> None:
        self._entries = entries
        self._sums = entries.database.get_collection(
            f"{entries.name}_sums", codec_options=entries.codec_options, write_concern=entries.write_concern
        )
        self._reads = reads
        self._indexed = False
        self._counting = asyncio.Lock()

    async def within(self, path: str, first: str = "", end: str = "~") -> dict[str, Sum]:
        """The sums of one path, by `of`, from the first on to the end. Raises Unavailable."""
        return {key.partition("|")[2]: its for key, its in await self._read(_range(path, first, end))}

    async def these(self, keys: Iterable[str]) -> dict[str, Sum]:
        """By key, those of these that there are. Raises Unavailable."""
        return dict(await self._read({"_id": {"$in": list(keys)}}))

    async def between(
        self, path: str, since: datetime | None, until: datetime | None, added: Added, zone: tzinfo
    ) -> Sum:
        """What was added at a path in [since, until), where `of` is a day.

        `added` reads the entries of a time: of what lies between the ends and the begin of the day near to them.
        Raises Unavailable.
        """
        parts, total = parts_of(since, until, zone), Sum()
        if parts.sums:
            for _, its in await self._read({"$or": [_range(path, *one) for one in parts.sums]}):
                total.update(its)
        for one in parts.more:
            total.update(await added(*one))
        for one in parts.less:
            total.subtract(await added(*one))
        return +total

    async def of_entries(self, wanted: Mapping[str, Any]) -> Sum:
        """What these entries add, as they are now. Raises Unavailable."""
        async with self._reads:
            found = await answer_of(self._entries.find(wanted, {"find.sums": 1}).to_list(None))
        total = Sum()
        for entry in found:
            for its in _by_key(entry.get("find", {}).get("sums", ())).values():
                total.update(its)
        return total

    async def changed(self, root: str, since: datetime) -> list[tuple[str, str, Sum]]:
        """Path, `of` and sum of those under a root that changed since then. Raises Unavailable."""
        wanted = {"at": {"$gte": since}, "_id": {"$gte": root, "$lt": f"{root}~"}}
        return [(*_parts(key), its) for key, its in await self._read(wanted)]

    async def count(self, at_once: int = _AT_ONCE) -> bool:
        """Count what was saved since it was counted, at most so many entries. False: more waits.

        Several processes may do so at once. Raises Unavailable.
        """
        async with self._counting:
            if not self._indexed:
                await answer_of(self._sums.create_indexes(list(_INDEXES)))
                self._indexed = True
            for left in range(at_once, 0, -_BATCH):
                most = min(left, _BATCH)
                if await self._count_some(most) < most:
                    return True
            return False

    def kept_counted(self) -> AbstractAsyncContextManager[None]:
        """Count as long as this lasts."""

        async def count() -> None:
            while not await self.count():
                pass

        return kept_fresh(count, every=_COUNT_SECONDS, what="sums", still=lambda _: False)

    async def _count_some(self, most: int) -> int:
        while True:
            last = await answer_of(self._sums.find_one(_LAST)) or {"n": 0}
            if "adds" in last:
                await self._finish(last)
            shown = {"version": 1, "find.sums": 1, "counted.sums": 1}
            async with self._reads:
                some = await answer_of(self._entries.find(_WAITS, shown).limit(most).to_list(None))
            if not some:
                return 0
            batch = _batch(last["n"] + 1, some)
            if await self._begin(batch):
                await self._finish(batch)
                return len(some)

    async def _begin(self, batch: _Document) -> bool:
        """False when somebody else's is the next one after the last."""
        last = {**_LAST, "n": batch["n"] - 1}
        try:
            done = await answer_of(self._sums.replace_one(last, batch, upsert=batch["n"] == 1))
        except DuplicateKeyError:
            return False
        return bool(done.matched_count or done.upserted_id)

    async def _finish(self, batch: _Document) -> None:
        """All that a batch says, except what is done already."""
        await self._move(batch["n"], _by_key(batch["adds"]))
        await self._mark(batch["n"], batch["entries"])
        done = {"$unset": {"adds": "", "entries": ""}}
        await answer_of(self._sums.update_one({**_LAST, "n": batch["n"]}, done))

    async def _move(self, n: int, added: Mapping[str, Sum]) -> None:
        totals: defaultdict[str, Sum] = defaultdict(Counter)
        for key, its in added.items():
            for each in _counts_in(key):
                totals[each].update(its)
        async with self._reads:
            found = await answer_of(self._sums.find({"_id": {"$in": list(totals)}}).to_list(None))
        before = {one["_id"]: one for one in found}
        writes = []
        for key, its in totals.items():
            kept = before.get(key, {"n": 0, "sum": ()})
            if kept["n"] < n:
                its.update(dict(kept["sum"]))
                new = {"$set": {"n": n, "sum": _pairs(its)}, "$currentDate": {"at": True}}
                writes.append(UpdateOne({"_id": key, "n": kept["n"]}, new, upsert=key not in before))
        try:
            # What is not found as it was, or there already, was moved by somebody else who finishes this batch.
            await self._write(self._sums, writes)
        except Unavailable as error:
            why = error.__cause__
            if not (isinstance(why, BulkWriteError) and _all_there_already(why)):
                raise

    async def _mark(self, n: int, entries: Sequence[Mapping[str, Any]]) -> None:
        """What is counted of each of these; and that it is all, if it is still the version that was."""
        writes: tuple[list[UpdateOne], list[UpdateOne]] = [], []
        for one in entries:
            this = {"_id": one["id"], "counted.n": {"$not": {"$gte": n}}}
            new = {"counted": {"n": n, "sums": one["sums"]}}
            writes[0].append(
                UpdateOne(
                    {**this, "version": one["version"]}, {"$set": new, "$unset": {"find.uncounted": ""}}
                )
            )
            writes[1].append(UpdateOne(this, {"$set": {**new, "find.uncounted": True}}))
        if await self._write(self._entries, writes[0]) < len(entries):
            await self._write(self._entries, writes[1])

    async def _write(self, collection: AsyncIOMotorCollection[_Document], writes: list[UpdateOne]) -> int:
        if not writes:
            return 0
        return (await answer_of(collection.bulk_write(writes, ordered=False))).matched_count

    async def _read(self, wanted: Mapping[str, Any]) -> list[tuple[str, Sum]]:
        async with self._reads:
            found = await answer_of(self._sums.find(wanted, {"sum": 1}).to_list(None))
        return [(one["_id"], Counter(dict(one["sum"]))) for one in found]


def _batch(n: int, entries: Sequence[Mapping[str, Any]]) -> _Document:
    """What it will do: what it `adds` to sums (also less than nothing), and what is then counted of these `entries`."""
    added: defaultdict[str, Sum] = defaultdict(Counter)
    for one in entries:
        for key, its in _by_key(one["find"]["sums"]).items():
            added[key].update(its)
        for key, its in _by_key(one.get("counted", {}).get("sums", ())).items():
            added[key].subtract(its)
    return {
        **_LAST,
        "n": n,
        "adds": _stored(added),
        "entries": [
            {"id": one["_id"], "version": one["version"], "sums": one["find"]["sums"]} for one in entries
        ],
    }


def _stored(sums: Mapping[str, Mapping[str, int]]) -> list[_Document]:
    return [{"key": key, "n": pairs} for key, its in sums.items() if (pairs := _pairs(its))]


def _pairs(its: Mapping[str, int]) -> list[list[Any]]:
    return [[name, n] for name, n in its.items() if n]


def _by_key(sums: Iterable[Mapping[str, Any]]) -> dict[str, Sum]:
    return {one["key"]: Counter(dict(one["n"])) for one in sums}


_DUPLICATE = 11000


def _all_there_already(error: BulkWriteError) -> bool:
    refused = [one["code"] for one in error.details["writeErrors"]]
    return bool(refused) and set(refused) == {_DUPLICATE}


def _range(path: str, first: str, end: str) -> _Document:
    return {"_id": {"$gte": f"{path}|{first}", "$lt": f"{path}|{end}"}}


def _parts(key: str) -> tuple[str, str]:
    path, _, of = key.partition("|")
    return path, of


def _counts_in(key: str) -> Iterator[str]:
    """The sums that what is added at a key counts for."""
    path, of = _parts(key)
    month = month_of_day(of)
    while path:
        yield f"{path}|{of}"
        if month:
            yield f"{path}|{month}"
        path = path.rpartition("/")[0]
