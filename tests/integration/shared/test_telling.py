"""Telling: what is in the histories comes onto the bus, once, in order, and `told` never jumps a hole."""

from __future__ import annotations

import asyncio
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

import orjson
import pytest
from nats.aio.msg import Msg
from nats.js.api import StreamConfig
from uuid_utils.compat import uuid7

from shared.contracts.message import Message
from shared.problems import Unavailable
from shared.telemetry import UNTOLD
from tests.integration.shared.looking import is_told, numbers
from tests.integration.shared.toy import (
    NEVER,
    Lists,
    Toy,
    answered,
    blown,
    called,
    counted,
    placed,
    withdrawn,
)
from tests.integration.waiting import PATIENCE, eventually

WITHOUT_SWEEP: dict[str, Any] = {"sweep_seconds": NEVER}


def bodies(messages: list[Msg], id: UUID) -> list[dict[str, object]]:
    found = [orjson.loads(m.data) for m in messages]
    return [body for body in found if body["order_id"] == str(id)]


async def test_what_is_saved_is_told_in_order_and_noted(lists: Lists) -> None:
    dispatch = await lists.open("dispatch", **WITHOUT_SWEEP)
    id = await dispatch.place(blown(), answered())
    await dispatch.say(id, called(), answered())

    await eventually(lambda: is_told(dispatch, id))

    stored = await lists.stored("dispatch")
    assert numbers(stored, id) == [1, 2, 3, 4]
    assert stored[0].subject == f"{lists.names.namespace}-dispatch.whistle_blown.v1.370203.{id.hex[-2:]}"


async def test_a_message_names_itself_and_its_trace(lists: Lists) -> None:
    intake = await lists.open("intake", **WITHOUT_SWEEP)
    id, request = uuid7(), intake.asked(cause="request:7")
    await intake.entries.place(id, counted(Toy(), placed("no light")), request)
    await eventually(lambda: is_told(intake, id))

    [message] = await lists.stored("intake")

    headers = message.headers or {}
    assert headers["Nats-Msg-Id"] == headers["ce-id"] == f"intake:{id}:1"
    assert (headers["ce-type"], headers["ce-source"]) == ("order_placed.v1", "/intake")
    assert (headers["traceparent"], headers["ce-time"]) == (request.trace, request.now.isoformat())
    body = orjson.loads(message.data)
    assert (body["n"], body["cause"], body["by"]) == (1, "request:7", {"role": "resident", "id": "r1"})
    assert body["data"]["title"] == "no light"


@pytest.mark.parametrize("saves", [[5], [1, 4], [2, 2, 1], [1, 1, 1, 1, 1]])
async def test_after_names_for_each_listener_the_last_that_it_hears(lists: Lists, saves: list[int]) -> None:
    """However the history was cut into saves."""
    dispatch = await lists.open("dispatch", **WITHOUT_SWEEP)
    said: list[Message] = [blown(), answered(), called(), answered(), blown()]
    parts = iter(said)
    id = await dispatch.place(*(next(parts) for _ in range(saves[0])))
    for some in saves[1:]:
        await dispatch.say(id, *(next(parts) for _ in range(some)))
    await eventually(lambda: is_told(dispatch, id))

    told = sorted(bodies(await lists.stored("dispatch"), id), key=lambda body: str(body["n"]))

    assert [body["after"] for body in told] == [
        {"intake": 0},
        {"intake": 1, "evaluation": 0},
        {"partners": 0},
        {"intake": 2, "evaluation": 2},
        {"intake": 4},
    ]


async def test_told_never_jumps_a_hole_and_the_sweep_fills_it(lists: Lists) -> None:
    """Two replicas told one message each; the later one was noted first."""
    away = await lists.open("dispatch", on_bus=False)
    id = await away.place(blown(), answered(), blown())

    await away.entries.move_told([(id, 2, 2)], away.database.now())
    assert (await away.told(id), "untold" in await away.raw(id)) == (0, True)
    await away.entries.move_told([(id, 1, 1)], away.database.now())
    assert (await away.told(id), "untold" in await away.raw(id)) == (1, True)
    await away.entries.move_told([(id, 3, 3)], away.database.now())
    assert (await away.told(id), "untold" in await away.raw(id)) == (1, True)

    there = await lists.open("dispatch")
    await eventually(lambda: is_told(there, id))
    assert numbers(await lists.stored("dispatch"), id) == [2, 3]


async def test_a_replica_notes_only_what_it_told_itself(lists: Lists) -> None:
    """What lies between was another's, and nobody knows whether that one is still there."""
    away = await lists.open("dispatch", on_bus=False)
    id = await away.place(blown(), answered(), blown())
    away.relay._entries = away.entries
    away.relay._note([(id, 1, 1), (id, 3, 3)])
    await away.relay._move()
    assert (await away.told(id), "untold" in await away.raw(id)) == (1, True)

    away.relay._note([(id, 2, 2), (id, 3, 3)])
    await away.relay._move()
    assert await is_told(away, id)


async def test_told_never_goes_back(lists: Lists) -> None:
    away = await lists.open("dispatch", on_bus=False)
    id = await away.place(blown(), answered(), blown())
    await away.entries.move_told([(id, 1, 3)], away.database.now())
    await away.entries.move_told([(id, 1, 1), (id, 2, 2)], away.database.now())
    assert await is_told(away, id)


async def test_many_replicas_tell_one_history_in_turn(lists: Lists) -> None:
    replicas = [await lists.open("dispatch") for _ in range(3)]
    id = await replicas[0].place(blown())
    for n in range(30):
        await replicas[n % 3].say(id, answered())

    await eventually(lambda: is_told(replicas[0], id))

    assert sorted(numbers(await lists.stored("dispatch"), id)) == list(range(1, 32)), "each once"


async def test_the_sweep_tells_what_a_crash_left_behind(lists: Lists) -> None:
    """Whoever saved it is gone without having told anything."""
    crashed = await lists.open("intake", on_bus=False)
    ids = [await crashed.place(placed(), withdrawn()) for _ in range(20)]
    await lists.close(crashed)
    assert await lists.stored("intake") == []

    other = await lists.open("intake")

    for id in ids:
        await eventually(partial(is_told, other, id))
    stored = await lists.stored("intake")
    assert len(stored) == 40
    assert all(numbers(stored, id) == [1, 2] for id in ids)


async def test_the_sweep_tells_again_what_was_told_but_not_noted_and_the_bus_keeps_it_once(
    lists: Lists,
) -> None:
    crashed = await lists.open("intake", **WITHOUT_SWEEP)
    crashed.relay._note = lambda _: None  # type: ignore[assignment,method-assign]  # it ends before it can note anything
    id = await crashed.place(placed(), withdrawn())
    await eventually(lambda: lists.stored("intake"))
    await lists.close(crashed)

    other = await lists.open("intake")

    await eventually(lambda: is_told(other, id))
    assert numbers(await lists.stored("intake"), id) == [1, 2]


async def test_the_sweep_leaves_alone_what_is_being_told(lists: Lists) -> None:
    dispatch = await lists.open("dispatch", tells=False, sweep_after_seconds=60.0)
    id = await dispatch.place(blown())
    await dispatch.relay.sweep()
    assert (await dispatch.told(id), await lists.stored("dispatch")) == (0, [])


async def test_one_replica_at_a_time_sweeps(lists: Lists) -> None:
    one = await lists.open("dispatch", tells=False, sweep_after_seconds=0.0)
    other = await lists.open("dispatch", tells=False, sweep_after_seconds=0.0)
    first = await one.place(blown())
    await asyncio.sleep(0.002)  # house(sleep): "older than 0 s" needs the database's next millisecond
    await one.relay.sweep()
    second = await one.place(blown())
    await asyncio.sleep(0.002)  # house(sleep): "older than 0 s" needs the database's next millisecond

    await other.relay.sweep()
    assert numbers(await lists.stored("dispatch"), second) == []
    await one.relay.sweep()
    assert [numbers(await lists.stored("dispatch"), id) for id in (first, second)] == [[1], [1]]


async def test_what_the_bus_does_not_take_is_told_when_it_does(lists: Lists) -> None:
    js, stream = lists.nats.jetstream(), lists.names.stream("dispatch")
    dispatch = await lists.open("dispatch")
    config = (await js.stream_info(stream)).config
    await js.delete_stream(stream)

    id = await dispatch.place(blown(), answered())
    await dispatch.say(id, called())
    await asyncio.wait_for(dispatch.relay.sweep(), PATIENCE)
    assert (await dispatch.told(id), "untold" in await dispatch.raw(id)) == (0, True)

    await js.add_stream(StreamConfig(name=config.name, subjects=config.subjects))
    await eventually(lambda: is_told(dispatch, id))
    assert numbers(await lists.stored("dispatch"), id) == [1, 2, 3]


async def test_a_full_stream_refuses_and_drops_nothing(lists: Lists, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.relay._ACK_SECONDS", 60.0)  # a refusal is an answer: nobody waits this out
    js, stream = lists.nats.jetstream(), lists.names.stream("dispatch")
    config = (await js.stream_info(stream)).config
    config.max_msgs = 2
    await js.update_stream(config)
    dispatch = await lists.open("dispatch")

    id = await dispatch.place(blown(), answered(), called(), answered())
    await eventually(lambda: dispatch.told(id))
    assert (await dispatch.told(id), numbers(await lists.stored("dispatch"), id)) == (2, [1, 2])

    config.max_msgs = 100
    await js.update_stream(config)
    await eventually(lambda: is_told(dispatch, id))
    assert numbers(await lists.stored("dispatch"), id) == [1, 2, 3, 4]


async def test_when_the_database_forgets_what_was_noted_the_sweep_finds_it(lists: Lists) -> None:
    dispatch = await lists.open("dispatch")
    move, failures = dispatch.entries.move_told, 0

    async def fail_once(moves: list[tuple[UUID, int, int]], now: datetime) -> None:
        nonlocal failures
        if moves and not failures:
            failures += 1
            raise Unavailable
        await move(moves, now)

    dispatch.entries.move_told = fail_once  # type: ignore[assignment,method-assign]
    id = await dispatch.place(blown(), answered())

    await eventually(lambda: is_told(dispatch, id))
    assert failures == 1


async def test_stopping_tells_what_waits(lists: Lists) -> None:
    dispatch = await lists.open("dispatch", **WITHOUT_SWEEP)
    ids = await asyncio.gather(*(dispatch.place(blown(), answered()) for _ in range(50)))
    await lists.close(dispatch)

    stored = await lists.stored("dispatch")
    assert all(numbers(stored, id) == [1, 2] for id in ids)
    later = await lists.open("dispatch", on_bus=False)
    assert all([await is_told(later, id) for id in ids])


async def test_a_history_is_told_again_from_any_number(lists: Lists) -> None:
    dispatch = await lists.open("dispatch", **WITHOUT_SWEEP)
    id = await dispatch.place(blown(), answered(), called())
    await dispatch.place(blown())
    await eventually(lambda: is_told(dispatch, id))

    assert await dispatch.relay.tell_again(id, 2, None) == (1, 2)

    assert numbers(await lists.stored("dispatch"), id) == [1, 2, 3, 2, 3]


async def test_asking_twice_for_the_same_history_tells_it_once(lists: Lists) -> None:
    """Many listeners may miss the same message at the same moment."""
    dispatch = await lists.open("dispatch", **WITHOUT_SWEEP)
    id = await dispatch.place(blown())
    await eventually(lambda: is_told(dispatch, id))
    for _ in range(10):
        await dispatch.relay.tell_again(id, 1, None)
    assert len(await lists.stored("dispatch")) in (2, 3)  # ten may fall into two spans of five seconds


async def test_everything_or_what_happened_since_is_told_again(lists: Lists) -> None:
    dispatch = await lists.open("dispatch", **WITHOUT_SWEEP)
    old = await dispatch.place(blown(), answered())
    both = await dispatch.place(blown())
    await asyncio.sleep(0.002)  # house(sleep): the next moment begins with the database's next millisecond
    since = dispatch.database.now()
    new = await dispatch.place(blown())
    await dispatch.say(both, answered())
    await eventually(lambda: is_told(dispatch, both))
    before = len(await lists.stored("dispatch"))

    assert await dispatch.relay.tell_again(None, 1, since.isoformat()) == (2, 3)

    again = (await lists.stored("dispatch"))[before:]
    assert (numbers(again, old), sorted(numbers(again, both)), numbers(again, new)) == ([], [1, 2], [1])
    assert await dispatch.relay.tell_again(None, 1, None) == (3, 5)


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        (b'{"order_id": "nonsense"}', b'"ok":false'),
        (b'{"since": "yesterday"}', b'"ok":false'),
        (b'{"since": "9999-12-31T23:59:59-14:00"}', b'"ok":false'),
        (b'{"since": "0001-01-01T00:00:00+14:00"}', b'"ok":false'),
        (b'{"from_n": "many"}', b'"ok":false'),
        (b'{"from_n": 1}', b'"ok":true'),
    ],
)
async def test_a_request_to_tell_again_is_answered_whatever_it_says(
    lists: Lists, body: bytes, answer: bytes
) -> None:
    await lists.open("dispatch", **WITHOUT_SWEEP)
    assert answer in (await lists.request("dispatch", "tell_again", body)).replace(b" ", b"")


async def test_who_wants_one_history_does_not_wait_for_who_wants_them_all(
    lists: Lists, monkeypatch: pytest.MonkeyPatch
) -> None:
    dispatch = await lists.open("dispatch", **WITHOUT_SWEEP)
    id = await dispatch.place(blown())
    tell_again, begun, go_on = dispatch.relay.tell_again, asyncio.Event(), asyncio.Event()

    async def slow(one: UUID | None, *args: Any) -> tuple[int, int]:
        if one is None:  # it has years to tell
            begun.set()
            await go_on.wait()
        return await tell_again(one, *args)

    monkeypatch.setattr(dispatch.relay, "tell_again", slow)
    everything = asyncio.create_task(lists.request("dispatch", "tell_again", b"{}"))
    await asyncio.wait_for(begun.wait(), PATIENCE)

    answer = await lists.request("dispatch", "tell_again", orjson.dumps({"order_id": str(id)}))

    assert orjson.loads(answer)["entries"] == 1
    go_on.set()
    await everything


async def test_what_waits_is_counted_also_while_the_bus_is_away(lists: Lists) -> None:
    """By the one that sweeps; the others say none, so that nothing counts twice."""
    away = await lists.open("dispatch", on_bus=False, sweep_after_seconds=0.0)
    other = await lists.open("dispatch", on_bus=False, sweep_after_seconds=0.0)
    for each in (away, other):
        each.relay._entries = each.entries
    for _ in range(3):
        await away.place(blown())
    await asyncio.sleep(0.002)  # house(sleep): "older than 0 s" needs the database's next millisecond

    await away.relay.sweep()
    assert UNTOLD._value.get() == 3
    await other.relay.sweep()
    assert UNTOLD._value.get() == 0


async def test_what_is_told_from_the_database_is_there_for_good(lists: Lists) -> None:
    """A majority has it; else another primary may say something else under the same number."""
    dispatch = await lists.open("dispatch", tells=False, sweep_after_seconds=0.0)
    await dispatch.place(blown())
    database = lists.servers.mongo[lists.names.database("dispatch")]
    await asyncio.to_thread(database.command, "profile", 2)
    await dispatch.relay.sweep()
    await dispatch.relay.tell_again(None, 1, None)
    await asyncio.to_thread(database.command, "profile", 0)

    seen = await asyncio.to_thread(lambda: list(database["system.profile"].find({"command.find": "toys"})))

    assert [one["command"].get("readConcern") for one in seen] == [{"level": "majority"}] * 2


async def test_only_the_operator_is_answered(lists: Lists) -> None:
    """Else whoever may ask could have us speak in another's name."""
    dispatch = await lists.open("dispatch", **WITHOUT_SWEEP)
    await lists.request("dispatch", "tell_again", b"{}")  # it listens now
    victim = await lists.nats.subscribe(lists.names.control("partners", "tell_again"))
    control = lists.names.control("dispatch", "tell_again")
    await lists.nats.publish(control, b"{}", reply=lists.names.control("partners", "tell_again"))

    assert b"true" in await lists.request("dispatch", "tell_again", b"{}")  # so the other was handled before
    assert victim.pending_msgs == 0
    await victim.unsubscribe()
    assert dispatch.bus.connected


async def test_histories_that_cannot_be_read_are_said_to_be_unavailable(lists: Lists) -> None:
    dispatch = await lists.open("dispatch", **WITHOUT_SWEEP)
    await dispatch.place(blown())
    dispatch.database._client.close()  # type: ignore[union-attr]
    with pytest.raises(Unavailable):
        await dispatch.relay.tell_again(None, 1, None)
