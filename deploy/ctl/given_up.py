"""What used up its deliveries at a listener, and its sender has not told again yet."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from nats.aio.client import Client
from nats.js.errors import NotFoundError
from rich.markup import escape

from deploy.ctl.aside import columns, show
from deploy.ctl.bus import bus
from shared.contracts.registry import heard_by
from shared.naming import SERVICES, Names

_NAMES = Names()
_MOST = 1000  # are listed


@dataclass(frozen=True, slots=True)
class GivenUp:
    """One message. `order` and `n` are empty when it is not in the stream any more."""

    at: str
    listener: str
    sender: str
    order: str
    n: str
    message: str


async def count(client: Client, names: Names = _NAMES) -> int | str:
    """How many there are, or which consumer is missing so that nobody knows."""
    js, total = client.jetstream(timeout=5), 0
    for sender in SERVICES:
        try:
            info = await js.consumer_info(names.stream("advisories"), sender)
        except NotFoundError:
            return f"no consumer of {sender}"
        total += (info.num_pending or 0) + (info.num_ack_pending or 0)
    return total


async def found(client: Client, names: Names = _NAMES) -> list[GivenUp]:
    """All of them, by sender, oldest first; no more than a thousand of each."""
    return [one for sender in SERVICES for one in await _of(client, names, sender)]


async def _of(client: Client, names: Names, sender: str) -> list[GivenUp]:
    js, stream = client.jetstream(timeout=10), names.stream("advisories")
    found: list[GivenUp] = []
    try:
        floor = (await js.consumer_info(stream, sender)).ack_floor
        following = (floor.stream_seq if floor else 0) + 1
        while len(found) < _MOST:
            kept = await js.get_msg(stream, seq=following, subject=names.given_up(sender), next=True)
            following = (kept.seq or 0) + 1
            said = json.loads(kept.data or b"{}")
            if sender in heard_by(said.get("consumer", "")):
                at = kept.time.isoformat(timespec="seconds") if kept.time else ""
                found.append(
                    await _looked_up(client, names, sender, said["consumer"], said["stream_seq"], at)
                )
    except NotFoundError:  # there is no further one
        pass
    return found


async def _looked_up(
    client: Client, names: Names, sender: str, listener: str, sequence: int, at: str
) -> GivenUp:
    try:
        kept = await client.jetstream(timeout=10).get_msg(names.stream(sender), sequence)
    except NotFoundError:
        return GivenUp(at, listener, sender, "", "", "")
    told = kept.headers or {}
    return GivenUp(
        at, listener, sender, told.get("ce-subject", ""), told.get("hehuo-n", ""), told.get("ce-type", "")
    )


async def show_all(data: Path, nats_url: str | None) -> None:
    async with bus(data, nats_url) as client:
        every = await found(client)
    if not every:
        print("nothing is given up")
        return
    table = columns("at", "listener", "sender", "order", "n", "message")
    for one in every:
        table.add_row(*map(escape, (one.at, one.listener, one.sender, one.order, one.n, one.message)))
    show(table)
