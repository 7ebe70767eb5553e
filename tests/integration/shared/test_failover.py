"""What was acknowledged outlives the database's primary: shown on a set of three, of which the first is lost."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient, WriteConcern
from pymongo.errors import PyMongoError

from deploy.local.binaries import MONGOD, find
from deploy.local.ports import Ports
from shared.naming import Names
from shared.problems import Unavailable
from tests.integration.shared.toy import List, Lists, blown
from tests.integration.waiting import eventually
from tests.parts import Servers


class Member:
    """One database of the set; it may be killed and come back with what it had."""

    def __init__(self, folder: Path, port: int) -> None:
        self.where = f"127.0.0.1:{port}"
        folder.mkdir()
        self._command = (
            *(str(find(MONGOD)), "--replSet", "three", "--dbpath", str(folder), "--port", str(port)),
            *("--bind_ip", "127.0.0.1", "--nounixsocket", "--wiredTigerCacheSizeGB", "0.25", "--oplogSize", "64"),
        )  # fmt: skip
        self._process: asyncio.subprocess.Process | None = None
        self._client: MongoClient[dict[str, Any]] = MongoClient(
            f"mongodb://{self.where}/", directConnection=True, serverSelectionTimeoutMS=500, connect=False
        )

    async def start(self) -> None:
        quiet = asyncio.subprocess.DEVNULL
        self._process = await asyncio.create_subprocess_exec(*self._command, stdout=quiet)
        await eventually(lambda: self.says("ping"))

    async def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            await self._process.wait()
            self._process = None

    async def close(self) -> None:
        await self.kill()
        self._client.close()

    async def says(self, *command: Any) -> dict[str, Any]:
        """What it answers; nothing when it does not, or refuses."""
        with contextlib.suppress(PyMongoError):
            return await asyncio.to_thread(lambda: self._client.admin.command(*command))
        return {}

    async def is_in_office(self) -> bool:
        return bool((await self.says("hello")).get("isWritablePrimary"))

    async def follows(self) -> bool:
        return bool((await self.says("hello")).get("secondary"))


@pytest.fixture
async def members(tmp_path: Path) -> AsyncIterator[list[Member]]:
    """Three of which the first is the primary and the others have all that it has."""
    ports = Ports(tmp_path / "ports.json")
    members = [Member(tmp_path / name, ports.keep(name)) for name in ("a", "b", "c")]
    first, *others = members
    try:
        await asyncio.gather(*(member.start() for member in members))
        places = [
            {"_id": n, "host": member.where, "priority": 1 + (n == 0)} for n, member in enumerate(members)
        ]
        hasty = {"heartbeatIntervalMillis": 200}  # they learn of each other by it
        await first.says("replSetInitiate", {"_id": "three", "members": places, "settings": hasty})
        await eventually(lambda: elect([first]))
        for other in others:
            await eventually(other.follows)
        yield members
    finally:
        await asyncio.gather(*(member.close() for member in members))


@pytest.fixture
async def toys(members: list[Member], servers: Servers, names: Names) -> AsyncIterator[List]:
    where = ",".join(member.where for member in members)
    of_three = Servers(
        f"mongodb://{where}/?replicaSet=three", servers.nats_login, servers.mongo, servers.nats
    )
    lists = Lists(of_three, names)
    toys = await lists.open("dispatch", on_bus=False)
    quick = WriteConcern(w="majority", j=True, wtimeout=500)  # the service's own waits for 10 s
    toys.entries._commit._collection = toys.entries._commit._collection.with_options(write_concern=quick)
    try:
        yield toys
    finally:
        await lists.close()


async def test_what_only_a_lost_primary_had_was_not_acknowledged(toys: List, members: list[Member]) -> None:
    """The write is on the primary and on nobody else, whatever that primary says when it is asked."""
    first, *others = members
    kept = await toys.place(blown())
    await asyncio.gather(*(other.kill() for other in others))

    place = asyncio.create_task(toys.place(blown()))
    await eventually(lambda: written(toys, 2))
    await asyncio.wait({place}, timeout=2)  # the time to say yes, if it would
    await first.kill()
    await asyncio.gather(*(other.start() for other in others))
    await eventually(lambda: elect(others))

    with pytest.raises(Unavailable):
        await place
    assert set(await toys.entries.load_many([kept])) == {kept}
    assert await toys.entries.count({}) == 1, "it is gone with the one that had it"


async def written(toys: List, entries: int) -> bool:
    return await toys.entries.count({}) == entries


async def elect(members: list[Member]) -> bool:
    """Have one of them take the office."""
    for member in members:
        await member.says("replSetStepUp")
    return any([await member.is_in_office() for member in members])
