"""What waits for an earlier message waits beside it, and not in the way of others."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import Any
from uuid import UUID

import pytest

from shared.contracts.from_intake.orders import OrderPlacedV1, OrderWithdrawnV1
from shared.problems import Unavailable
from tests.integration.shared.looking import (
    delivered_more_than,
    deliveries,
    everything_read,
    has_seen,
    is_parked,
    looked_at,
)
from tests.integration.shared.test_setting_aside import Fails, nobody_asks, say_badly
from tests.integration.shared.toy import Lists, placed, withdrawn
from tests.integration.waiting import eventually


async def test_what_failed_together_is_applied_together(
    lists: Lists, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first of ten comes again after a moment; none of the others has to be given again by the server."""
    monkeypatch.setattr("shared.bus.patience", lambda _, **__: 0.3)
    intake = await lists.open("intake")
    id = await intake.place(placed(), *(withdrawn() for _ in range(9)))
    await eventually(lambda: intake.told(id))
    dispatch = await lists.open("dispatch", {OrderPlacedV1: Fails(2)})

    await eventually(has_seen(dispatch, id, *(f"intake:{n}" for n in range(1, 11))))

    await eventually(partial(everything_read, lists, "intake", "dispatch"))
    assert await deliveries(lists, "intake", "dispatch") == 12, "ten, and the first one twice more"


async def test_what_was_without_a_database_together_comes_back_together(
    lists: Lists, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One pause for all of an order: a second one would be longer than this test."""
    pauses = iter([0.3])
    monkeypatch.setattr("shared.bus.patience", lambda tries, **_: next(pauses, 600.0) if tries else 0.01)
    intake = await lists.open("intake")
    id = await intake.place(placed(), *(withdrawn() for _ in range(9)))
    await eventually(lambda: intake.told(id))
    dispatch = await lists.open("dispatch", wait=False)
    load_many, away = dispatch.entries.load_many, 1

    async def fails_once(ids: Sequence[UUID]) -> Any:
        nonlocal away
        away -= 1
        if away >= 0:
            raise Unavailable("made by the test")
        return await load_many(ids)

    dispatch.entries.load_many = fails_once  # type: ignore[method-assign]
    await eventually(lambda: away <= 0)

    await eventually(has_seen(dispatch, id, *(f"intake:{n}" for n in range(1, 11))))


async def test_what_waits_is_not_given_again_by_the_server(lists: Lists) -> None:
    """A thousand messages whose first one is missing are delivered once each, and a new one comes through at once."""
    intake = await lists.open("intake", tells=False)
    dispatch = await lists.open("dispatch")
    dispatch.relay.ask_again = nobody_asks  # type: ignore[method-assign]
    ids = await asyncio.gather(*(intake.place(placed(), withdrawn()) for _ in range(1_000)))
    await asyncio.gather(*(intake.tell(id, 2) for id in ids))
    await eventually(lambda: all(looked_at(dispatch, id, 5) for id in ids), within=60)

    new = await intake.place(placed())
    await intake.tell(new, 1)
    await eventually(has_seen(dispatch, new, "intake:1"))

    assert await deliveries(lists, "intake", "dispatch") == 1_001


async def test_it_is_applied_when_another_replica_has_heard_what_was_missing(lists: Lists) -> None:
    intake = await lists.open("intake", tells=False)
    first = await lists.open("dispatch")
    id = await intake.place(placed(), withdrawn())
    await intake.tell(id, 2)
    await eventually(lambda: looked_at(first, id, 3))
    first.relay.ask_again = nobody_asks  # type: ignore[method-assign]
    [listening] = [pull for pull, _ in first.bus._pulls if pull.stream == lists.names.stream("intake")]
    await listening.stop()  # it gets nothing more, so the other one hears what comes
    second = await lists.open("dispatch")

    await intake.tell(id, 1)
    await eventually(has_seen(second, id, "intake:1", "intake:2"))

    await eventually(partial(everything_read, lists, "intake", "dispatch"))
    assert await deliveries(lists, "intake", "dispatch") == 2


async def test_who_stops_gives_back_what_waits(lists: Lists) -> None:
    """Long before the server would notice that it is gone."""
    intake = await lists.open("intake", tells=False)
    first = await lists.open("dispatch")
    id = await intake.place(placed(), withdrawn())
    await intake.tell(id, 2)
    await eventually(lambda: looked_at(first, id, 1))
    await lists.close(first)

    second = await lists.open("dispatch")
    await intake.tell(id, 1)

    await eventually(has_seen(second, id, "intake:1", "intake:2"), within=10)


async def test_what_waits_longer_than_the_server_is_in_work(
    lists: Lists, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.waiting._IN_WORK_SECONDS", 0.1)
    js, stream = lists.nats.jetstream(), lists.names.stream("intake")
    config = (await js.consumer_info(stream, "dispatch")).config
    config.ack_wait = 1.0
    await js.add_consumer(stream, config)
    intake = await lists.open("intake", tells=False)
    dispatch = await lists.open("dispatch")
    dispatch.relay.ask_again = nobody_asks  # type: ignore[method-assign]
    id = await intake.place(placed(), withdrawn())
    await intake.tell(id, 2)

    await eventually(lambda: looked_at(dispatch, id, 7))  # after four seconds

    assert await deliveries(lists, "intake", "dispatch") == 1
    await intake.tell(id, 1)
    await eventually(has_seen(dispatch, id, "intake:1", "intake:2"))


async def test_what_waits_for_a_message_that_is_set_aside_is_acknowledged_unread(lists: Lists) -> None:
    intake = await lists.open("intake", tells=False)
    dispatch = await lists.open("dispatch")
    dispatch.relay.ask_again = nobody_asks  # type: ignore[method-assign]
    id = await intake.place(placed(), withdrawn(), withdrawn())
    await intake.tell(id, 3)
    await eventually(lambda: looked_at(dispatch, id, 2))

    await say_badly(lists, id, 1, body=b"{")

    await eventually(lambda: is_parked(dispatch, id))
    await eventually(partial(everything_read, lists, "intake", "dispatch"))
    assert await dispatch.seen(id) == ()


async def test_what_waits_for_what_fails_is_applied_after_it(
    lists: Lists, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also what comes while that one waits at the server."""
    monkeypatch.setattr("shared.bus.patience", lambda _, **__: 0.5)
    fails = Fails(1)
    intake = await lists.open("intake", tells=False)
    dispatch = await lists.open("dispatch", {OrderPlacedV1: fails})
    id = await intake.place(placed(), withdrawn(), withdrawn())
    await intake.tell(id, 1)
    await eventually(lambda: fails.calls)
    await intake.tell(id, 3, 2)
    await eventually(has_seen(dispatch, id, "intake:1", "intake:2", "intake:3"))
    assert await deliveries(lists, "intake", "dispatch") == 4


@pytest.mark.usefixtures("hasty")
async def test_how_often_a_message_waited_does_not_count_against_its_reaction(
    lists: Lists, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It came long before the one that it follows, and waited at the server; then its reaction fails for a moment."""
    monkeypatch.setattr("shared.waiting._ROOM", 0)
    fails = Fails(1)
    intake = await lists.open("intake", tells=False)
    dispatch = await lists.open("dispatch", {OrderWithdrawnV1: fails}, tries=2)
    dispatch.relay.ask_again = nobody_asks  # type: ignore[method-assign]
    id = await intake.place(placed(), withdrawn())
    await intake.tell(id, 2)
    await eventually(partial(delivered_more_than, 3, lists, "intake", "dispatch"))
    await intake.tell(id, 1)

    await eventually(has_seen(dispatch, id, "intake:1", "intake:2"))
    assert (fails.calls, await lists.aside()) == (2, [])
