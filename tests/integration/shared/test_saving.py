"""Saving: one compare-and-set, one winner; what was saved here is remembered."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from uuid_utils.compat import uuid7

from shared.asked import AlreadyAnswered, Asked
from shared.entry import Decision, Entry, decided, unchanged
from shared.problems import Changed, LostRace, NotFound, Unavailable
from shared.store import decide, retry_lost_races
from tests.integration.shared.toy import (
    RESIDENT,
    List,
    Lists,
    Toy,
    answered,
    asked,
    blown,
    counted,
    placed,
)


@pytest.fixture
async def toys(lists: Lists) -> List:
    """A list whose process is not on the bus."""
    return await lists.open("dispatch", on_bus=False)


def how(outcomes: list[Any], kind: type) -> int:
    """How many of the outcomes are of a kind."""
    return sum(isinstance(outcome, kind) for outcome in outcomes)


async def test_of_fifty_savers_of_one_version_one_wins(toys: List) -> None:
    id = await toys.place(blown())
    entry = await toys.entries.peek(id)

    async def save() -> Entry[Toy]:
        return await toys.entries.save(entry, counted(entry.state, answered()), toys.asked())

    outcomes = await asyncio.gather(*(save() for _ in range(50)), return_exceptions=True)

    assert (how(outcomes, Entry), how(outcomes, LostRace)) == (1, 49)
    now = await toys.raw(id)
    assert (now["version"], now["said"], now["state"]["count"], len(now["history"])) == (2, 2, 2, 2)


async def test_fifty_racers_who_decide_again_are_all_applied(toys: List) -> None:
    id = await toys.place(blown())

    await asyncio.gather(*(toys.say(id, answered(str(n))) for n in range(50)))

    now = await toys.raw(id)
    assert now["state"]["count"] == now["version"] == now["said"] == 51
    assert [event["n"] for event in now["history"]] == list(range(1, 52))
    assert {event["data"].get("measures") for event in now["history"][1:]} == {str(n) for n in range(50)}


async def test_a_race_that_is_lost_for_ever_ends_in_a_refusal() -> None:
    tries = 0

    @retry_lost_races
    async def lose() -> None:
        nonlocal tries
        tries += 1
        raise LostRace

    with pytest.raises(LostRace):
        await lose()
    assert 10 <= tries <= 50


async def test_a_decision_on_what_was_saved_here_reads_nothing(
    toys: List, monkeypatch: pytest.MonkeyPatch
) -> None:
    id = await toys.place(blown())
    monkeypatch.setattr(toys.entries, "load", None)
    after = await decide(toys.entries, id, toys.asked(), lambda toy: counted(toy, answered()))
    assert (after.version, (await toys.raw(id))["version"]) == (2, 2)
    assert await toys.entries.peek(id) == after, "what is remembered is what is stored"


async def test_nobody_is_refused_or_told_that_it_is_so_by_what_is_only_remembered(lists: Lists) -> None:
    """Another replica has changed it meanwhile."""
    here, there = await lists.open("dispatch", on_bus=False), await lists.open("dispatch", on_bus=False)
    id = await here.place(blown())

    def once(toy: Toy) -> Decision[Toy]:
        if toy.count == 1:
            raise Changed
        return unchanged(toy) if toy.count == 2 else counted(toy, answered())

    def unless_two(toy: Toy) -> Decision[Toy]:
        return unchanged(toy) if toy.count == 1 else counted(toy, answered())

    await there.say(id, answered())
    assert (await decide(here.entries, id, here.asked(), once)).version == 2, "so already, by what is stored"
    await there.say(id, answered())
    assert (await decide(here.entries, id, here.asked(), unless_two)).version == 4
    await there.say(id, answered())
    again = await decide(here.entries, id, here.asked(key="k"), lambda toy: counted(toy, answered()))
    assert (again.version, again.state.count) == (6, 6), (
        "a save by an old memory misses, and is decided again"
    )
    with pytest.raises(AlreadyAnswered):
        await decide(there.entries, id, there.asked(key="k"), lambda toy: counted(toy, answered()))


async def test_only_what_is_new_is_written(toys: List) -> None:
    id = await toys.place(placed())
    await toys.entries._collection.update_one({"_id": id}, {"$set": {"state.area": "untouched"}})
    await toys.say(id, answered())
    now = await toys.raw(id)
    assert (now["state"]["count"], now["state"]["area"]) == (2, "untouched")


async def test_what_is_unchanged_is_not_written(toys: List) -> None:
    id = await toys.place(placed())
    before = await toys.raw(id)
    entry = await toys.entries.peek(id)

    same = await toys.entries.save(entry, unchanged(entry.state), toys.asked())

    assert same is entry
    assert await toys.raw(id) == before


async def test_a_new_state_without_an_event_is_written_and_nothing_is_told(toys: List) -> None:
    id = await toys.place(placed())
    entry = await toys.entries.peek(id)

    after = await toys.entries.save(entry, decided(entry.state.but(count=7)), toys.asked())

    now = await toys.raw(id)
    assert (now["version"], now["state"]["count"], now["said"], len(now["history"])) == (2, 7, 1, 1)
    assert (after.version, after.state.count, after.said) == (2, 7, 1)


async def test_who_looked_at_an_older_version_is_refused(toys: List) -> None:
    id = await toys.place(placed())
    await toys.say(id, answered(), expects=1)
    with pytest.raises(Changed) as refused:
        await toys.say(id, answered(), expects=1)
    assert refused.value.now == {"version": 2}


async def test_an_unknown_entry_is_not_found(toys: List) -> None:
    with pytest.raises(NotFound):
        await toys.entries.peek(uuid7())
    with pytest.raises(NotFound):
        await toys.entries.load(uuid7(), toys.asked())
    with pytest.raises(NotFound):
        await toys.entries.history(uuid7())


@pytest.mark.parametrize("key", [None, "k"])
async def test_an_id_that_is_taken_is_not_taken_over(toys: List, key: str | None) -> None:
    id = await toys.place(placed())
    with pytest.raises(Unavailable):
        await toys.place(placed(), id=id, key=key)


async def test_the_history_says_who_did_what_when_and_why(toys: List) -> None:
    request = Asked(RESIDENT, toys.database.now(), "00-aa-bb-01", cause="request:7")
    id = uuid7()
    await toys.entries.place(id, counted(Toy(), placed("no water"), answered()), request)

    first, second = await toys.entries.history(id)

    assert (first["n"], first["type"]) == (1, "order_placed.v1")
    assert (second["n"], second["type"]) == (2, "whistle_answered.v1")
    assert first["by"] == {"role": "resident", "id": "r1"}
    assert (first["at"], first["cause"], first["trace"]) == (request.now, "request:7", "00-aa-bb-01")
    assert first["data"]["title"] == "no water"


async def test_an_entry_is_loaded_as_it_was_saved(toys: List) -> None:
    id = await toys.place(placed(), blown())
    [said, _] = await toys.entries.history(id)
    moment = toys.database.now()
    await toys.set_clocks(id, {"whistle": moment})

    entry = await toys.entries.peek(id)

    assert entry == Entry(
        id,
        Toy(count=1, due={"whistle": moment}),
        2,
        ("order_placed.v1", "whistle_blown.v1"),
        {},
        frozenset(),
        said["at"],
    )


async def test_the_history_never_goes_back_in_time(toys: List) -> None:
    """Whoever lost a race asked before the winner's event, but says it after."""
    id = await toys.place(blown())
    earlier = asked(toys.database.now() - timedelta(seconds=5))
    entry = await toys.entries.peek(id)

    after = await toys.entries.save(entry, counted(entry.state, answered()), earlier)

    first, second = await toys.entries.history(id)
    assert first["at"] == second["at"] == after.last_at


async def test_a_rule_that_refuses_speaks_before_the_version(toys: List) -> None:
    """Who looked at an older version still learns what the matter is."""
    id = await toys.place(placed())
    await toys.say(id, answered())
    entry = await toys.entries.load(id, toys.asked(expects=1))
    assert entry.version == 2
    with pytest.raises(Changed):
        await toys.entries.save(entry, unchanged(entry.state), toys.asked(expects=1))


async def test_an_entry_that_cannot_be_read_fails_alone_and_nobody_waits_for_it(toys: List) -> None:
    """Whatever is wrong with it: a state that does not validate, or a document without one."""
    ids = [await toys.place(placed()) for _ in range(4)]
    broken = {ids[1]: {"$unset": {"state": ""}}, ids[2]: {"$set": {"state.count": "many"}}}
    for id, damage in broken.items():
        await toys.entries._collection.update_one({"_id": id}, damage)

    async with asyncio.timeout(20):
        found = await asyncio.gather(*(toys.entries.peek(id) for id in ids), return_exceptions=True)

    assert [isinstance(one, Entry) for one in found] == [True, False, False, True]
    assert not any(isinstance(one, NotFound) for one in found)
