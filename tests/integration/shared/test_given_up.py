"""A message that used up its deliveries: the operator sees it, its sender tells it again, and it is applied."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

import orjson
import pytest
from nats.errors import TimeoutError as NatsTimeout

from deploy.ctl import given_up
from shared.contracts.from_intake.orders import OrderPlacedV1
from shared.relay import Relay
from tests.integration.shared.looking import everything_read, has_seen, numbers
from tests.integration.shared.test_setting_aside import Fails
from tests.integration.shared.toy import List, Lists, placed
from tests.integration.waiting import eventually


async def bound(lists: Lists, *, deliveries: int, ack_wait: float = 30.0) -> None:
    """From now on dispatch is given each message of intake only so often."""
    js, stream = lists.nats.jetstream(), lists.names.stream("intake")
    config = (await js.consumer_info(stream, "dispatch")).config
    config.max_deliver, config.ack_wait = deliveries, ack_wait
    await js.add_consumer(stream, config)


async def used_up(lists: Lists, intake: List) -> UUID:
    """An order whose first message a listener got and did not survive, with nobody of ours left alive."""
    await bound(lists, deliveries=1, ack_wait=0.5)
    id = await intake.place(placed())
    await eventually(lambda: intake.told(id))
    await lists.close(intake)
    dying = await lists.nats.jetstream().pull_subscribe_bind(
        consumer="dispatch", stream=lists.names.stream("intake")
    )
    assert len(await dying.fetch(1)) == 1
    await eventually(partial(is_given_up, lists, 1), within=10)
    with pytest.raises(NatsTimeout):
        await dying.fetch(1, timeout=0.3)
    await dying.unsubscribe()
    return id


async def is_given_up(lists: Lists, wanted: int) -> bool:
    return await given_up.count(lists.nats, lists.names) == wanted


async def test_the_operator_sees_it_while_nobody_is_alive(lists: Lists) -> None:
    id = await used_up(lists, await lists.open("intake"))

    assert await everything_read(lists, "intake", "dispatch"), "nothing else shows it"
    [one] = await given_up.found(lists.nats, lists.names)
    assert (one.listener, one.sender, one.order, one.n) == ("dispatch", "intake", str(id), "1")
    assert one.message == "order_placed.v1"


async def test_it_is_told_again_and_applied_as_soon_as_they_are_there(lists: Lists) -> None:
    id = await used_up(lists, await lists.open("intake"))

    dispatch = await lists.open("dispatch")
    await lists.open("intake")

    await eventually(has_seen(dispatch, id, "intake:1"), within=10)
    await eventually(partial(is_given_up, lists, 0))
    assert await given_up.found(lists.nats, lists.names) == []


async def test_what_is_given_up_again_and_again_is_told_as_often_and_no_more(
    lists: Lists, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.given_up._LONGEST", 0.3)
    await bound(lists, deliveries=1)
    fails = Fails(3)
    intake = await lists.open("intake")
    dispatch = await lists.open("dispatch", {OrderPlacedV1: fails})
    id = await intake.place(placed())

    await eventually(has_seen(dispatch, id, "intake:1"), within=30)

    kept = await lists.stored("intake")
    assert numbers(kept, id) == [1, 1, 1, 1], "once, and once for each time that it was given up"
    assert [(one.headers or {}).get("hehuo-round", "0") for one in kept] == ["0", "1", "2", "3"]
    assert len({one.data for one in kept}) == 1, "byte for byte"
    assert fails.calls == 4
    assert await lists.aside() == []


async def test_it_has_to_wait_longer_each_time(lists: Lists, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else whatever fails for good would be told as fast as it can be given up."""
    asked: list[int] = []

    def pause(tries: int, *, least: float, most: float) -> float:
        asked.append(tries)
        return 0.01

    monkeypatch.setattr("shared.given_up.patience", pause)
    await bound(lists, deliveries=1)
    intake = await lists.open("intake")
    dispatch = await lists.open("dispatch", {OrderPlacedV1: Fails(4)})
    id = await intake.place(placed())

    await eventually(has_seen(dispatch, id, "intake:1"), within=30)

    assert asked == [1, 2, 3]


async def test_what_was_taken_out_of_the_stream_meanwhile_is_told_from_the_histories(lists: Lists) -> None:
    id = await used_up(lists, await lists.open("intake"))
    await lists.nats.jetstream().delete_msg(lists.names.stream("intake"), 1)
    [one] = await given_up.found(lists.nats, lists.names)
    assert (one.listener, one.order) == ("dispatch", "")

    dispatch = await lists.open("dispatch")
    await lists.open("intake")

    await eventually(has_seen(dispatch, id, "intake:1"), within=10)


async def test_however_many_were_taken_out_everything_is_told_once(
    lists: Lists, monkeypatch: pytest.MonkeyPatch
) -> None:
    intake = await lists.open("intake", batch=2)
    ids = [await intake.place(placed()) for _ in range(5)]
    for id in ids:
        await eventually(partial(intake.told, id))
    await lists.close(intake)
    js, stream = lists.nats.jetstream(), lists.names.stream("intake")
    await js.purge_stream(stream)
    for n in range(1, 6):
        said = orjson.dumps({"consumer": "dispatch", "stream_seq": n})
        await lists.nats.publish(lists.names.given_up("intake", "dispatch"), said)
    await eventually(partial(is_given_up, lists, 5))
    tell_again, calls = Relay.tell_again, 0

    async def counted(self: Relay, *args: Any) -> tuple[int, int]:
        nonlocal calls
        calls += 1
        return await tell_again(self, *args)

    monkeypatch.setattr(Relay, "tell_again", counted)
    await lists.open("intake", batch=2)
    dispatch = await lists.open("dispatch")

    for id in ids:
        await eventually(has_seen(dispatch, id, "intake:1"))
    await eventually(partial(is_given_up, lists, 0))
    assert calls == 1


async def test_a_stream_keeps_what_was_given_up_until_it_was_told_again(lists: Lists) -> None:
    """To the server it counts as heard."""
    intake = await lists.open("intake")
    evaluation = await lists.open("evaluation")
    id = await used_up(lists, intake)
    await eventually(has_seen(evaluation, id, "intake:1"))
    await eventually(partial(everything_read, lists, "intake", "evaluation"))
    relay = Relay("intake", intake.settings, intake.database)
    relay.connected(lists.nats)
    assert await relay.stream.given_up() == 1
    for _ in range(2):
        await relay.stream.forget()
    assert numbers(await lists.stored("intake"), id) == [1]

    dispatch = await lists.open("dispatch")
    await lists.open("intake")
    await eventually(has_seen(dispatch, id, "intake:1"), within=10)

    async def gone() -> bool:
        await relay.stream.forget()
        return await lists.stored("intake") == []

    await eventually(gone)


async def test_an_advisory_that_nobody_can_read_holds_up_nothing(lists: Lists) -> None:
    intake = await lists.open("intake")
    await lists.nats.publish(lists.names.given_up("intake", "dispatch"), b"{")
    id = await used_up(lists, intake)

    dispatch = await lists.open("dispatch")
    await lists.open("intake")

    await eventually(has_seen(dispatch, id, "intake:1"), within=10)
    await eventually(partial(is_given_up, lists, 0))
