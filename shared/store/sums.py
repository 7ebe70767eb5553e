"""Sums beside a list, so that a figure reads as much as it shows, however much is stored.

An entry says at each save what it adds and where, as `find.sums`: `[{key, n: [[name, number], …]}]`, made of its
state like everything in `find`; and `find.uncounted`, until it was counted. A key is `a/b/c|of`: what it names counts
there, in `a/b|of` and in `a|of`. Each sum is a document; it is made anew of all that adds to it, never raised or
lowered, so it cannot drift: counting twice, or again after a crash, gives the same. Numbers are whole or not, and
above zero.

What holds: a sum is saved only if nobody saved it since what it is made of was read; an entry counts as counted only
if it is still the version that was counted, and that is written last. So whatever an entry says is in its sums, or it
is still uncounted. In `added` stands every key that an entry ever had, from the save on that gave it, for whoever
makes a sum finds it there at once: where it adds nothing any more, it is counted anew as well. Nothing waits until
this is durable: what is lost was written later than what is kept.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Any

from motor.motor_asyncio import AsyncIOMotorCollection
from pymongo import UpdateOne, WriteConcern
from pymongo.errors import BulkWriteError

from shared.fresh import kept_fresh
from shared.periods import parts_of
from shared.problems import Unavailable
from shared.store.answers import answer_of
from shared.store.index import Index

_AT_ONCE = 2_000  # entries that whoever asks counts first, if so many wait
BEHIND = 20_000  # entries that are counted at once where nobody waits: each time all of their months are read
_READ = 1_000  # of these at once in memory
_PAUSE_SECONDS = 0.02  # before it is tried again for the first time, at most
_COUNT_SECONDS = 10.0  # whoever asks counts first what waits: so often, that it is not much
_WAITS = {"find.uncounted": True}

# For the collection of the entries.
SUMMED = (
    Index("find.sums.key", partial={"find.sums.key": {"$exists": True}}),
    Index("find.uncounted", partial={"find.uncounted": {"$exists": True}}),
)
_INDEXES = (Index("up", partial={"up": {"$exists": True}}), Index("at"))

Sum = Counter[str]  # by name
Added = Callable[[datetime, datetime], Awaitable[Sum]]


def adds(sums: Mapping[str, Mapping[str, float]]) -> dict[str, Any]:
    """The part of `find` by which an entry adds this: by key, by name."""
    return {
        "uncounted": True,
        "sums": [{"key": key, "n": [list(one) for one in its.items()]} for key, its in sums.items()],
    }


def added_by(find: Mapping[str, Any]) -> list[str]:
    """The keys of what an entry adds."""
    return sorted({one["key"] for one in find.get("sums", ())})


class Sums:
    """Of the entries of one collection."""

    def __init__(self, entries: AsyncIOMotorCollection[dict[str, Any]], reads: asyncio.Semaphore) -> None:
        quick = WriteConcern(w=1, j=False)
        self._entries = entries.with_options(write_concern=quick)
        self._sums = entries.database.get_collection(
            f"{entries.name}_sums", codec_options=entries.codec_options, write_concern=quick
        )
        self._reads = reads
        self._indexed = False
        self._counting = asyncio.Lock()

    async def within(self, path: str) -> dict[str, Sum]:
        """The sums of one path, by `of`. Raises Unavailable."""
        return {key.partition("|")[2]: its for key, its in await self._read(_range(path, "", "~"))}

    async def these(self, keys: Iterable[str]) -> dict[str, Sum]:
        """By key, those of these that there are. Raises Unavailable."""
        return dict(await self._read({"_id": {"$in": list(keys)}}))

    async def between(
        self, path: str, since: datetime | None, until: datetime | None, added: Added, *, days: bool = False
    ) -> Sum:
        """What was added at a path in [since, until), where `of` is a month, and with `days` also a day.

        `added` reads the entries of a time: of what lies between the ends and the begin of a month or day near to them.
        Raises Unavailable.
        """
        parts, total = parts_of(since, until, days=days), Sum()
        if parts.sums:
            for _, its in await self._read({"$or": [_range(path, *one) for one in parts.sums]}):
                total.update(its)
        for one in parts.more:
            total.update(await added(*one))
        for one in parts.less:
            total.subtract(await added(*one))
        return +total

    async def of_entries(self, wanted: Mapping[str, Any]) -> Sum:
        """What these entries add to days, as they are now. Raises Unavailable."""
        async with self._reads:
            found = await answer_of(self._entries.find(wanted, {"find.sums": 1}).to_list(None))
        total = Sum()
        for entry in found:
            for one in entry.get("find", {}).get("sums", ()):
                if _parts(one["key"])[1].startswith("d"):
                    total.update(dict(one["n"]))
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
            return await self._count_some(at_once) < at_once

    def kept_counted(self) -> AbstractAsyncContextManager[None]:
        """Count as long as this lasts."""

        async def count() -> None:
            while not await self.count(BEHIND):
                pass

        return kept_fresh(count, every=_COUNT_SECONDS, what="sums", still=lambda _: False)

    async def _count_some(self, at_once: int) -> int:
        shown = {"version": 1, "added": 1, "find.sums.key": 1}
        async with self._reads:
            some = await answer_of(self._entries.find(_WAITS, shown).limit(at_once).to_list(None))
        if not some:
            return 0
        leaves = set().union(
            *(one.get("added", ()) for one in some), *(added_by(one["find"]) for one in some)
        )
        longest = _PAUSE_SECONDS
        while not await self._add_up(leaves):
            # Another process saved one of them: it may have read before these entries were saved. It shall not go on
            # so in step with us.
            await asyncio.sleep(random.uniform(0, longest))  # noqa: S311 - not for secrets
            longest = min(2 * longest, 1.0)
        done = [
            UpdateOne({"_id": one["_id"], "version": one["version"]}, {"$unset": {"find.uncounted": ""}})
            for one in some
        ]
        await answer_of(self._entries.bulk_write(done, ordered=False))
        return len(some)

    async def _add_up(self, leaves: set[str]) -> bool:
        """Make these sums anew, and all above them, from below. False when somebody else saved one of them."""
        keys = leaves.union(*map(_above, leaves))
        async with self._reads:  # before what they are made of is read
            found = await answer_of(self._sums.find({"_id": {"$in": list(keys)}}).to_list(None))
        kept = {one["_id"]: one for one in found}
        totals = await self._own(keys)
        for depth in sorted({key.count("/") for key in keys}, reverse=True):
            # In the same order as everybody, so that of two who count the same one is through.
            level = sorted(key for key in keys if key.count("/") == depth)
            async with self._reads:
                below = await answer_of(
                    self._sums.find({"up": {"$in": level}}, {"up": 1, "n": 1}).to_list(None)
                )
            for one in below:
                totals[one["up"]].update(dict(one["n"]))
            if not await self._save({key: +totals[key] for key in level}, kept):
                return False
        return True

    async def _own(self, keys: set[str]) -> defaultdict[str, Sum]:
        """What entries add to each of these."""
        totals: defaultdict[str, Sum] = defaultdict(Counter)
        async with self._reads:
            cursor = self._entries.find({"find.sums.key": {"$in": list(keys)}}, {"find.sums": 1})
            while entries := await answer_of(cursor.to_list(_READ)):
                for entry in entries:
                    for one in entry["find"]["sums"]:
                        if one["key"] in keys:
                            totals[one["key"]].update(dict(one["n"]))
        return totals

    async def _save(self, totals: Mapping[str, Sum], kept: Mapping[str, Mapping[str, Any]]) -> bool:
        """Each as a new version, also where nothing is new: whoever read before, and less, must not save after."""
        writes = []
        for key, total in totals.items():
            before = kept.get(key, {"version": 0, "n": []})
            update: dict[str, Any] = {"$inc": {"version": 1}}
            if total != dict(before["n"]) or not before["version"]:
                update["$set"] = {"n": [list(one) for one in total.items()]}
                update["$currentDate"] = {"at": True}
                if up := next(_above(key), None):
                    update["$set"]["up"] = up
            writes.append(UpdateOne({"_id": key, "version": before["version"]}, update, upsert=True))
        try:
            # One that is no longer as it was read is not found, and cannot be inserted either.
            await answer_of(self._sums.bulk_write(writes, ordered=False))
        except Unavailable as error:
            why = error.__cause__
            if isinstance(why, BulkWriteError) and _all_there_already(why):
                return False
            raise
        return True

    async def _read(self, wanted: Mapping[str, Any]) -> list[tuple[str, Sum]]:
        async with self._reads:
            found = await answer_of(self._sums.find(wanted, {"n": 1}).to_list(None))
        return [(one["_id"], Counter(dict(one["n"]))) for one in found]


_DUPLICATE = 11000


def _all_there_already(error: BulkWriteError) -> bool:
    refused = [one["code"] for one in error.details["writeErrors"]]
    return bool(refused) and set(refused) == {_DUPLICATE}


def _range(path: str, first: str, end: str) -> dict[str, Any]:
    return {"_id": {"$gte": f"{path}|{first}", "$lt": f"{path}|{end}"}}


def _parts(key: str) -> tuple[str, str]:
    path, _, of = key.partition("|")
    return path, of


def _above(key: str) -> Iterator[str]:
    """The sums that this one counts for, the nearest first."""
    path, of = _parts(key)
    while "/" in path:
        path = path.rpartition("/")[0]
        yield f"{path}|{of}"
