"""What is acknowledged is on the disks of most members: every write says so to the database."""

from __future__ import annotations

from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorClient
from pydantic import BaseModel
from pymongo.monitoring import CommandFailedEvent, CommandListener, CommandStartedEvent, CommandSucceededEvent
from uuid_utils.compat import uuid7

from shared.entry import decided
from tests.integration.shared.toy import List, Lists, answered, blown, counted

WRITES = frozenset({"insert", "update", "delete", "findAndModify", "bulkWrite"})


class Heard(CommandListener):
    """What the driver says to the database, of one process."""

    def __init__(self) -> None:
        self.writes: list[tuple[str, dict[str, Any] | None]] = []  # command and collection, write concern

    def started(self, event: CommandStartedEvent) -> None:
        """Within a transaction it is the commit that says how durable it is to be."""
        name, command = event.command_name, event.command
        if name == "commitTransaction":
            self.writes.append((name, command.get("writeConcern")))
        elif name in WRITES and command.get("autocommit") is not False:
            self.writes.append((f"{name} {command[name]}", command.get("writeConcern")))

    def succeeded(self, event: CommandSucceededEvent) -> None:
        """Not looked at."""

    def failed(self, event: CommandFailedEvent) -> None:
        """Not looked at."""


class Thing(BaseModel):
    name: str = ""


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> Heard:
    heard = Heard()

    def listening(*where: Any, event_listeners: list[Any], **how: Any) -> AsyncIOMotorClient[dict[str, Any]]:
        return AsyncIOMotorClient(*where, event_listeners=[*event_listeners, heard], **how)

    monkeypatch.setattr("shared.store.database.AsyncIOMotorClient", listening)
    return heard


@pytest.fixture
async def toys(heard: Heard, lists: Lists) -> List:
    """A list whose process is not on the bus: it moves no `told`, which may lag."""
    toys = await lists.open("dispatch", on_bus=False)
    heard.writes.clear()
    return toys


def must_be_durable(heard: Heard, *wanted: str) -> None:
    assert {where for where, _ in heard.writes} == set(wanted)
    for where, concern in heard.writes:
        assert concern is not None, where
        assert (concern.get("w"), concern.get("j")) == ("majority", True), where


async def test_everything_that_is_done_to_an_entry_is_durable(heard: Heard, toys: List) -> None:
    id = await toys.place(blown(), key="resident:r1:a")
    await toys.say(id, answered(), key="resident:r1:b")
    entry, asked = await toys.entries.peek(id), toys.asked(key="resident:r1:c")
    await toys.entries.save(entry, decided(entry.state), asked)  # only its answer is kept
    await toys.entries.park(id, "intake", 1, "nobody can read it")
    await toys.entries.unpark(id, "intake")
    await toys.entries.look_again(id, toys.database.now())
    must_be_durable(heard, "insert toys", "update toys")


async def test_what_is_saved_with_a_guard_is_durable_both_times(heard: Heard, toys: List) -> None:
    """The first time the guard is made, then it is raised."""
    guards, holder, id = toys.database.guards("holders"), uuid7(), await toys.place(blown())
    heard.writes.clear()
    for _ in range(2):
        guard, entry = await guards.read(holder), await toys.entries.peek(id)
        await toys.entries.save(entry, counted(entry.state, answered()), toys.asked(), guard=guard)
    must_be_durable(heard, "commitTransaction")
    assert len(heard.writes) == 2


async def test_what_is_no_entry_is_durable_too(heard: Heard, toys: List) -> None:
    documents = toys.database.documents("things", Thing)
    id = uuid7()
    await documents.put(id, Thing())
    await documents.put_new(uuid7(), Thing())
    await documents.remove(id)
    records = await toys.database.records("shelf", Thing)
    kept = await records.put("one", Thing(), on=0)
    kept = await records.put("one", Thing(name="two"), on=kept.version)
    await records.delete("one", on=kept.version)
    await toys.database.versions("grounds").add(1, b"{}", toys.asked())
    must_be_durable(
        heard,
        "update things",
        "delete things",
        "insert shelf",
        "update shelf",
        "delete shelf",
        "insert grounds",
    )
