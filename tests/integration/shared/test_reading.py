"""Reading: pages neither skip nor repeat, histories since a moment, and documents that are not entries."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from pydantic import BaseModel
from uuid_utils.compat import uuid7

from shared.problems import Malformed, NotFound
from shared.store import Index, under
from tests.integration.shared.toy import List, Lists, Toy, Toys, asked, blown, counted, placed


@pytest.fixture
async def toys(lists: Lists) -> List:
    return await lists.open("dispatch", on_bus=False)


async def place_in(toys: List, area: str) -> UUID:
    id = uuid7()
    await toys.entries.place(id, counted(Toy(area=area), placed()), toys.asked())
    return id


@pytest.mark.parametrize("newest_first", [True, False])
@pytest.mark.parametrize("limit", [1, 3, 7, 20, 100])
async def test_pages_neither_skip_nor_repeat(toys: List, limit: int, newest_first: bool) -> None:
    ids = [await toys.place(placed()) for _ in range(20)]

    seen, cursor, pages = [], None, 0
    while True:
        page = await toys.entries.page({}, cursor=cursor, limit=limit, newest_first=newest_first)
        seen += [entry.id for entry in page.items]
        assert len(page.items) <= limit
        pages, cursor = pages + 1, page.next
        if cursor is None:
            break

    assert seen == (ids[::-1] if newest_first else ids)
    assert pages == -(-20 // limit), "the last page says that it is the last"


async def test_while_the_list_grows_pages_neither_skip_nor_repeat(toys: List) -> None:
    ids = [await toys.place(placed()) for _ in range(10)]
    seen, cursor = [], None
    while True:
        page = await toys.entries.page({}, cursor=cursor, limit=3)
        seen += [entry.id for entry in page.items]
        await toys.place(placed())  # always newer than what was read
        cursor = page.next
        if cursor is None:
            break
    assert seen == ids[::-1]


async def test_a_page_holds_only_what_matches(toys: List) -> None:
    mine = [await place_in(toys, "370203/1/2/01") for _ in range(5)]
    for other in ("370203/10", "370203/2", "370204/1"):
        await place_in(toys, other)
    await place_in(toys, "370203/1")

    page = await toys.entries.page({"state.area": under("370203/1")}, limit=50)

    assert {entry.id for entry in page.items} >= set(mine)
    assert len(page.items) == 6
    assert await toys.entries.count({"state.area": under("370203/1")}) == 6


@pytest.mark.parametrize(("asked_for", "got"), [(0, 1), (-5, 1), (1000, 100)])
async def test_a_page_has_at_least_one_and_at_most_a_hundred(toys: List, asked_for: int, got: int) -> None:
    for _ in range(101):
        await toys.place(placed())
    assert len((await toys.entries.page({}, limit=asked_for)).items) == got


async def test_a_foreign_cursor_is_malformed(toys: List) -> None:
    with pytest.raises(Malformed):
        await toys.entries.page({}, cursor="nonsense")


async def test_an_aggregate_reads_the_list(toys: List) -> None:
    await place_in(toys, "a")
    await place_in(toys, "a")
    await place_in(toys, "b")
    groups = await toys.entries.aggregate(
        [{"$group": {"_id": "$state.area", "n": {"$sum": 1}}}, {"$sort": {"_id": 1}}]
    )
    assert groups == [{"_id": "a", "n": 2}, {"_id": "b", "n": 1}]


async def test_many_entries_are_loaded_at_once_and_missing_ones_are_missing(toys: List) -> None:
    ids = [await toys.place(placed()) for _ in range(3)]
    found = await toys.entries.load_many([*ids, uuid4()])
    assert set(found) == set(ids)
    assert await toys.entries.load_many([]) == {}


async def test_histories_since_a_moment_are_whole_histories(toys: List) -> None:
    old = await toys.place(placed())
    both = await toys.place(placed(), blown())
    late = toys.asked()
    entry = await toys.entries.peek(both)
    later = asked(late.now.replace(year=late.now.year + 1))
    await toys.entries.save(entry, counted(entry.state, blown()), later)

    found = [tail async for tail in toys.entries.histories(later.now, None, 1)]
    everything = [tail async for tail in toys.entries.histories(None, None, 1)]
    second_on = [tail async for tail in toys.entries.histories(None, None, 2)]

    assert [(tail.id, [event["n"] for event in tail.events]) for tail in found] == [(both, [1, 2, 3])]
    assert {tail.id for tail in everything} == {old, both}
    assert [(tail.id, [event["n"] for event in tail.events]) for tail in second_on] == [(both, [2, 3])]
    assert second_on[0].types == ("order_placed.v1", "whistle_blown.v1", "whistle_blown.v1")


async def test_indexes_are_made_and_made_again(lists: Lists) -> None:
    toys = await lists.open("dispatch", on_bus=False)
    indexes = (Index("state.area", "-_id"), Index("state.count", partial={"state.count": {"$gt": 1}}))
    for _ in range(2):
        await toys.database.entries(Toys, "toys", Toy, indexes, lambda _: None)
    kept = await toys.entries._collection.index_information()
    assert kept["state.area_1__id_-1"]["key"] == [("state.area", 1), ("_id", -1)]
    assert kept["placed_key_1"]["unique"] is True
    assert {"untold_1", "due_at_1", "state.count_1"} <= set(kept)


class Thing(BaseModel):
    name: str
    size: int = 0


async def test_documents_are_kept_by_id(toys: List) -> None:
    things = toys.database.documents("things", Thing)
    id = uuid4()
    with pytest.raises(NotFound):
        await things.get(id)

    await things.put(id, Thing(name="a bench", size=3))
    await things.put(id, Thing(name="a bench", size=4))

    assert await things.get(id) == Thing(name="a bench", size=4)
    await things.put_new(id, Thing(name="another bench", size=5))
    assert await things.get(id) == Thing(name="a bench", size=4), "what is there stays"


async def test_documents_come_in_pages(toys: List) -> None:
    things = toys.database.documents("things", Thing)
    for n in range(7):
        await things.put(uuid4(), Thing(name=f"thing {n}", size=n % 2))

    names, cursor = [], None
    while True:
        page = await things.page({}, cursor=cursor, limit=3)
        names += [thing.name for thing in page.items]
        cursor = page.next
        if cursor is None:
            break
    assert sorted(names) == [f"thing {n}" for n in range(7)]
    assert len((await things.page({"value.size": 1})).items) == 3
    with pytest.raises(Malformed):
        await things.page({}, cursor="nonsense")


async def test_notes_are_remembered_by_name(lists: Lists) -> None:
    one = (await lists.open("dispatch", on_bus=False)).database
    other = (await lists.open("dispatch", on_bus=False)).database
    assert await one.recall("stream") is None
    await one.remember("stream", {"last": 1})
    await one.remember("stream", {"last": 2})
    assert await other.recall("stream") == {"last": 2}
