"""The territory, or a part of it, is as this GeoJSON says → a new version, and nobody is left in an area that is gone.

An import is a piece of work of its own, one at a time for all replicas: it is checked beside the requests, refused
while orders would lie nowhere, and then all that lay in areas that are gone moves to what came after them. How far it
is stands in the database. If its process dies, a check has to be asked for again, and moving is gone on with.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any
from uuid import uuid4

from services.dispatch.books import Books
from services.dispatch.commands.apply_territory import apply_territory
from services.dispatch.commands.survey_territory import survey_territory
from services.dispatch.domain.clocks.limits import Limits
from services.dispatch.domain.ground.importing import Import, ImportLost, ImportRunning, Problem
from services.dispatch.domain.ground.leaving import Left, Standing, left_behind, outermost
from services.dispatch.domain.ground.survey import must_be_affordable
from services.dispatch.domain.ground.territory import Territory
from services.dispatch.store import Dispatches
from shared.asked import Asked
from shared.caller import Caller, Role
from shared.fresh import kept_fresh
from shared.problems import LostRace, RuleBroken, Unavailable
from shared.store import Database, Record, Records, under
from shared.telemetry import log, trace_from

_LEASE, _LEASE_SECONDS = "territory", 30.0
_PATIENCE = 10.0  # seconds that whoever brings it waits for the end; from then on they look
_SETTLED = 3.0  # after so many seconds no replica decides by the version before
_LOOK_SECONDS = 2.0
_MOMENT, _MOMENTS = (
    0.05,
    40,
)  # seconds, and how many of them an import that has ended may still hold the lease
_UNFINISHED = {"value.state": {"$in": ["checking", "moving"]}}
_ROWS = 100
_AREAS = 200  # that are looked for with one question
_log = log(__name__)


async def import_territory(
    document: bytes, within: str | None, books: Books, imports: Imports, asked: Asked, *, at_once: bool
) -> tuple[str, Import]:
    """Its id, and how far it is by now. Raises TooMuchToCheck, Changed, ImportRunning, NotYourLevel, Unavailable."""
    asked.must_expect((await books.governed_by(asked.caller)).territory.version)
    await asyncio.to_thread(must_be_affordable, document)
    id = await imports.begin(document, within, asked, at_once=at_once)
    return id, await imports.get(id)


class Imports:
    """Made before the database is there, opened when it is."""

    def __init__(self, books: Books, dispatches: Dispatches, limits: Limits, database: Database) -> None:
        self._books, self._dispatches, self._limits, self._database = books, dispatches, limits, database
        self._task: asyncio.Task[None] | None = None
        self._beginning = False  # the lease is the process's, and would be given to each that asks at once
        self._unfinished = True  # as far as is known

    async def open(self) -> None:
        self._records: Records[Import] = await self._database.records("imports", Import)

    async def get(self, id: str) -> Import:
        """Raises NotFound."""
        return (await self._records.get(id)).value

    async def begin(self, document: bytes, within: str | None, asked: Asked, *, at_once: bool) -> str:
        """Its id: `at_once`, or at its end or after a while. Raises ImportRunning, Changed."""
        await self._get_lease()
        try:
            id, self._task = await self._begun(document, within, asked)
        finally:
            self._beginning = False
        await asyncio.wait({self._task}, timeout=0 if at_once else _PATIENCE)
        return id

    async def _get_lease(self) -> None:
        """Whoever saw the end of the last one is not told that it runs: the lease is let go a moment later.

        Raises ImportRunning.
        """
        for _ in range(_MOMENTS):
            if not self._busy:
                self._beginning, held = True, False
                try:
                    held = await self._database.hold(_LEASE, _LEASE_SECONDS)
                finally:
                    self._beginning = held
                if held:
                    return
            if await self._records.find(_UNFINISHED, 1):
                break
            await asyncio.sleep(_MOMENT)
        raise ImportRunning

    async def _begun(
        self, document: bytes, within: str | None, asked: Asked
    ) -> tuple[str, asyncio.Task[None]]:
        """On what there is now: another one may have come to its end meanwhile."""
        try:
            before = (await self._books.governed_by(asked.caller)).territory
            asked.must_expect(before.version)
            id = str(uuid4())
            begun = Import(by=asked.caller.by, begun_at=asked.now, version=before.version + 1)
            record = await self._records.put(id, begun, on=0)
        except RuleBroken:
            await self._database.let_go(_LEASE)
            raise
        return id, asyncio.create_task(self._begin(id, record, before, document, within or before.code))

    @asynccontextmanager
    async def kept_going(self) -> AsyncIterator[None]:
        """Go on with what a process began that is no more; what is in work at the end is left to the next."""

        def still(since: float) -> bool:
            return not self._unfinished and self._database.still(since)

        async with kept_fresh(self._look, every=_LOOK_SECONDS, what="imports of the territory", still=still):
            yield
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    # ---------------------------------------------------------------- one import

    @property
    def _busy(self) -> bool:
        return self._beginning or (self._task is not None and not self._task.done())

    async def _look(self) -> None:
        found = await self._records.find(_UNFINISHED, _ROWS)
        self._unfinished = bool(found)
        if not found or self._busy or not await self._database.hold(_LEASE, _LEASE_SECONDS):
            return
        if not self._busy:
            self._task = asyncio.create_task(self._resume())

    async def _resume(self) -> None:
        async with self._held():
            ids = await self._records.versions(_UNFINISHED)
            for id in ids:
                record = await self._records.get(id)
                if record.value.state == "moving" and await self._books.was_written_by(
                    id, record.value.version
                ):
                    await self._finish(id, record)
                else:
                    await self._end(id, record, "failed", changed=False, problem=Problem.of(ImportLost()))

    async def _begin(
        self, id: str, record: Record[Import], before: Territory, document: bytes, within: str
    ) -> None:
        async with self._held():
            begun = record.value
            try:
                after = await survey_territory(before, document, within, self._limits.sliver)
                if after is before:
                    await self._end(id, record, "done")
                    return
                gone = outermost(before, after)
                await self._must_keep_all(after, gone)
                left = await self._left(gone)
                # From here on another process goes on with it, if this one dies.
                moving = record.value.but(state="moving", changed=True, left=left)
                record = await self._records.put(id, moving, on=record.version)
                await self._books.write_territory(after, self._asked(begun), made_by=id)
            except (Unavailable, LostRace):  # nobody knows how far it came: whoever looks next sees
                raise
            except RuleBroken as broken:
                await self._end(id, record, "refused", problem=Problem.of(broken))
                return
            await self._finish(id, record)

    async def _finish(self, id: str, record: Record[Import]) -> None:
        """Everything that lies in an area that is gone moves, until no replica can put more there."""
        it = record.value
        before, after = await self._books.version(it.version - 1), await self._books.version(it.version)
        gone, settled = outermost(before, after), time.monotonic() + _SETTLED
        while gone:
            begun, looked = time.monotonic(), it.looked
            for first in range(0, len(gone), _AREAS):
                cursor, more = None, True
                while more:
                    some = gone[first : first + _AREAS]
                    done = await apply_territory(
                        cursor, self._books, self._dispatches, self._limits, self._asked(it), some
                    )
                    it = it.but(looked=it.looked + done.looked, moved=it.moved + done.moved)
                    if done.looked:
                        record = await self._records.put(id, it, on=record.version)
                    cursor, more = done.next, done.next is not None
            if it.looked == looked:
                if begun >= settled:
                    break
                await asyncio.sleep(settled - begun)
        await self._end(id, record, "done")

    async def _end(self, id: str, record: Record[Import], state: str, **more: Any) -> None:
        ended = record.value.but(state=state, ended_at=self._database.now(), **more)
        await self._records.put(id, ended, on=record.version)

    def _asked(self, it: Import) -> Asked:
        """Whoever brought it moves what has to move."""
        role, id = it.by
        by = Caller(id, Role(role), area=self._books.now.territory.code)
        return Asked(by, self._database.now(), trace_from(None))

    @asynccontextmanager
    async def _held(self) -> AsyncIterator[None]:
        """The lease is kept as long as this lasts; what fails by a fault of ours is for whoever looks next."""

        async def keep() -> None:
            while True:
                await asyncio.sleep(_LEASE_SECONDS / 6)
                await self._database.hold(_LEASE, _LEASE_SECONDS)

        self._unfinished, keeping = True, asyncio.create_task(keep())
        try:
            yield
        except LostRace:
            _log.warning("another process went on with an import")
        except Exception:  # noqa: BLE001 - it stands in the database, and is gone on with
            _log.exception("an import was broken off")
        finally:
            keeping.cancel()
            await asyncio.gather(keeping, return_exceptions=True)
            with suppress(RuleBroken):
                await self._database.let_go(_LEASE)

    # ---------------------------------------------------------------- who is left

    async def _must_keep_all(self, after: Territory, gone: Sequence[str]) -> None:
        """Raises OrdersStandInTheWay."""
        standing = Standing()
        for first in range(0, len(gone), _AREAS):
            cursor, more = None, True
            while more:
                some = gone[first : first + _AREAS]
                page = await self._dispatches.lying_in(some, cursor=cursor, limit=_ROWS)
                for row in page.items:
                    standing.note(after, **row["state"])
                cursor, more = page.next, page.next is not None
        standing.must_be_none()

    async def _left(self, gone: Sequence[str]) -> Left:
        people = [
            one.value
            for area in gone[:_AREAS]
            for one in await self._books.staff.find({"value.area": under(area)}, _ROWS)
        ]
        return left_behind(gone, people, self._books.now.routing.rules)
