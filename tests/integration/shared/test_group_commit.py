"""Writes that go together: each is settled rightly, also when the database's answer is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from pymongo.errors import AutoReconnect, BulkWriteError
from pymongo.read_concern import ReadConcern
from uuid_utils.compat import uuid7

from shared.asked import AlreadyAnswered
from shared.entry import Entry, decided
from shared.problems import KeyReused, LostRace, Unavailable
from tests.integration.shared.toy import List, Lists, Toy, answered, blown, counted, placed
from tests.integration.waiting import eventually

Call = Callable[[], Awaitable[Any]]


class Line:
    """A connection that can fail. Stands where the collection of a group commit stands."""

    def __init__(self, real: Any) -> None:
        self._real = real
        self.writing: Callable[[Call], Awaitable[Any]] | None = None  # what happens to the next write
        self.looking: Exception | None = None
        self.sizes: list[int] = []
        self.looked: list[str | None] = []  # how carefully, each time

    async def bulk_write(self, operations: list[Any], **options: Any) -> Any:
        self.sizes.append(len(operations))
        happens, self.writing = self.writing, None
        if happens is not None:
            return await happens(lambda: self._real.bulk_write(operations, **options))
        return await self._real.bulk_write(operations, **options)

    def with_options(self, *, read_concern: ReadConcern) -> Line:
        other = Line(self._real.with_options(read_concern=read_concern))
        other.looking, other.looked = self.looking, self.looked
        return other

    def find(self, *args: Any) -> Any:
        self.looked.append(getattr(self._real, "read_concern", ReadConcern()).level)
        if self.looking is not None:
            raise self.looking
        return self._real.find(*args)


async def answer_lost(write: Call) -> None:
    """It was written, and nobody was told."""
    await write()
    raise AutoReconnect("connection closed")


async def never_sent(write: Call) -> None:
    raise AutoReconnect("connection closed")


async def not_on_most(write: Call) -> None:
    """It was written here, but a majority did not confirm it in time."""
    result = (await write()).bulk_api_result
    raise BulkWriteError({**result, "writeConcernErrors": [{"code": 64, "errmsg": "waiting timed out"}]})


async def rolled_back(write: Call) -> None:
    """The primary had it, and lost it with its office before a majority had it too."""
    told = {"writeErrors": [], "nMatched": 1, "nModified": 1, "nInserted": 1, "nUpserted": 0, "nRemoved": 0}
    raise BulkWriteError(
        {**told, "upserted": [], "writeConcernErrors": [{"code": 64, "errmsg": "timed out"}]}
    )


@pytest.fixture
async def toys(lists: Lists) -> List:
    return await lists.open("dispatch", on_bus=False)


@pytest.fixture
def line(toys: List) -> Line:
    line = Line(toys.entries._commit._collection)
    toys.entries._commit._collection = line  # type: ignore[assignment]
    return line


async def test_of_two_hundred_places_at_once_each_is_settled_rightly(toys: List, line: Line) -> None:
    """Every fifth asks what its predecessor asked; every seventh reuses that key for something else."""
    taken = await toys.place(blown())

    async def place(n: int) -> Any:
        if n % 50 == 0:
            return await toys.place(blown(), id=taken)
        same, other = n % 5 == 1, n % 7 == 1
        key = f"k{n - 1 if same or other else n}"
        return await toys.place(blown(), key=key, body="other" if other else "same")

    outcomes = await asyncio.gather(*(place(n) for n in range(200)), return_exceptions=True)

    ids = [outcome for outcome in outcomes if not isinstance(outcome, BaseException)]
    assert {type(o) for o in outcomes if isinstance(o, BaseException)} == {
        AlreadyAnswered,
        KeyReused,
        Unavailable,
    }
    assert sum(isinstance(o, Unavailable) for o in outcomes) == 4
    assert await toys.entries.count({}) == len(ids) + 1
    assert set(await toys.entries.load_many(ids)) == set(ids)
    keys = {f"k{n - 1 if n % 5 == 1 or n % 7 == 1 else n}" for n in range(200) if n % 50}
    assert len(ids) == len(keys)
    assert len(line.sizes) < 40, "they did not go together"


async def test_a_lone_write_does_not_wait_for_company(toys: List, line: Line) -> None:
    await toys.place(blown())
    assert line.sizes == [1]


async def test_inserts_and_changes_of_many_entries_go_together(toys: List, line: Line) -> None:
    """One loser in the batch must not spoil the others' answers."""
    ids = [await toys.place(blown()) for _ in range(20)]
    old = [await toys.entries.peek(id) for id in ids]
    await toys.say(ids[7], answered())
    line.sizes.clear()

    async def save(entry: Entry[Toy]) -> Entry[Toy]:
        return await toys.entries.save(entry, counted(entry.state, answered()), toys.asked())

    outcomes = await asyncio.gather(
        *(save(entry) for entry in old), *(toys.place(placed()) for _ in range(5)), return_exceptions=True
    )

    lost = [n for n, outcome in enumerate(outcomes) if isinstance(outcome, BaseException)]
    assert lost == [7]
    assert isinstance(outcomes[7], LostRace)
    assert max(line.sizes) > 1


@pytest.mark.parametrize("accident", [answer_lost, not_on_most])
async def test_a_change_whose_answer_was_lost_is_found_by_looking(
    toys: List, line: Line, accident: Callable[[Call], Awaitable[Any]]
) -> None:
    entry = await toys.entries.peek(await toys.place(blown()))
    line.writing = accident

    after = await toys.entries.save(entry, counted(entry.state, answered()), toys.asked())

    assert (after.version, await toys.entries.peek(entry.id)) == (2, after)
    assert line.looked == ["linearizable"], "what it saw will stay"


@pytest.mark.parametrize("accident", [answer_lost, not_on_most])
async def test_an_entry_whose_answer_was_lost_is_placed_once(
    toys: List, line: Line, accident: Callable[[Call], Awaitable[Any]]
) -> None:
    line.writing = accident
    id = await toys.place(blown(), key="k")
    assert (await toys.entries.peek(id)).version == 1
    with pytest.raises(AlreadyAnswered):
        await toys.place(blown(), key="k")


@pytest.mark.parametrize("accident", [never_sent, rolled_back])
async def test_what_is_not_there_counts_as_lost_and_is_done_by_the_next_try(
    toys: List, line: Line, accident: Callable[[Call], Awaitable[Any]]
) -> None:
    entry = await toys.entries.peek(await toys.place(blown()))
    line.writing = accident
    with pytest.raises(LostRace):
        await toys.entries.save(entry, counted(entry.state, answered()), toys.asked())

    line.writing = accident
    after = await toys.say(entry.id, answered())  # decides again by itself

    assert (after.version, after.state.count) == (2, 2)


@pytest.mark.parametrize("key", [None, "k"])
async def test_a_place_that_never_arrived_is_asked_for_again(toys: List, line: Line, key: str | None) -> None:
    """Nobody else was there to lose a race to: whoever asks is told to try again."""
    line.writing = never_sent
    with pytest.raises(Unavailable):
        await toys.place(blown(), key=key)
    assert await toys.entries.count({}) == 0


async def test_a_change_without_events_whose_answer_was_lost_is_decided_again(toys: List, line: Line) -> None:
    """It leaves no mark in the history, so it is never claimed to have been done."""
    entry = await toys.entries.peek(await toys.place(blown()))
    line.writing = answer_lost
    with pytest.raises(LostRace):
        await toys.entries.save(entry, decided(entry.state.but(count=5)), toys.asked())
    assert (await toys.entries.peek(entry.id)).state.count == 5


async def test_when_nobody_can_look_neither_is_claimed(toys: List, line: Line) -> None:
    entry = await toys.entries.peek(await toys.place(blown()))
    line.writing, line.looking = answer_lost, AutoReconnect("connection closed")
    with pytest.raises(Unavailable):
        await toys.entries.save(entry, counted(entry.state, answered()), toys.asked())

    line.looking = None
    assert (await toys.entries.peek(entry.id)).version == 2
    assert (await toys.entries.peek(await toys.place(blown()))).version == 1, "and the next write goes on"


async def test_an_error_that_nobody_expected_reaches_whoever_waits(toys: List, line: Line) -> None:
    async def strange(write: Call) -> None:
        raise RuntimeError("out of memory")

    line.writing = strange
    with pytest.raises(Unavailable, match="RuntimeError"):
        await toys.place(blown())


async def test_a_change_that_the_database_refuses_spoils_nobody_elses(toys: List, line: Line) -> None:
    """A document of 16 MB is the most it takes."""
    long = "x" * 9_000_000
    huge = await toys.entries.peek(await toys.place(answered().model_copy(update={"measures": long})))
    more = counted(huge.state, answered().model_copy(update={"measures": long}))

    outcomes = await asyncio.gather(
        toys.place(placed()),
        toys.place(placed()),
        toys.entries.save(huge, more, toys.asked()),
        toys.place(placed()),
        return_exceptions=True,
    )

    assert [type(outcome) for n, outcome in enumerate(outcomes) if n == 2] == [Unavailable]
    assert await toys.entries.count({"state.count": 1}) == 4
    assert (await toys.entries.peek(huge.id)).version == 1


async def test_whoever_stops_waiting_leaves_the_others_alone(toys: List, line: Line) -> None:
    tasks = [asyncio.create_task(toys.place(placed(), id=uuid7())) for _ in range(10)]
    tasks[3].cancel()
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert [n for n, outcome in enumerate(outcomes) if isinstance(outcome, BaseException)] == [3]


async def test_what_cannot_be_written_down_fails_alone(toys: List, line: Line) -> None:
    """Of those that go together the driver sends the new ones first: some are there before it sees that it cannot."""
    old = [await toys.place(placed()) for _ in range(3)]
    entries = [await toys.entries.peek(id) for id in old]

    async def say(n: int, count: int) -> Any:
        state = entries[n].state.but(count=count)
        return await toys.entries.save(entries[n], decided(state, answered()), toys.asked())

    outcomes = await asyncio.gather(
        *(toys.place(placed()) for _ in range(20)),
        say(0, 5),
        say(1, 2**70),
        say(2, 7),
        return_exceptions=True,
    )

    assert max(line.sizes) > 1, "they did go together"
    assert [type(one) for one in outcomes if isinstance(one, BaseException)] == [OverflowError]
    assert [(await toys.raw(id))["state"]["count"] for id in old] == [5, 1, 7]
    assert [(await toys.raw(id))["version"] for id in old] == [2, 1, 2]
    assert await toys.entries.count({}) == 23


async def test_a_write_that_comes_as_both_calls_end_starts_one_of_its_own(toys: List, line: Line) -> None:
    """Both have seen that nobody waits, and the loop has not yet come to take them off."""
    ended = asyncio.Event()

    async def until_both_end(write: Call) -> Any:
        result = await write()
        await ended.wait()
        return result

    async def place(times: int) -> None:
        for _ in range(times):
            await toys.place(placed())

    both = []
    for times in (2, 1):
        line.writing = until_both_end
        both.append(asyncio.create_task(place(times)))
        await eventually(lambda: line.writing is None)
    ended.set()

    async with asyncio.timeout(10):
        await asyncio.gather(*both)


async def test_a_miss_says_so_itself_and_counts_nobody_else_as_lost(toys: List, line: Line) -> None:
    """Also changes without an event, which leave no mark to look for."""
    entries = [await toys.entries.peek(await toys.place(blown())) for _ in range(10)]
    await toys.say(entries[3].id, answered())

    outcomes = await asyncio.gather(
        *(toys.entries.save(one, decided(one.state.but(count=5)), toys.asked()) for one in entries),
        return_exceptions=True,
    )

    assert [n for n, outcome in enumerate(outcomes) if isinstance(outcome, LostRace)] == [3]
    assert max(line.sizes) > 1, "they did go together"
    assert line.looked == []
    assert await toys.entries.count({}) == 10, "a miss inserts nothing"


async def test_a_change_of_what_is_not_there_is_lost_and_makes_nothing(toys: List) -> None:
    entry = await toys.entries.peek(await toys.place(blown()))
    await toys.entries._collection.delete_one({"_id": entry.id})
    with pytest.raises(LostRace):
        await toys.entries.save(entry, counted(entry.state, answered()), toys.asked())
    assert await toys.entries.count({}) == 0
