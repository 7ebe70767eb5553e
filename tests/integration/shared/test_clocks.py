"""Clocks: each strikes once, by the database's time, whichever process looks."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from shared.clock import Clock
from shared.entry import Decision, unchanged
from shared.problems import LostRace, Unavailable
from tests.integration.shared.toy import List, Lists, Toy, answered, asked, blown, counted, stopped
from tests.integration.waiting import eventually

SECOND = timedelta(seconds=1)


async def with_clock(list_: List, name: str = "whistle", *, late: float = 1.0) -> UUID:
    """An entry whose clock was due `late` seconds ago."""
    id = await list_.place(blown())
    await list_.set_clocks(id, {name: list_.database.now() - timedelta(seconds=late)})
    return id


async def strikes(list_: List, id: UUID) -> int:
    return sum(event["cause"].startswith("clock:") for event in await list_.entries.history(id))


async def test_what_is_due_is_struck_and_what_is_not_is_left(lists: Lists) -> None:
    toys = await lists.open("dispatch", on_bus=False)
    due = await with_clock(toys)
    later = await toys.place(blown())
    await toys.set_clocks(later, {"whistle": toys.database.now() + 3600 * SECOND})

    assert await toys.clock.tick() == 1

    assert (await strikes(toys, due), await strikes(toys, later)) == (1, 0)
    assert (await toys.entries.peek(due)).state.due == {}
    assert "due_at" not in await toys.raw(due)
    assert await toys.clock.tick() == 0


async def test_a_clock_strikes_in_the_very_moment_it_is_due_and_not_a_millisecond_earlier(
    lists: Lists, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither alone nor beside another clock of the same entry that is due."""
    toys = await lists.open("dispatch", on_bus=False)
    now = toys.database.now()
    due = {"now": now, "soon": now + SECOND / 1000}
    both, soon = await toys.place(blown()), await toys.place(blown())
    await toys.set_clocks(both, due)
    await toys.set_clocks(soon, {"soon": due["soon"]})

    monkeypatch.setattr(toys.database, "now", lambda: now)
    await toys.clock.tick()
    assert [(await toys.entries.peek(id)).state.due for id in (both, soon)] == [{"soon": due["soon"]}] * 2
    assert (await strikes(toys, both), await strikes(toys, soon)) == (1, 0)

    monkeypatch.setattr(toys.database, "now", lambda: due["soon"])
    await toys.clock.tick()
    assert (await strikes(toys, both), await strikes(toys, soon)) == (2, 1)


async def test_the_time_that_decides_is_the_databases_as_anybody_can_ask_it(lists: Lists) -> None:
    """A second is nothing to a busy machine, and a clock that is early by less strikes early by less."""
    toys = await lists.open("dispatch", on_bus=False)
    before = await time_at_the_database(lists)
    now = toys.database.now()
    after = await time_at_the_database(lists)
    assert before - SECOND <= now <= after + SECOND


async def test_no_clock_strikes_before_the_database_says_it_is_time(lists: Lists) -> None:
    toys = await lists.open("dispatch", on_bus=False)
    due = await time_at_the_database(lists) + 3 * SECOND
    id = await toys.place(blown())
    await toys.set_clocks(id, {"whistle": due})
    toys.clock.start()

    async def struck() -> datetime | None:
        """When it was seen to have struck, by the database."""
        return await time_at_the_database(lists) if await strikes(toys, id) else None

    seen = await eventually(struck)
    assert seen is not None
    assert seen >= due


async def time_at_the_database(lists: Lists) -> datetime:
    """Asked by ourselves, not by the service."""
    hello = await asyncio.to_thread(lists.servers.mongo.admin.command, "hello")
    asked: datetime = hello["localTime"]
    return asked.replace(tzinfo=UTC)


async def test_the_strike_is_an_ordinary_decision_by_the_clock(lists: Lists) -> None:
    toys = await lists.open("dispatch", on_bus=False)
    id = await with_clock(toys, "silence")
    await toys.clock.tick()
    *_, event = await toys.entries.history(id)
    assert (event["by"], event["cause"]) == ({"role": "system", "id": "clock"}, "clock:silence")
    assert event["data"]["measures"] == "silence struck"


async def test_with_two_processes_each_clock_strikes_once(lists: Lists) -> None:
    replicas = [await lists.open("dispatch") for _ in range(2)]
    for each in replicas:
        each.clock.start()
    ids = await asyncio.gather(*(with_clock(replicas[n % 2]) for n in range(50)))

    async def all_struck() -> bool:
        return await replicas[0].entries.count({"due_at": {"$exists": True}}) == 0

    await eventually(all_struck)
    assert [await strikes(replicas[0], id) for id in ids] == [1] * 50


async def test_without_any_lease_each_clock_still_strikes_once(lists: Lists) -> None:
    """The lease only saves work: a frozen holder that wakes up does no harm."""
    toys = await lists.open("dispatch", on_bus=False)
    ids = await asyncio.gather(*(with_clock(toys) for _ in range(20)))
    clocks = [Clock(toys.settings, toys.database, toys.entries, stopped) for _ in range(4)]

    await asyncio.gather(*(clock._strike_one(id) for id in ids for clock in clocks))

    assert [await strikes(toys, id) for id in ids] == [1] * 20


async def test_a_clock_that_neither_stops_nor_moves_is_stopped(lists: Lists) -> None:
    def forgets(toy: Toy, name: str, at: datetime) -> Decision[Toy]:
        return counted(toy, answered("again"))

    toys = await lists.open("dispatch", strike=forgets, on_bus=False)
    id = await with_clock(toys)
    for _ in range(3):
        await toys.clock.tick()
    assert (await strikes(toys, id), (await toys.entries.peek(id)).state.due) == (1, {})


async def test_a_clock_whose_strike_decides_nothing_is_stopped_too(lists: Lists) -> None:
    toys = await lists.open("dispatch", strike=lambda toy, *_: unchanged(toy), on_bus=False)
    id = await with_clock(toys)
    await toys.clock.tick()
    assert (await toys.entries.peek(id)).state.due == {}


async def test_a_clock_that_moves_strikes_again_when_it_is_due_again(lists: Lists) -> None:
    def climbs(toy: Toy, name: str, at: datetime) -> Decision[Toy]:
        moved = counted(toy, answered(f"level {toy.count}"))
        return Decision(moved.state.with_clock(name, at + SECOND / 20), moved.events)

    toys = await lists.open("dispatch", strike=climbs, on_bus=False)
    toys.clock.start()
    id = await with_clock(toys)

    async def three_times() -> bool:
        return await strikes(toys, id) >= 3

    await eventually(three_times)


async def test_clocks_of_one_entry_strike_in_the_order_they_were_due(lists: Lists) -> None:
    toys = await lists.open("dispatch", on_bus=False)
    id = await toys.place(blown())
    now = toys.database.now()
    due = {"second": now - SECOND, "first": now - 2 * SECOND, "later": now + 3600 * SECOND}
    await toys.set_clocks(id, due)

    await toys.clock.tick()

    said = [event["data"]["measures"] for event in (await toys.entries.history(id))[1:]]
    assert said == ["first struck", "second struck"]
    assert (await toys.entries.peek(id)).state.due == {"later": due["later"]}


async def test_a_clock_that_stops_another_prevents_its_strike(lists: Lists) -> None:
    def stops_all(toy: Toy, name: str, at: datetime) -> Decision[Toy]:
        return counted(toy.but(due={}), answered(name))

    toys = await lists.open("dispatch", strike=stops_all, on_bus=False)
    id = await toys.place(blown())
    now = toys.database.now()
    await toys.set_clocks(id, {"first": now - 2 * SECOND, "second": now - SECOND})
    await toys.clock.tick()
    assert await strikes(toys, id) == 1


async def test_one_bad_entry_does_not_stop_the_clocks_of_others(lists: Lists) -> None:
    def fails_for_some(toy: Toy, name: str, at: datetime) -> Decision[Toy]:
        if name == "bad":
            raise RuntimeError("a fault of ours")
        return stopped(toy, name, at)

    toys = await lists.open("dispatch", strike=fails_for_some, on_bus=False)
    bad = await with_clock(toys, "bad", late=60)
    good = [await with_clock(toys) for _ in range(5)]
    toys.clock.start()

    async def good_ones_struck() -> bool:
        return [await strikes(toys, id) for id in good] == [1] * 5

    await eventually(good_ones_struck)
    assert (await toys.entries.peek(bad)).state.due.keys() == {"bad"}


async def test_a_clock_that_fails_stands_aside_for_a_while(lists: Lists) -> None:
    """Otherwise enough of them would hold up all others; its next save counts its clocks anew."""

    def fails(toy: Toy, name: str, at: datetime) -> Decision[Toy]:
        raise RuntimeError("a fault of ours")

    toys = await lists.open("dispatch", strike=fails, on_bus=False)
    id = await with_clock(toys, late=60)

    assert [await toys.clock.tick(), await toys.clock.tick()] == [1, 0]

    put_off = (await toys.raw(id))["due_at"] - toys.database.now()
    assert SECOND < put_off <= 60 * SECOND
    await toys.say(id, answered())
    assert await toys.clock.tick() == 1


async def test_the_clocks_go_on_after_the_database_was_away(lists: Lists) -> None:
    toys = await lists.open("dispatch", on_bus=False)
    due, failures = toys.entries.due, 0

    async def away_at_first(now: datetime, limit: int) -> list[UUID]:
        nonlocal failures
        failures += 1
        if failures <= 2:
            raise Unavailable
        return await due(now, limit)

    toys.entries.due = away_at_first  # type: ignore[method-assign]
    id = await with_clock(toys)
    toys.clock.start()

    async def struck() -> bool:
        return await strikes(toys, id) == 1

    await eventually(struck)


async def test_a_command_that_comes_first_wins(lists: Lists) -> None:
    """The clock decided on what is no longer so: it loses, looks again, and finds nothing to do."""
    toys = await lists.open("dispatch", on_bus=False)
    id = await with_clock(toys)
    old = await toys.entries.peek(id)
    await toys.set_clocks(id, {})
    with pytest.raises(LostRace):
        await toys.entries.save(old, stopped(old.state, "whistle", toys.database.now()), toys.asked())
    assert (await toys.clock.tick(), await strikes(toys, id)) == (0, 0)


# ---------------------------------------------------------------- leases and time


async def test_a_lease_is_held_by_one_and_kept_by_asking_again(lists: Lists) -> None:
    one = (await lists.open("dispatch", on_bus=False)).database
    other = (await lists.open("dispatch", on_bus=False)).database
    assert [await one.hold("clock", 60), await other.hold("clock", 60)] == [True, False]
    assert [await one.hold("clock", 60), await other.hold("clock", 60)] == [True, False]
    assert await other.hold("sweep", 60), "each lease is its own"


async def test_of_many_who_ask_for_a_new_lease_at_once_at_most_one_gets_it(lists: Lists) -> None:
    processes = [(await lists.open("dispatch", on_bus=False)).database for _ in range(4)]
    got = await asyncio.gather(*(each.hold("clock", 60) for each in processes))
    assert sum(got) <= 1
    assert sum([await each.hold("clock", 60) for each in processes]) == 1


async def test_a_lease_passes_on_when_its_holder_is_silent(lists: Lists) -> None:
    one = (await lists.open("dispatch", on_bus=False)).database
    other = (await lists.open("dispatch", on_bus=False)).database
    assert await one.hold("clock", 0.3)
    assert not await other.hold("clock", 60)

    await eventually(lambda: other.hold("clock", 60))

    assert not await one.hold("clock", 60), "and the first one has to see that it lost it"


async def test_a_lease_that_is_let_go_is_free_at_once_but_only_by_its_holder(lists: Lists) -> None:
    one = (await lists.open("dispatch", on_bus=False)).database
    other = (await lists.open("dispatch", on_bus=False)).database
    await one.hold("clock", 60)
    await other.let_go("clock")
    assert not await other.hold("clock", 60)
    await one.let_go("clock")
    assert await other.hold("clock", 60)


async def test_the_clocks_of_a_stopped_process_go_on_in_another_at_once(lists: Lists) -> None:
    one, other = await lists.open("dispatch", on_bus=False), await lists.open("dispatch", on_bus=False)
    one.clock.start()
    first = await with_clock(one)

    async def struck(id: UUID) -> bool:
        return await strikes(other, id) == 1

    await eventually(lambda: struck(first))
    await one.clock.stop()
    second = await with_clock(other)
    assert await other.clock.tick() == 1
    assert await struck(second)


async def test_the_time_is_the_databases_and_not_our_own(lists: Lists) -> None:
    """It is asked what time it is; were it ten minutes ahead of us, then so would be all that is due."""
    toys = await lists.open("dispatch", on_bus=False)
    hello = await asyncio.to_thread(lists.servers.mongo.admin.command, "hello")
    assert abs(toys.database.now() - hello["localTime"].replace(tzinfo=UTC)) < SECOND
    id = await toys.place(blown())
    await toys.set_clocks(id, {"whistle": toys.database.now() + 300 * SECOND})
    assert await toys.clock.tick() == 0

    toys.database._pulse.learn = lambda *_: None  # type: ignore[method-assign]
    toys.database._pulse._ahead += 600

    assert await toys.clock.tick() == 1
    *_, event = await toys.entries.history(id)
    assert event["at"] - hello["localTime"].replace(tzinfo=UTC) > 599 * SECOND


async def test_the_time_is_kept_in_whole_milliseconds(lists: Lists) -> None:
    """So it is the same after it was stored."""
    database = (await lists.open("dispatch", on_bus=False)).database
    assert {database.now().microsecond % 1000 for _ in range(100)} == {0}
    assert asked(database.now()).now.tzinfo is not None
