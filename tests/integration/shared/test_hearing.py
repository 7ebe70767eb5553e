"""Hearing: each message has its effect exactly once, in order; what overtook waits; what is missing is asked for."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from shared.contracts.from_dispatch.ladder import WhistleAnsweredV1
from shared.contracts.from_intake import OrderPlacedV1, OrderWithdrawnV1
from shared.contracts.from_partners.calls import CallCoveredV1
from shared.contracts.message import Heard
from shared.entry import Decision, NotYet, decided, unchanged
from tests.integration.shared.looking import (
    delivered_more_than,
    deliveries,
    drop_message,
    everything_read,
    has_seen,
    has_seen_some,
    looked_at,
)
from tests.integration.shared.test_setting_aside import say_badly
from tests.integration.shared.toy import (
    Lists,
    Toy,
    answered,
    blown,
    called,
    noted,
    placed,
    withdrawn,
)
from tests.integration.waiting import eventually


async def test_with_two_replicas_each_everything_is_heard_once_and_in_order(lists: Lists) -> None:
    """300 entries, four messages each, of which evaluation hears three."""
    senders = [await lists.open("dispatch") for _ in range(2)]
    listeners = [await lists.open("evaluation") for _ in range(2)]
    at_once = asyncio.Semaphore(32)

    async def live(n: int) -> UUID:
        async with at_once:
            id = await senders[n % 2].place(answered())
            for m, event in enumerate((blown(), answered(), answered())):
                await senders[(n + m) % 2].say(id, event)
            return id

    ids = await asyncio.gather(*(live(n) for n in range(300)))
    both = listeners[0].entries

    async def all_heard() -> bool:
        return await both.count({"state.count": {"$gte": 3}}) == 300

    await eventually(all_heard)
    await eventually(lambda: everything_read(lists, "dispatch", "evaluation"))
    entries = await both.load_many(ids)
    assert {entries[id].state.seen for id in ids} == {("dispatch:1", "dispatch:3", "dispatch:4")}
    assert {entries[id].heard["dispatch"] for id in ids} == {4}
    assert await lists.aside() == []


async def test_a_message_that_comes_again_has_no_effect(lists: Lists) -> None:
    intake, dispatch = await lists.open("intake"), await lists.open("dispatch")
    ids = [await intake.place(placed(), withdrawn()) for _ in range(20)]
    for id in ids:
        await eventually(has_seen(dispatch, id, "intake:1", "intake:2"))
    before = {id: await dispatch.raw(id) for id in ids}

    for _ in range(3):
        await intake.relay.tell_again(None, 1, None)
    await eventually(lambda: everything_read(lists, "intake", "dispatch"))

    assert {id: await dispatch.raw(id) for id in ids} == before
    assert await deliveries(lists, "intake", "dispatch") >= 160


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("order", [(2, 1), (3, 2, 1), (2, 3, 1), (3, 1, 2), (2, 2, 1, 1, 3, 1)])
async def test_what_overtook_waits_and_is_then_applied(lists: Lists, order: tuple[int, ...]) -> None:
    intake = await lists.open("intake", tells=False)
    dispatch = await lists.open("dispatch")
    id = await intake.place(placed(), withdrawn(), withdrawn())

    await intake.tell(id, *order)

    await eventually(has_seen(dispatch, id, *(f"intake:{n}" for n in range(1, max(order) + 1))))
    await eventually(lambda: everything_read(lists, "intake", "dispatch"))


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("room", [0, 10])
async def test_what_overtook_has_no_effect_before_its_time(
    lists: Lists, room: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It waits here, or without room at the server, and comes again."""
    monkeypatch.setattr("shared.waiting._ROOM", room)
    intake = await lists.open("intake", tells=False)
    intake.relay.tell_again = nothing  # type: ignore[assignment,method-assign]  # nor does asking help
    dispatch = await lists.open("dispatch")
    id = await intake.place(placed(), withdrawn())

    await intake.tell(id, 2)
    if room:
        await eventually(lambda: looked_at(dispatch, id, 3))
    else:
        await eventually(lambda: delivered_more_than(2, lists, "intake", "dispatch"))

    assert await dispatch.entries.load_many([id]) == {}
    await intake.tell(id, 1)
    await eventually(has_seen(dispatch, id, "intake:1", "intake:2"))


async def nothing(*_: Any) -> tuple[int, int]:
    return 0, 0


async def test_however_many_wait_for_messages_these_are_delivered(
    lists: Lists, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where what waits counts as under way, a consumer gives out 1,000 messages and then none."""
    monkeypatch.setattr("shared.bus.patience", lambda _: 60.0)  # what waits comes again after this test
    intake = await lists.open("intake", tells=False)
    dispatch = await lists.open("dispatch")
    ids = await asyncio.gather(*(intake.place(placed(), withdrawn()) for _ in range(1_000)))

    await asyncio.gather(*(intake.tell(id, 2) for id in ids))
    await eventually(lambda: all_wait(lists, len(ids)))
    await intake.tell(ids[0], 1)

    await eventually(has_seen(dispatch, ids[0], "intake:1", "intake:2"))


async def all_wait(lists: Lists, wanted: int) -> bool:
    stream = lists.names.stream("intake")
    info = await lists.nats.jetstream().consumer_info(stream, "dispatch")
    return bool(info.num_ack_pending == wanted)


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("missing", [1, 2, 3])
async def test_a_message_that_the_stream_lost_is_told_again(lists: Lists, missing: int) -> None:
    """Also the first one, of which the listener knows nothing but that it is missing."""
    intake = await lists.open("intake")
    id = await intake.place(placed(), withdrawn(), withdrawn(), withdrawn())
    await eventually(lambda: intake.told(id))
    await drop_message(lists, "intake", id, missing)

    dispatch = await lists.open("dispatch")

    await eventually(has_seen(dispatch, id, "intake:1", "intake:2", "intake:3", "intake:4"))
    await eventually(lambda: everything_read(lists, "intake", "dispatch"))


async def test_a_gap_is_only_a_gap_for_who_hears_the_message(lists: Lists) -> None:
    """Evaluation does not hear the second and the third: nothing waits and nobody is asked."""
    dispatch = await lists.open("dispatch")
    evaluation = await lists.open("evaluation")
    partners = await lists.open("partners")
    id = await dispatch.place(answered(), blown(), called(), answered())

    await eventually(has_seen(evaluation, id, "dispatch:1", "dispatch:4"))
    await eventually(has_seen(partners, id, "dispatch:3"))
    assert len(await lists.stored("dispatch")) == 4, "nothing was told again"


async def test_messages_of_different_senders_come_in_any_order(lists: Lists) -> None:
    intake, partners = await lists.open("intake"), await lists.open("partners")
    id = await intake.place(placed(), withdrawn())
    await partners.place(CallCoveredV1(round=1, partners=(), pledged=0), id=id)
    dispatch = await lists.open("dispatch")

    await eventually(lambda: has_seen_some(dispatch, id, 3))

    seen = await dispatch.seen(id)
    assert sorted(seen) == ["intake:1", "intake:2", "partners:1"]
    assert seen.index("intake:1") < seen.index("intake:2")
    assert (await dispatch.entries.peek(id)).heard == {"intake": 2, "partners": 1}


async def test_what_a_reaction_says_goes_on_to_the_next(lists: Lists) -> None:
    """And names the message that caused it, in the same trace."""

    def answer(toy: Toy, heard: Heard[OrderPlacedV1]) -> Decision[Toy]:
        return decided(noted(toy, heard).state, answered(heard.data.title))

    intake = await lists.open("intake")
    dispatch = await lists.open("dispatch", {OrderPlacedV1: answer})
    evaluation = await lists.open("evaluation")
    id = await intake.place(placed("no water"))

    await eventually(lambda: has_seen_some(evaluation, id, 2))
    [said] = await dispatch.entries.history(id)
    [placing] = await intake.entries.history(id)
    assert (said["cause"], said["by"]) == ("intake:1", {"role": "system", "id": "intake"})
    assert said["data"]["measures"] == "no water"
    assert said["trace"].split("-")[1] == placing["trace"].split("-")[1]


async def test_what_follows_from_a_message_is_later_than_it_by_any_clock(
    lists: Lists, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever puts what several lists say in the order of its times has causes before what they led to."""

    def answer(toy: Toy, heard: Heard[OrderPlacedV1]) -> Decision[Toy]:
        return decided(noted(toy, heard).state, answered())

    intake, dispatch = await lists.open("intake"), await lists.open("dispatch", {OrderPlacedV1: answer})
    now = intake.database.now()
    for behind, database in enumerate((intake.database, dispatch.database)):
        monkeypatch.setattr(database, "now", lambda behind=behind: now - timedelta(seconds=behind))
    id = await intake.place(placed())

    await eventually(has_seen(dispatch, id, "intake:1"))
    [placing], [said] = await intake.entries.history(id), await dispatch.entries.history(id)
    assert said["at"] > placing["at"] == now


async def test_a_reaction_that_changes_nothing_is_not_asked_twice(lists: Lists) -> None:
    reactions = 0

    def ignore(toy: Toy, heard: Heard[OrderPlacedV1]) -> Decision[Toy]:
        nonlocal reactions
        reactions += 1
        return unchanged(toy)

    intake = await lists.open("intake")
    dispatch = await lists.open("dispatch", {OrderPlacedV1: ignore})
    id = await intake.place(placed(), withdrawn())
    await eventually(has_seen(dispatch, id, "intake:2"))
    await intake.relay.tell_again(id, 1, None)
    await eventually(lambda: everything_read(lists, "intake", "dispatch"))
    assert reactions in (1, 2), "twice only when the first save lost a race"
    assert (await dispatch.entries.peek(id)).heard == {"intake": 2}


async def test_a_command_and_messages_on_one_entry_do_not_undo_each_other(lists: Lists) -> None:
    intake, dispatch = await lists.open("intake"), await lists.open("dispatch")
    id = await intake.place(placed())
    await eventually(has_seen(dispatch, id, "intake:1"))

    await asyncio.gather(
        *(intake.say(id, withdrawn()) for _ in range(20)), *(dispatch.say(id, blown()) for _ in range(20))
    )

    await eventually(has_seen(dispatch, id, *(f"intake:{n}" for n in range(1, 22))))
    entry = await dispatch.entries.peek(id)
    assert (entry.state.count, entry.said) == (41, 20)


async def test_nothing_waits_for_a_redelivery(lists: Lists) -> None:
    """300 messages to one replica: each is delivered once."""
    intake, dispatch = await lists.open("intake"), await lists.open("dispatch")
    at_once = asyncio.Semaphore(16)

    async def place() -> None:
        async with at_once:
            await intake.place(placed())

    await asyncio.gather(*(place() for _ in range(300)))

    async def all_heard() -> bool:
        return await dispatch.entries.count({}) == 300

    await eventually(all_heard)
    await eventually(lambda: everything_read(lists, "intake", "dispatch"))
    assert await deliveries(lists, "intake", "dispatch") == 300


async def test_a_message_that_comes_alone_is_heard_at_once(
    lists: Lists, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One after the other; none of them waits for company or for a time-out, which is not in sight."""
    monkeypatch.setattr("shared.pull._EXPIRES", 3600.0)
    monkeypatch.setattr("shared.pull._LOOK", 3600.0)
    intake, dispatch = await lists.open("intake"), await lists.open("dispatch")
    for _ in range(50):
        id = await intake.place(placed())
        await eventually(has_seen(dispatch, id, "intake:1"))


@pytest.mark.usefixtures("hasty")
async def test_what_needs_another_sender_waits_until_that_was_heard(lists: Lists) -> None:
    def not_before_placed(toy: Toy, heard: Heard[WhistleAnsweredV1]) -> Decision[Toy]:
        if "intake:1" not in toy.seen:
            raise NotYet("the order is not known")
        return noted(toy, heard)

    intake = await lists.open("intake", tells=False)
    dispatch = await lists.open("dispatch")
    evaluation = await lists.open("evaluation", {WhistleAnsweredV1: not_before_placed}, tries=1)
    id = await intake.place(placed())
    await dispatch.place(answered(), answered(), id=id)
    await eventually(lambda: looked_at(evaluation, id, 3))
    assert await evaluation.entries.load_many([id]) == {}

    await intake.tell(id, 1)

    await eventually(has_seen(evaluation, id, "intake:1", "dispatch:1", "dispatch:2"))
    assert await lists.aside() == []


async def test_messages_that_waited_are_all_applied_in_one_save(lists: Lists) -> None:
    """And whatever each of them makes the listener say is said."""

    def answer(toy: Toy, heard: Heard[OrderWithdrawnV1]) -> Decision[Toy]:
        return decided(noted(toy, heard).state, answered(f"to {heard.n}"))

    intake = await lists.open("intake")
    id = await intake.place(placed(), *(withdrawn() for _ in range(49)))
    await eventually(lambda: intake.told(id))
    dispatch = await lists.open("dispatch", {OrderWithdrawnV1: answer})
    await eventually(lambda: has_seen_some(dispatch, id, 50))

    assert await dispatch.seen(id) == tuple(f"intake:{n}" for n in range(1, 51))
    assert (await dispatch.entries.peek(id)).version < 10
    said = await dispatch.entries.history(id)
    assert [event["n"] for event in said] == list(range(1, 50))
    assert [event["data"]["measures"] for event in said] == [f"to {n}" for n in range(2, 51)]


async def test_a_bad_copy_of_what_was_applied_long_ago_holds_up_nothing(lists: Lists) -> None:
    intake, dispatch = await lists.open("intake", tells=False), await lists.open("dispatch")
    id = await intake.place(placed(), withdrawn())
    await intake.tell(id, 1)
    await eventually(has_seen(dispatch, id, "intake:1"))
    await say_badly(lists, id, 1, body=b"{")
    await eventually(lambda: everything_read(lists, "intake", "dispatch"))
    await intake.tell(id, 2)

    await eventually(has_seen(dispatch, id, "intake:1", "intake:2"))
    assert await lists.aside() == []
