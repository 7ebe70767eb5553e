"""`hehuo aside`: what was set aside because nobody could apply it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from nats.aio.client import Client
from nats.js.api import AckPolicy, ConsumerConfig, RawStreamMsg
from nats.js.errors import NotFoundError
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from deploy.ctl.bus import ask, bus
from deploy.ctl.trouble import Trouble
from shared.naming import Names

_NAMES = Names()
_STREAM = _NAMES.stream("aside")
_ANSWERS_WITHIN = 30.0  # seconds
_WIDE = 250  # columns, in a file or a pipe


@dataclass(frozen=True, slots=True)
class Aside:
    """One message that was set aside. `order` is empty when the message did not even say its order."""

    seq: int
    at: str
    listener: str
    sender: str
    order: str
    n: str
    subject: str
    reason: str
    headers: dict[str, str]
    body: bytes


def read(seq: int, at: str, subject: str, headers: dict[str, str] | None, body: bytes | None) -> Aside:
    """From what the stream keeps. The subject says listener and sender too, should the headers not."""
    told = headers or {}
    _, listener, sender, *_ = [*subject.split("."), "", "", ""]
    return Aside(
        seq=seq,
        at=at,
        listener=told.get("hehuo-listener", listener),
        sender=told.get("hehuo-sender", sender),
        order=told.get("hehuo-order", ""),
        n=told.get("hehuo-n", ""),
        subject=told.get("hehuo-subject", ""),
        reason=told.get("hehuo-reason", ""),
        headers=told,
        body=body or b"",
    )


async def _all(client: Client) -> list[Aside]:
    """Everything in the stream, oldest first."""
    js = client.jetstream(timeout=10)
    try:
        waiting = (await js.stream_info(_STREAM)).state.messages
    except NotFoundError:
        raise Trouble("There is no stream for what is set aside; `hehuo replay` makes it.") from None
    found: list[Aside] = []
    if not waiting:
        return found
    config = ConsumerConfig(ack_policy=AckPolicy.NONE, inactive_threshold=30, mem_storage=True)
    subscription = await js.pull_subscribe(_NAMES.all_aside(), stream=_STREAM, config=config)
    try:
        while len(found) < waiting:
            for message in await subscription.fetch(min(500, waiting - len(found)), timeout=5):
                meta = message.metadata
                at = meta.timestamp.isoformat(timespec="seconds")
                found.append(read(meta.sequence.stream, at, message.subject, message.headers, message.data))
    except TimeoutError:
        pass  # somebody deleted some meanwhile
    finally:
        await subscription.unsubscribe()
    return found


async def _one(client: Client, seq: int) -> Aside:
    try:
        message: RawStreamMsg = await client.jetstream(timeout=10).get_msg(_STREAM, seq)
    except NotFoundError:
        raise Trouble(
            f"Nothing was set aside under the number {seq}; `hehuo aside list` shows all."
        ) from None
    at = message.time.isoformat(timespec="seconds") if message.time else ""
    return read(seq, at, message.subject or "", message.headers, message.data)


async def show_all(data: Path, nats_url: str | None) -> None:
    async with bus(data, nats_url) as client:
        found = await _all(client)
    if not found:
        print("nothing is set aside")
        return
    table = columns("seq", "at", "listener", "sender", "order", "n", "message")
    table.add_column("reason", overflow="fold", min_width=20)
    for one in found:
        message = ".".join(one.subject.split(".")[1:3])
        row = (str(one.seq), one.at, one.listener, one.sender, one.order, one.n, message, one.reason)
        table.add_row(*map(escape, row))
    show(table)


def columns(*names: str) -> Table:
    table = Table(box=None, pad_edge=False)
    for column in names:
        table.add_column(column, no_wrap=column != "at")
    return table


def show(table: Table) -> None:
    """Print it; wide where nobody looks at a terminal."""
    console = Console()
    if not console.is_terminal:
        console.width = _WIDE
    console.print(table)


async def show_one(data: Path, nats_url: str | None, seq: int) -> None:
    async with bus(data, nats_url) as client:
        one = await _one(client, seq)
    print(f"{'seq':<18} {one.seq}")
    print(f"{'at':<18} {one.at}")
    for name, value in sorted(one.headers.items()):
        print(f"{name:<18} {value}")
    print()
    try:
        print(json.dumps(json.loads(one.body), indent=2, ensure_ascii=False))
    except ValueError:
        print(repr(one.body))


async def replay(data: Path, nats_url: str | None, seq: int | None) -> None:
    """Unpark the order of one message, or of all; what was unparked is set aside no longer.

    A message that names no order has nothing to unpark: it stays until the operator has read it. Raises Trouble at
    the end when something could not be replayed.
    """
    async with bus(data, nats_url) as client:
        found = await _all(client) if seq is None else [await _one(client, seq)]
        heard_again: set[tuple[str, str, str]] = set()
        failed = 0
        for one in found:
            try:
                await _unpark(client, one, heard_again)
            except Trouble as trouble:
                failed += 1
                print(f"{one.seq}: stays: {trouble}")
            else:
                await client.jetstream(timeout=10).delete_msg(_STREAM, one.seq)
                print(f"{one.seq}: {one.listener} hears order {one.order} of {one.sender} again")
    if not found:
        print("nothing is set aside")
    if failed:
        raise Trouble(f"{failed} of {len(found)} could not be replayed.")


async def drop(data: Path, nats_url: str | None, seq: int) -> None:
    """Forget a message that was looked at. The order that it belongs to stays parked."""
    async with bus(data, nats_url) as client:
        one = await _one(client, seq)
        await client.jetstream(timeout=10).delete_msg(_STREAM, seq)
    print(
        f"{seq}: forgotten" + (f"; {one.listener} still does not hear order {one.order}" if one.order else "")
    )


async def _unpark(client: Client, one: Aside, heard_again: set[tuple[str, str, str]]) -> None:
    """Have the listener hear the order again, unless it was asked to already. Raises Trouble."""
    if not one.order:
        raise Trouble("it names no order, so there is nothing to hear again")
    key = (one.listener, one.sender, one.order)
    if key not in heard_again:
        request = {"order_id": one.order, "sender": one.sender}
        unparked = await ask(client, _NAMES.control(one.listener, "unpark"), request, _ANSWERS_WITHIN)
        # The listener has asked the sender too, but nobody would notice that nobody heard it.
        again = {"order_id": one.order, "from_n": unparked["from_n"], "anew": True}
        await ask(client, _NAMES.control(one.sender, "tell_again"), again, _ANSWERS_WITHIN)
        heard_again.add(key)
