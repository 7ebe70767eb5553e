"""Answers are kept for a day: the same request gets the same answer, another one with its key is refused."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from pymongo.errors import AutoReconnect
from uuid_utils.compat import uuid7

from shared.asked import AlreadyAnswered
from shared.entry import Entry, unchanged
from shared.problems import KeyReused, LostRace, Unavailable
from tests.integration.shared.toy import (
    List,
    Lists,
    Toy,
    answered,
    counted,
    placed,
    withdrawn,
)

SOON = timedelta(seconds=2)  # until an answer is moved without anything to be told


@pytest.fixture
async def toys(lists: Lists) -> List:
    """A list whose process is not on the bus."""
    return await lists.open("dispatch", on_bus=False)


def how(outcomes: list[Any], kind: type) -> int:
    """How many of the outcomes are of a kind."""
    return sum(isinstance(outcome, kind) for outcome in outcomes)


async def test_a_repeated_key_gets_the_same_bytes_and_places_nothing(toys: List) -> None:
    id, key = uuid7(), "resident:r1:k"
    first = toys.asked(creates=True, key=key)
    entry = await toys.entries.place(id, counted(Toy(), placed()), first)
    await toys.say(id, withdrawn())  # what is true now is something else, the answer stays

    with pytest.raises(AlreadyAnswered) as again:
        await toys.entries.place(uuid7(), counted(Toy(), placed()), toys.asked(creates=True, key=key))

    assert again.value.answer == first.answer(entry)
    assert await toys.entries.count({}) == 1


async def test_a_repeated_key_with_another_body_is_refused(toys: List) -> None:
    id = await toys.place(placed(), key="k")
    with pytest.raises(KeyReused):
        await toys.place(placed(), key="k", body="another body")

    await toys.say(id, withdrawn(), key="k2")
    with pytest.raises(KeyReused):
        await toys.say(id, withdrawn(), key="k2", body="another body")
    assert (await toys.entries.peek(id)).version == 2


async def test_requests_with_one_key_at_the_same_moment_place_one_entry(toys: List) -> None:
    async def place(n: int) -> None:
        await toys.place(placed(), key="k", body="another body" if n % 4 == 0 else "the same body")

    outcomes = await asyncio.gather(*(place(n) for n in range(20)), return_exceptions=True)

    assert outcomes.count(None) == 1
    assert how(outcomes, AlreadyAnswered) + how(outcomes, KeyReused) == 19
    assert how(outcomes, KeyReused) in (5, 15)  # whichever body came first
    assert len({o.answer for o in outcomes if isinstance(o, AlreadyAnswered)}) == 1
    assert await toys.entries.count({}) == 1


async def test_commands_with_one_key_at_the_same_moment_are_done_once(toys: List) -> None:
    id = await toys.place(placed())

    outcomes = await asyncio.gather(
        *(toys.say(id, withdrawn(), key="k") for _ in range(20)), return_exceptions=True
    )

    assert how(outcomes, Entry) == 1
    again = {o.answer for o in outcomes if isinstance(o, AlreadyAnswered)}
    assert how(outcomes, AlreadyAnswered) == 19
    assert len(again) == 1
    assert (await toys.raw(id))["state"]["count"] == 2


async def test_the_same_key_means_something_else_on_another_entry(toys: List) -> None:
    first, second = await toys.place(placed()), await toys.place(placed())
    await toys.say(first, withdrawn(), key="k")
    await toys.say(second, withdrawn(), key="k")
    assert (await toys.entries.peek(second)).version == 2


async def test_an_answer_is_kept_for_a_day_however_busy_the_entry_is(toys: List) -> None:
    """Also once it is moved beside the entry, in which only a mark stays."""
    id, first = await toys.place(placed(), key="first"), toys.asked(key="k")
    answer = first.answer(await toys.say_as(id, first, answered()))
    for n in range(40):
        await toys.say(id, answered(), key=f"k{n}")
        if n % 10 == 0:
            await toys.entries.move_told([], toys.database.now() + SOON)
    kept = (await toys.raw(id))["keys"]
    assert len(kept) == 42
    assert sum("a" in one for one in kept) == 9, "the others are beside it"

    for later in (timedelta(0), timedelta(hours=23, minutes=59)):
        with pytest.raises(AlreadyAnswered) as again:
            await toys.say_as(id, toys.asked(later, key="k"), answered())
        assert again.value.answer == answer
        with pytest.raises(KeyReused):
            await toys.say_as(id, toys.asked(later, key="k", body="another body"), answered())
    assert (await toys.entries.peek(id)).version == 42


async def test_after_a_day_a_key_is_free_again(toys: List) -> None:
    id = await toys.place(placed())
    await toys.say(id, answered(), key="k")
    await toys.entries.move_told([], toys.database.now() + SOON)
    late = toys.asked(timedelta(hours=24), key="k", body="another body")
    assert (await toys.say_as(id, late, answered())).version == 3
    await toys.entries.move_told([], late.now + timedelta(hours=1))
    assert [mark["t"] for mark in (await toys.raw(id))["keys"]] == [late.now], (
        "what does not count is not kept"
    )
    with pytest.raises(AlreadyAnswered) as again:
        await toys.say_as(id, toys.asked(timedelta(hours=25), key="k", body="another body"), answered())
    assert again.value.answer.etag == '"3"', "not what was answered the day before"


async def test_a_key_that_placed_an_entry_never_places_another(toys: List) -> None:
    """The phone lay in a drawer over the weekend: it learns how its order is now."""
    id = await toys.place(placed(), key="k")
    await toys.say(id, answered())
    days = timedelta(days=3)
    await toys.entries.move_told([], toys.database.now() + days)

    with pytest.raises(AlreadyAnswered) as again:
        await toys.entries.place(uuid7(), counted(Toy(), placed()), toys.asked(days, key="k", creates=True))
    assert (again.value.answer.status, again.value.answer.etag) == (201, '"2"')
    with pytest.raises(KeyReused):
        await toys.entries.place(uuid7(), counted(Toy(), placed()), toys.asked(days, key="k", body="another"))
    assert await toys.entries.count({}) == 1


async def test_an_answer_that_is_nowhere_is_never_taken_for_a_request_that_was_not_done(toys: List) -> None:
    """A backup of the entries without what is beside them."""
    id = await toys.place(placed())
    await toys.say(id, answered(), key="k")
    await toys.entries.move_told([], toys.database.now() + SOON)
    await toys.entries._kept._collection.delete_many({})
    with pytest.raises(AlreadyAnswered) as again:
        await toys.say(id, answered(), key="k")
    assert again.value.answer.etag == '"2"'


async def test_answers_that_could_not_be_moved_are_moved_later(
    toys: List, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And what was put beside the entry already, without anybody's hearing of it, is no hindrance."""
    id = await toys.place(placed())
    await toys.say(id, answered(), key="k")
    beside = toys.entries._kept._collection

    async def answer_lost(documents: list[dict[str, Any]], **options: Any) -> None:
        await beside.insert_many(documents, **options)
        raise AutoReconnect("connection closed")

    with monkeypatch.context() as broken:
        broken.setattr(toys.entries._kept, "_collection", SimpleNamespace(insert_many=answer_lost))
        with pytest.raises(Unavailable):
            await toys.entries.move_told([], toys.database.now() + SOON)
    await toys.say(id, answered(), key="k2")
    await toys.entries.move_told([], toys.database.now() + SOON)

    assert all("a" not in one for one in (await toys.raw(id))["keys"])
    assert await beside.count_documents({}) == 2
    for key in ("k", "k2"):
        with pytest.raises(AlreadyAnswered):
            await toys.say(id, answered(), key=key)


async def test_an_answer_that_is_beside_the_entry_and_still_in_it_is_taken_out_later(
    toys: List, monkeypatch: pytest.MonkeyPatch
) -> None:
    id = await toys.place(placed(), key="k")

    async def fails(*_: Any, **__: Any) -> None:
        raise AutoReconnect("connection closed")

    with monkeypatch.context() as broken:
        broken.setattr(toys.entries, "_quick", SimpleNamespace(bulk_write=fails))
        with pytest.raises(Unavailable):
            await toys.entries.move_told([(id, 1, 1)], toys.database.now())
    await toys.entries.move_told([], toys.database.now() + SOON)
    assert all("a" not in one for one in (await toys.raw(id))["keys"])
    with pytest.raises(AlreadyAnswered):
        await toys.place(placed(), key="k")


async def test_an_answer_is_moved_with_what_was_told_or_after_a_second(toys: List) -> None:
    """One update for both: what was just saved is told in a moment."""
    told, later = await toys.place(placed(), key="a"), await toys.place(placed(), key="b")

    async def inside(id: UUID) -> bool:
        return "a" in (await toys.raw(id))["keys"][0]

    now = toys.database.now()
    await toys.entries.move_told([(told, 1, 1)], now)
    assert (await toys.raw(told))["told"] == 1
    assert not await inside(told)
    assert await inside(later)
    await toys.entries.move_told([], now)
    assert await inside(later)
    await toys.entries.move_told([], now + SOON)
    assert not await inside(later)


async def test_what_is_beside_an_entry_expires_by_itself(toys: List) -> None:
    index = (await toys.entries._kept._collection.index_information())["until_1"]
    assert index["expireAfterSeconds"] == 0
    before = toys.database.now()
    await toys.say(await toys.place(placed()), answered(), key="k")
    await toys.entries.move_told([], toys.database.now() + SOON)
    [kept] = await toys.entries._kept._collection.find({}).to_list(None)
    assert kept["until"] >= before + timedelta(hours=24)


async def test_a_key_on_what_changes_nothing_is_kept_too(toys: List) -> None:
    """The answer only: the entry, its version and its history stay as they are."""
    id = await toys.place(placed())
    before = await toys.raw(id)

    async def ask(body: str = "the same body") -> Entry[Toy]:
        request = toys.asked(key="k", body=body)
        entry = await toys.entries.load(id, request)
        return await toys.entries.save(entry, unchanged(entry.state), request)

    first = toys.asked().answer(await ask())
    now = await toys.raw(id)
    assert {name: value for name, value in now.items() if name != "keys"} == before
    await toys.say(id, answered())  # what is true now is something else, the answer stays

    with pytest.raises(AlreadyAnswered) as again:
        await ask()
    assert again.value.answer == first
    with pytest.raises(KeyReused):
        await ask("another body")


async def test_of_two_requests_with_one_key_at_the_same_moment_one_is_refused_also_if_one_changes_nothing(
    toys: List,
) -> None:
    id = await toys.place(placed())
    entry = await toys.entries.peek(id)  # both looked before either was answered
    await toys.entries.save(entry, unchanged(entry.state), toys.asked(key="k"))

    with pytest.raises(LostRace):
        await toys.entries.save(
            entry, counted(entry.state, withdrawn()), toys.asked(key="k", body="another body")
        )
    with pytest.raises(KeyReused):
        await toys.say(id, withdrawn(), key="k", body="another body")
