"""A rule that looks at several entries: a guard keeps two decisions on it from both being right."""

from __future__ import annotations

import asyncio
import sys
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from shared.problems import LostRace
from shared.store import Guards, key_digest, retry_lost_races
from tests.integration.shared import freezing
from tests.integration.shared.toy import List, Lists, answered, blown, counted

MOST = 12  # of all toys together, the first eight of placing included


class Full(Exception):
    """The rule says no: nothing is left for it to take."""


@pytest.fixture
async def toys(lists: Lists) -> List:
    """A list whose process is not on the bus."""
    return await lists.open("dispatch", on_bus=False)


@retry_lost_races
async def take(toys: List, guards: Guards, holder: UUID, id: UUID) -> None:
    """One more on this toy, unless all of them together have as much as there may be."""
    guard = await guards.read(holder)
    together = sum([(await toys.entries.peek(each)).state.count for each in await ids(toys)])
    if together >= MOST:
        raise Full
    asked = toys.asked()
    entry = await toys.entries.load(id, asked)
    await toys.entries.save(entry, counted(entry.state, answered()), asked, guard=guard)


@retry_lost_races
async def guarded(toys: List, guards: Guards, holder: UUID, id: UUID) -> None:
    """One more on this toy, whatever the others have."""
    guard, asked = await guards.read(holder), toys.asked()
    entry = await toys.entries.load(id, asked)
    await toys.entries.save(entry, counted(entry.state, answered()), asked, guard=guard)


async def ids(toys: List) -> list[UUID]:
    return [tail.id async for tail in toys.entries.histories(None, None, 1)]


async def test_of_racers_on_eight_entries_as_many_win_as_there_is_room(toys: List) -> None:
    guards, holder = toys.database.guards("holders"), uuid7()
    placed = [await toys.place(blown()) for _ in range(8)]

    outcomes = await asyncio.gather(
        *(take(toys, guards, holder, placed[n % 8]) for n in range(40)), return_exceptions=True
    )

    won = sum(outcome is None for outcome in outcomes)
    assert won == MOST - 8
    assert all(outcome is None or isinstance(outcome, Full | LostRace) for outcome in outcomes)
    assert sum([(await toys.raw(id))["state"]["count"] for id in placed]) == MOST
    assert (await guards.read(holder)).version == won


async def test_who_read_an_old_guard_changes_nothing(toys: List) -> None:
    guards, holder = toys.database.guards("holders"), uuid7()
    first, second = await toys.place(blown()), await toys.place(blown())
    old = await guards.read(holder)
    entry = await toys.entries.peek(first)
    await toys.entries.save(entry, counted(entry.state, answered()), toys.asked(), guard=old)
    before, other = await toys.raw(second), await toys.entries.peek(second)

    with pytest.raises(LostRace):
        await toys.entries.save(other, counted(other.state, answered()), toys.asked(), guard=old)

    assert await toys.raw(second) == before


async def test_who_raised_a_guard_remembers_it_and_looks_again_when_another_process_raised_it(
    lists: Lists, toys: List
) -> None:
    here, holder = toys.database.guards("holders"), uuid7()
    other = await lists.open("dispatch", on_bus=False)
    there = other.database.guards("holders")
    id = await toys.place(blown())
    await guarded(toys, here, holder, id)
    await guarded(other, there, holder, id)
    remembered = await here.read(holder)

    await guarded(toys, here, holder, id)

    assert remembered.version == 1, "nobody was asked"
    assert (await toys.raw(id))["state"]["count"] == 4
    known = [(await guards.read(holder)).version for guards in (here, toys.database.guards("holders"))]
    assert known == [3, 3]


async def test_who_lost_the_entry_leaves_the_guard_as_it_was(toys: List) -> None:
    guards, holder = toys.database.guards("holders"), uuid7()
    id = await toys.place(blown())
    entry = await toys.entries.peek(id)
    await toys.say(id, answered())
    guard = await guards.read(holder)

    with pytest.raises(LostRace):
        await toys.entries.save(entry, counted(entry.state, answered()), toys.asked(), guard=guard)

    assert (await guards.read(holder)).version == guard.version


async def test_what_is_saved_with_a_guard_is_told_and_answered_again_like_everything_else(toys: List) -> None:
    guards, holder = toys.database.guards("holders"), uuid7()
    id = await toys.place(blown())
    asked = toys.asked(key="resident:r1:k")
    entry = await toys.entries.load(id, asked)

    await toys.entries.save(entry, counted(entry.state, answered()), asked, guard=await guards.read(holder))

    kept = await toys.raw(id)
    assert (kept["version"], kept["said"], kept["keys"][0]["k"]) == (2, 2, key_digest("resident:r1:k"))


async def test_who_freezes_within_a_save_blocks_the_others_for_a_few_seconds_only(
    lists: Lists, toys: List
) -> None:
    """Those who want the entry, those who want the guard, and those whose write happens to go in the same call."""
    guards, holder = toys.database.guards("holders"), uuid7()
    id, other, third = [await toys.place(blown()) for _ in range(3)]
    frozen = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", freezing.__name__, lists.names.namespace, lists.servers.mongo_url),
        *(str(id), str(holder)),
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert frozen.stdout is not None
        assert await frozen.stdout.readline() == b"frozen\n"
        async with asyncio.timeout(10):
            await asyncio.gather(
                toys.say(id, answered()),
                toys.say(other, answered()),
                guarded(toys, guards, holder, third),
                guarded(toys, guards, holder, id),
            )
    finally:
        frozen.kill()
        await frozen.wait()
    said = [(await toys.raw(each))["said"] for each in (id, other, third)]
    assert said == [3, 2, 2], "what the frozen one had begun was not done"
