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
from urllib.parse import unquote

from motor.motor_asyncio import AsyncIOMotorCollection
from pymongo import UpdateOne
from pymongo.errors import BulkWriteError, DuplicateKeyError
from pymongo.read_concern import ReadConcern

from shared.fresh import kept_fresh
from shared.periods import month_of_day, parts_of
from shared.problems import Unavailable
from shared.store.answers import answer_of
from shared.store.index import Index

_AT_ONCE = 2_000  # entries that whoever asks counts first, if so many wait
_BATCH = 500
_ROOM = 20_000  # numbers that a batch may take: it is one document
_COUNT_SECONDS = 10.0  # whoever asks counts first what waits: so often, that it is not much
_WAITS = {"find.uncounted": True}
_LAST = {"_id": "~"}  # after all keys

# For the collection of the entries.
SUMMED = (Index("find.uncounted", partial={"find.uncounted": {"$exists": True}}),)
_INDEXES = (Index("n"),)
_SHOWN = {"find.sums": 1, "counted": 1}
_ESCAPED = {ord(one): f"%{ord(one):02x}" for one in "%.$\0"}  # what the name of a field may not hold

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
        # A batch that is seen here, and what it counts, must be there for good, whoever is primary next.
        self._held, self._waiting = (
            one.with_options(read_concern=ReadConcern("majority")) for one in (self._sums, entries)
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

    async def months(self) -> list[tuple[str, str]]:
        """Path and month of all that were ever counted. It looks at all keys. Raises Unavailable."""
        async with self._reads:
            found = await answer_of(self._sums.find({"_id": {"$regex": r"\|m"}}, {"_id": 1}).to_list(None))
        return [_parts(one["_id"]) for one in found]

    async def knows(self, path: str) -> bool:
        """Whether anything was ever counted at a path. Raises Unavailable."""
        async with self._reads:
            return await answer_of(self._sums.find_one(_range(path, "", "~"), {"_id": 1})) is not None

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
        """What is counted of these entries. Raises Unavailable."""
        async with self._reads:
            found = await answer_of(self._entries.find(wanted, {"counted.sums": 1}).to_list(None))
        total = Sum()
        for entry in found:
            for its in _counted(entry).values():
                total.update(its)
        return total

    async def changed(self, root: str, after: int) -> list[tuple[str, str, Sum]]:
        """Path, `of` and sum of those under a root that moved since the batch of that number. Raises Unavailable."""
        wanted = {"n": {"$gt": after}, "_id": {"$gte": root, "$lt": f"{root}~"}}
        return [(*_parts(key), its) for key, its in await self._read(wanted)]

    async def last_batch(self) -> int:
        """The number of the last batch that is through. Raises Unavailable."""
        last = await self._last()
        n: int = last["n"]
        return n - 1 if "adds" in last else n

    async def count(self, at_once: int = _AT_ONCE) -> bool:
        """Count what was saved since it was counted, at most so many entries. False: more waits.

        Several processes may do so at once. Raises Unavailable.
        """
        async with self._counting:
            if not self._indexed:
                await answer_of(self._sums.create_indexes(list(_INDEXES)))
                self._indexed = True
            while at_once > 0:
                counted, all_of_them = await self._count_some(min(at_once, _BATCH))
                if all_of_them:
                    return True
                at_once -= counted
            return False

    def kept_counted(self) -> AbstractAsyncContextManager[None]:
        """Count as long as this lasts."""

        async def count() -> None:
            while not await self.count():
                pass

        return kept_fresh(count, every=_COUNT_SECONDS, what="sums", still=lambda _: False)

    async def _last(self) -> _Document:
        return await answer_of(self._held.find_one(_LAST)) or {"n": 0}

    async def _count_some(self, most: int) -> tuple[int, bool]:
        """How many, and whether those were all."""
        while True:
            last = await self._last()
            if "adds" in last:
                await self._finish(last)
            async with self._reads:
                some = await answer_of(self._waiting.find(_WAITS, _SHOWN).limit(most).to_list(None))
            if not some:
                return 0, True
            batch = _batch(last["n"], some)
            if await self._begin(batch, last["n"]):
                await self._finish(batch)
                counted = len(batch["entries"])
                return counted, counted == len(some) < most

    async def _begin(self, batch: _Document, after: int) -> bool:
        """False when somebody else's is the next one after the last."""
        try:
            done = await answer_of(self._sums.replace_one({**_LAST, "n": after}, batch, upsert=not after))
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
            for each in counts_in(key):
                totals[each].update(its)
        writes = []
        for key, its in totals.items():
            named = {_field(name): by for name, by in its.items() if by}
            if named:
                this = {"_id": key, "n": {"$lt": n}}
                writes.append(UpdateOne(this, {"$inc": named, "$set": {"n": n}}, upsert=True))
            if gone := {name: _unless_zero(name) for name, by in named.items() if by < 0}:
                writes.append(UpdateOne({"_id": key}, [{"$set": gone}]))
        try:
            await self._write(self._sums, writes)
        except Unavailable as error:
            why = error.__cause__
            if not (isinstance(why, BulkWriteError) and _all_there_already(why)):
                raise

    async def _mark(self, n: int, entries: Sequence[Mapping[str, Any]]) -> None:
        """What is counted of each of these; and that it is all, if that is still what it says."""
        writes: tuple[list[UpdateOne], list[UpdateOne]] = [], []
        for one in entries:
            this = {"_id": one["id"], "counted.n": {"$not": {"$gte": n}}}
            new = {"counted": {"n": n, "sums": one["sums"]}}
            all_of_it = {"$set": new, "$unset": {"find.uncounted": ""}}
            writes[0].append(UpdateOne({**this, "find.sums": one["sums"]}, all_of_it))
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
        return [
            (one["_id"], Counter({unquote(name): n for name, n in one["sum"].items() if n})) for one in found
        ]


def _batch(last: int, entries: Sequence[Mapping[str, Any]]) -> _Document:
    """What it will do: what it `adds` to sums (also less than nothing), and what is then counted of these `entries`.

    It takes as many of them as there is room for. Its number is above the last one, and above that of all that was
    counted of them: in a backup they may be of a later moment than the sums.
    """
    added: defaultdict[str, Sum] = defaultdict(Counter)
    taken: list[_Document] = []
    room = _ROOM
    for one in entries:
        says, counted = _by_key(one["find"].get("sums", ())), _counted(one)
        room -= sum(map(len, says.values())) + sum(map(len, counted.values()))
        if taken and room < 0:
            break
        for key, its in says.items():
            added[key].update(its)
        for key, its in counted.items():
            added[key].subtract(its)
        last = max(last, one.get("counted", {}).get("n", 0))
        taken.append({"id": one["_id"], "sums": one["find"].get("sums", [])})
    return {**_LAST, "n": last + 1, "adds": _stored(added), "entries": taken}


def _stored(sums: Mapping[str, Mapping[str, int]]) -> list[_Document]:
    return [
        {"key": key, "n": pairs}
        for key, its in sums.items()
        if (pairs := [[name, n] for name, n in its.items() if n])
    ]


def _by_key(sums: Iterable[Mapping[str, Any]]) -> dict[str, Sum]:
    return {one["key"]: Counter(dict(one["n"])) for one in sums}


def _counted(entry: Mapping[str, Any]) -> dict[str, Sum]:
    return _by_key(entry.get("counted", {}).get("sums", ()))


def _field(name: str) -> str:
    return f"sum.{name.translate(_ESCAPED)}"


def _unless_zero(field: str) -> _Document:
    return {"$cond": [{"$eq": [f"${field}", 0]}, "$$REMOVE", f"${field}"]}


_DUPLICATE = 11000


def _all_there_already(error: BulkWriteError) -> bool:
    """Whether all that failed are sums that were moved by somebody else, who finishes this batch too."""
    refused = {one["code"] for one in error.details["writeErrors"]}
    return refused == {_DUPLICATE} and not error.details["writeConcernErrors"]


def _range(path: str, first: str, end: str) -> _Document:
    return {"_id": {"$gte": f"{path}|{first}", "$lt": f"{path}|{end}"}}


def _parts(key: str) -> tuple[str, str]:
    path, _, of = key.partition("|")
    return path, of


def counts_in(key: str) -> Iterator[str]:
    """The sums that what is added at a key counts for."""
    path, of = _parts(key)
    month = month_of_day(of)
    while path:
        yield f"{path}|{of}"
        if month:
            yield f"{path}|{month}"
        path = path.rpartition("/")[0]
