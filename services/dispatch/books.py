"""The books that everybody reads and few write: territory, departments, routing rules, and the register of the staff.
Versions in the database (of the register one for each person), the newest of each in memory.

A write is at once in the memory of the replica that made it; the others look every second while anybody
writes anything. What was being decided on
the version before stays decided, and names it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, suppress

import orjson
from pydantic import TypeAdapter

from services.dispatch.domain.ground.department import Department
from services.dispatch.domain.ground.former import Left
from services.dispatch.domain.ground.ground import Ground
from services.dispatch.domain.ground.register import Register
from services.dispatch.domain.ground.routing import Routing, Rule
from services.dispatch.domain.ground.staff import Person, must_govern, substitutes_of
from services.dispatch.domain.ground.territory import Territory
from shared.asked import Asked
from shared.caller import Caller, system
from shared.fresh import kept_fresh
from shared.problems import LostRace
from shared.store import Database, Index, Records, Versions
from shared.telemetry import trace_from

_DEPARTMENTS: TypeAdapter[tuple[Department, ...]] = TypeAdapter(tuple[Department, ...])
_RULES: TypeAdapter[tuple[Rule, ...]] = TypeAdapter(tuple[Rule, ...])
_LOOK_SECONDS = 1.0


class Books:
    """Made before the database is there, opened when it is."""

    territory: Versions
    departments: Versions
    routing: Versions
    staff: Records[Person]
    left: Records[Left]

    def __init__(self, first: Ground) -> None:
        """`first` is the first version, of what has none yet."""
        self.now = first
        self._known: dict[str, int] | None = None  # the versions of those in the register

    @property
    def register(self) -> Register:
        return self.now.register

    async def open(self, database: Database) -> None:
        """Read the newest of each."""
        self._still = database.still
        self.territory, self.departments, self.routing = (
            database.versions(name) for name in ("territories", "departments", "routings")
        )
        self.staff = await database.records("staff", Person, [Index("value.area")])
        self.left = await database.records("staff_left", Left, [])
        self._refreshing = asyncio.Lock()
        if not (await self.territory.newest() and await self.departments.newest()):
            ground, asked = self.now, Asked(system("files"), database.now(), trace_from(None))
            await _unless_there(self.territory.add(1, ground.territory.body(), asked))
            await _unless_there(self.departments.add(1, _DEPARTMENTS.dump_json(ground.departments), asked))
        number = await self.territory.newest()
        self.now = Ground(await self._read(number), known=self.now.known)
        await self.refresh()

    async def refresh(self) -> None:
        """Put the newest of each in the place of what is there, at once. Raises Unavailable."""
        async with self._refreshing:
            newest = [await book.newest() for book in (self.territory, self.departments, self.routing)]
            if newest[0] != self.now.territory.version:
                self.now = self.now._replace(territory=await self.version(newest[0]))
            if newest[1] != self.now.departments_version:
                listed = _DEPARTMENTS.validate_json(await self.departments.body(newest[1]))
                there = tuple(one for one in listed if not one.deleted)
                former = tuple(one for one in listed if one.deleted)
                self.now = self.now._replace(departments=there, departments_version=newest[1], former=former)
            if newest[2] != self.now.routing.version:
                self.now = self.now._replace(routing=await self.rules(newest[2]))
            await self._read_register()

    async def _read_register(self) -> None:
        versions = await self.staff.versions({})
        if versions == self._known:
            return
        known = self._known or {}
        news = await self.staff.many(id for id, version in versions.items() if known.get(id) != version)
        changed = {record.value.id: record.value for record in news}
        still = (one for id, one in self.register.people.items() if id in versions and id not in changed)
        left = await self.left.versions({})  # who leaves is noted there before they go
        register = Register((*still, *changed.values()), left)
        self.now, self._known = self.now._replace(register=register), versions

    async def substitutes_through(self, people: Iterable[Person]) -> dict[str, Person]:
        """By id, all who may have to stand in for these: the substitutes, then theirs, as they are in the database."""
        known: dict[str, Person] = {}
        missing = substitutes_of(people)
        while missing:
            found = {record.value.id: record.value for record in await self.staff.many(missing)}
            known |= found
            missing = substitutes_of(found.values()) - known.keys()
        return known

    def kept_fresh(self) -> AbstractAsyncContextManager[None]:
        """Look for new versions as long as this lasts."""
        return kept_fresh(self.refresh, every=_LOOK_SECONDS, what="versions of the books", still=self._still)

    # ---------------------------------------------------------------- one version

    async def version(self, number: int) -> Territory:
        """The territory as it was then. Raises NotFound."""
        return self.now.territory if number == self.now.territory.version else await self._read(number)

    async def _read(self, number: int) -> Territory:
        body = await self.territory.body(number)
        return await asyncio.to_thread(lambda: Territory.kept(orjson.loads(body), number))

    async def rules(self, number: int) -> Routing:
        """The rules as they were then; none before the first version. Raises NotFound."""
        return Routing(_RULES.validate_json(await self.routing.body(number)), number) if number else Routing()

    # ---------------------------------------------------------------- writing

    async def governed_by(self, caller: Caller) -> Ground:
        """The newest of each, for the district to change. Raises NotYourLevel, Unavailable."""
        await self.refresh()
        must_govern(caller, self.now.territory.code)
        return self.now

    async def write_territory(self, territory: Territory, asked: Asked, made_by: str) -> None:
        """Add it under its own version; `made_by` is the import. Raises LostRace when that one is there."""
        body = await asyncio.to_thread(territory.body)
        await self.territory.add(territory.version, body, asked, made_by=made_by)
        await self.refresh()

    async def was_written_by(self, import_: str, number: int) -> bool:
        """Whether this version of the territory is that import's, and not another one's of the same number."""
        found = await self.territory.latest(1, before=number + 1)
        return any(one.number == number and one.made_by in (None, import_) for one in found)

    async def write_departments(
        self, departments: Sequence[Department], asked: Asked, former: Sequence[Department] = ()
    ) -> None:
        """Add the list in the place of the one in memory. Raises LostRace when that is not the newest.

        `former`: those that were deleted, where one more was; they are kept beside.
        """
        gone = (one.model_copy(update={"deleted": True}) for one in former or self.now.former)
        body = _DEPARTMENTS.dump_json((*departments, *gone))
        await self._add(self.departments, self.now.departments_version, body, asked)

    async def write_rules(self, rules: Sequence[Rule], asked: Asked) -> None:
        """As `write_departments`."""
        await self._add(self.routing, self.now.routing.version, _RULES.dump_json(tuple(rules)), asked)

    async def _add(self, book: Versions, on: int, body: bytes, asked: Asked) -> None:
        try:
            await book.add(on + 1, body, asked)
        finally:
            await self.refresh()


async def _unless_there(adding: Awaitable[None]) -> None:
    with suppress(LostRace):  # another replica was first
        await adding
