"""A process that has begun an import of the territory is no more: another one ends it, and no order lies nowhere."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import pytest
from uuid_utils.compat import uuid7

from services.dispatch.books import Books
from services.dispatch.commands import import_territory as importing
from services.dispatch.commands.import_territory import Imports, import_territory
from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.ground.importing import Import
from services.dispatch.settings import Settings
from services.dispatch.store import INDEXES, Dispatches
from shared.asked import Asked
from shared.caller import Caller, system
from shared.entry import decided
from shared.naming import Names
from shared.store import Database
from shared.telemetry import trace_from
from tests.integration.waiting import eventually
from tests.parts import Servers
from tests.unit.dispatch.situations import situations
from tests.unit.dispatch.stories import AREA, COMMUNITY, DISTRICT, LIMITS, STREET

OLD, NEW = COMMUNITY.area or "", f"{STREET.area}/370203014999"
SITUATIONS = ("received", "whistled", "referred", "in_handling, paused", "closed")


@dataclass
class Replica:
    """One process of dispatch, as far as it imports."""

    database: Database
    books: Books
    dispatches: Dispatches
    imports: Imports
    running: AsyncExitStack

    def asked(self, by: Caller) -> Asked:
        return Asked(by, self.database.now(), trace_from(None))

    async def bring(self, document: bytes) -> str:
        """Does not wait for its end."""
        by = self.asked(DISTRICT)
        id, _ = await import_territory(document, STREET.area, self.books, self.imports, by, at_once=True)
        return id

    async def ended(self, id: str) -> Import:
        async def over() -> bool:
            return (await self.imports.get(id)).ended_at is not None

        await eventually(over)
        return await self.imports.get(id)


@pytest.fixture
async def replicas(servers: Servers, names: Names) -> AsyncIterator[list[Replica]]:
    """Two: the first one is going, the second one has not begun yet to look for what others have left."""
    made = []
    for _ in range(2):
        database = Database(servers.settings(names), "dispatch")
        await database.open()
        books = Books(Settings().first_ground())
        await books.open(database)
        kept = await database.entries(Dispatches, "dispatches", Dispatch, INDEXES, lambda _: None)
        imports = Imports(books, kept, LIMITS, database)
        await imports.open()
        made.append(Replica(database, books, kept, imports, AsyncExitStack()))
        await made[-1].running.enter_async_context(books.kept_fresh())
    await made[0].running.enter_async_context(made[0].imports.kept_going())
    yield made
    for one in made:
        await one.running.aclose()
        await one.database.close()


@pytest.mark.parametrize(
    ("owner", "step", "state", "written"),
    [
        (importing, "survey_territory", "failed", False),  # it is checked
        (Books, "write_territory", "failed", False),  # it was found good, and nothing stands in the way
        (importing, "apply_territory", "done", True),  # it is the newest version, and no order has moved
    ],
)
async def test_what_a_process_left_is_ended_by_the_next(
    replicas: list[Replica], owner: Any, step: str, state: str, written: bool
) -> None:
    first, second = replicas
    ids = [uuid7() for _ in SITUATIONS]
    for id, name in zip(ids, SITUATIONS, strict=True):
        await first.dispatches.place(id, decided(situations()[name]), first.asked(system("test")))
    version = first.books.now.territory.version
    land = first.books.now.territory.geojson(STREET.area or "").replace(
        f'"{OLD}'.encode(), f'"{NEW}'.encode()
    )
    land = land[:-1] + f',"successors":{{"{OLD}":"{NEW}"}}}}'.encode()

    begun = await _broken_off(first, land, owner, step)
    assert (await second.imports.get(begun)).ended_at is None
    await second.running.enter_async_context(second.imports.kept_going())
    it = await second.ended(begun)

    assert (it.state, it.changed, it.problem and it.problem.kind) == (
        (state, True, None) if written else (state, False, "import-lost")
    )
    assert await second.books.territory.newest() == version + written
    if not written:  # bring it again
        it = await second.ended(await second.bring(land))
        assert (it.state, it.changed) == ("done", True)
    assert it.moved == len(ids)
    areas = {(await second.dispatches.peek(id)).state.area for id in ids}
    assert areas == {AREA.replace(OLD, NEW)}


async def _broken_off(replica: Replica, document: bytes, owner: Any, step: str) -> str:
    """The import's id; its process has come to this step and no further."""
    reached, never = asyncio.Event(), asyncio.Event()

    async def stuck(*_: object, **__: object) -> None:
        reached.set()
        await never.wait()

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(owner, step, stuck)
        id = await replica.bring(document)
        await asyncio.wait_for(reached.wait(), 60)
        await replica.running.aclose()
    return id


@pytest.mark.parametrize("which", [0, 1], ids=["the same process", "another process"])
async def test_whoever_saw_an_import_end_may_bring_the_next_at_once(
    replicas: list[Replica], which: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It ends in the database a moment before its process lets the lease go."""
    first, next_one = replicas[0], replicas[which]
    land = first.books.now.territory.geojson(STREET.area or "")
    asked_again, let_go = asyncio.Event(), first.database.let_go

    async def late(lease: str) -> None:
        await asked_again.wait()
        await let_go(lease)

    monkeypatch.setattr(first.database, "let_go", late)
    await first.ended(await first.bring(land))
    bringing = asyncio.create_task(next_one.bring(land))
    done, _ = await asyncio.wait({bringing}, timeout=0.2)
    asked_again.set()
    assert not done, await asyncio.gather(bringing, return_exceptions=True)
    assert (await next_one.ended(await bringing)).state == "done"
