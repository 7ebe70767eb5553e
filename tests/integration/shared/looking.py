"""What tests look at from outside: what was seen, told, read, parked and set aside."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from uuid import UUID

from nats.aio.msg import Msg

from tests.integration.shared.toy import List, Lists


def has_seen(list_: List, id: UUID, *what: str) -> Callable[[], Awaitable[bool]]:
    """Whether an entry heard exactly these, in this order."""

    async def check() -> bool:
        return await list_.seen(id) == what

    return check


async def has_seen_some(list_: List, id: UUID, least: int) -> bool:
    return len(await list_.seen(id)) >= least


async def is_told(list_: List, id: UUID) -> bool:
    """Whether the list knows that everything of an entry is on the bus."""
    now = await list_.raw(id)
    return bool(now["told"] == now["said"] and "untold" not in now)


async def is_parked(list_: List, id: UUID) -> bool:
    entry = (await list_.entries.load_many([id])).get(id)
    return entry is not None and "intake" in entry.parked


def numbers(messages: list[Msg], id: UUID) -> list[int]:
    """What was said about one entry, in the order of the stream."""
    return [int((m.headers or {})["hehuo-n"]) for m in messages if (m.headers or {})["ce-subject"] == str(id)]


async def everything_read(lists: Lists, sender: str, listener: str) -> bool:
    """Nothing waits, nothing is under way: what could have an effect had it."""
    info = await lists.nats.jetstream().consumer_info(lists.names.stream(sender), listener)
    return bool(info.num_pending == 0 and info.num_ack_pending == 0)


async def deliveries(lists: Lists, sender: str, listener: str) -> int:
    """How often the server handed a message to a listener, first times and repetitions."""
    info = await lists.nats.jetstream().consumer_info(lists.names.stream(sender), listener)
    assert info.delivered is not None
    return int(info.delivered.consumer_seq)


async def delivered_more_than(least: int, lists: Lists, sender: str, listener: str) -> bool:
    return await deliveries(lists, sender, listener) > least


async def drop_message(lists: Lists, sender: str, id: UUID, n: int) -> None:
    """Take one message out of the stream, as a disk or an operator may."""
    js, stream = lists.nats.jetstream(), lists.names.stream(sender)
    for sequence in range(1, (await js.stream_info(stream)).state.last_seq + 1):
        headers = (await js.get_msg(stream, sequence)).headers or {}
        if headers["ce-subject"] == str(id) and headers["hehuo-n"] == str(n):
            await js.delete_msg(stream, sequence)
            return
    raise AssertionError("there was no such message")


async def is_aside(lists: Lists, wanted: int) -> bool:
    """Whether so many messages are set aside."""
    return len(await lists.aside()) == wanted


def looked_at(list_: List, id: UUID, least: int) -> bool:
    """Whether something of an entry waits in this process, and was looked at so often."""
    waiting = list_.bus._waiting._groups
    return any(place[1] == id and group.looks >= least for place, group in waiting.items())
