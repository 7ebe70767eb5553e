"""Numbered versions, and documents that people edit."""

from __future__ import annotations

import asyncio

import pytest
from pydantic import BaseModel

from shared.problems import LostRace, NotFound, TooLarge
from shared.store import Records
from tests.integration.shared.toy import List, Lists


@pytest.fixture
async def toys(lists: Lists) -> List:
    return await lists.open("dispatch", on_bus=False)


async def test_versions_are_added_and_the_newest_one_counts(toys: List) -> None:
    maps = toys.database.versions("maps")
    assert await maps.newest() == 0
    for number in (1, 2, 3):
        await maps.add(number, f"map {number}".encode() * 1000, toys.asked())
    assert await maps.newest() == 3
    assert await maps.body(2) == b"map 2" * 1000
    assert [one.number for one in await maps.latest()] == [3, 2, 1]
    assert [one.number for one in await maps.latest(1, before=3)] == [2]
    assert (await maps.latest())[0].by == toys.asked().caller.by
    with pytest.raises(NotFound):
        await maps.body(4)


async def test_of_many_who_add_the_same_version_one_wins(toys: List) -> None:
    maps = toys.database.versions("maps")
    adding = [maps.add(1, f"by {n}".encode(), toys.asked()) for n in range(8)]
    outcomes = await asyncio.gather(*adding, return_exceptions=True)
    assert sorted(type(one).__name__ for one in outcomes) == ["LostRace"] * 7 + ["NoneType"]
    winner = outcomes.index(None)
    assert await maps.body(1) == f"by {winner}".encode()


async def test_a_version_that_no_document_holds_is_refused(
    toys: List, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.store.versions._MOST", 10)
    maps = toys.database.versions("maps")
    with pytest.raises(TooLarge):
        await maps.add(1, bytes(range(256)), toys.asked())
    assert await maps.newest() == 0


class Card(BaseModel):
    name: str


async def test_an_edit_names_the_version_it_was_made_on(toys: List) -> None:
    cards: Records[Card] = await toys.database.records("cards", Card)
    with pytest.raises(NotFound):
        await cards.get("a")
    assert (await cards.put("a", Card(name="one"), on=0)).version == 1
    assert (await cards.put("a", Card(name="two"), on=1)).version == 2
    for stale in (0, 1, 3):
        with pytest.raises(LostRace):
            await cards.put("a", Card(name="three"), on=stale)
        with pytest.raises(LostRace):
            await cards.delete("a", on=stale)
    assert await cards.get("a") == (Card(name="two"), 2)
    await cards.delete("a", on=2)
    assert await cards.many(["a", "b"]) == []


async def test_records_are_found_by_what_is_in_them(toys: List) -> None:
    cards: Records[Card] = await toys.database.records("cards", Card)
    for id in ("c", "a", "b"):
        await cards.put(id, Card(name=f"card {id}"), on=0)
    assert [one.value.name for one in await cards.find({}, 2)] == ["card a", "card b"]
    assert [one.value.name for one in await cards.find({"value.name": "card c"}, 9)] == ["card c"]
    assert len(await cards.many(["a", "c", "x"])) == 2
    await cards.put("c", Card(name="card d"), on=1)
    assert await cards.versions({"value.name": {"$gte": "card b"}}) == {"b": 1, "c": 2}
