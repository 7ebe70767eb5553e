"""Makes the streams and consumers that the contracts ask for; services have no right to. It may be run again."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from nats.aio.client import Client
from nats.js import JetStreamContext
from nats.js.api import (
    AckPolicy,
    ConsumerConfig,
    DeliverPolicy,
    DiscardPolicy,
    RetentionPolicy,
    StorageType,
    StreamConfig,
)
from nats.js.errors import NotFoundError

from shared.contracts.registry import heard_by
from shared.naming import SERVICES, Names

_DAY = 24 * 3600.0
_MIB = 1024 * 1024
_GIB = 1024 * _MIB

# What waits for an earlier message must not keep that one from being delivered, so nothing bounds what waits; what is
# in work is bounded by the pulls.
MAX_ACK_PENDING = -1
ACK_WAIT = 30.0  # seconds; a listener that was killed gives its messages back after this
DUPLICATE_WINDOW = 120.0  # seconds in which a repeated message id is recognised


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much each stream may hold, in bytes. The server adds them up against its `max_file_store`."""

    messages: int = 1 * _GIB
    aside: int = 256 * _MIB
    advisories: int = 32 * _MIB


SMALL = Sizes(messages=16 * _MIB, aside=8 * _MIB, advisories=1 * _MIB)  # for the namespaces of tests


def streams(names: Names, replicas: int = 1, sizes: Sizes | None = None) -> list[StreamConfig]:
    """What services say, what was set aside, and what the server gave up on."""
    size = sizes or (SMALL if names.namespace else Sizes())

    def stream(
        name: str, subjects: Sequence[str], max_bytes: int, days: int, discard: DiscardPolicy
    ) -> StreamConfig:
        return StreamConfig(
            name=names.stream(name),
            subjects=list(subjects),
            retention=RetentionPolicy.LIMITS,  # decision 10
            storage=StorageType.FILE,
            num_replicas=replicas,
            max_bytes=max_bytes,
            max_age=days * _DAY,
            max_msg_size=512 * 1024,
            discard=discard,
            duplicate_window=DUPLICATE_WINDOW,
        )

    given_up = [
        subject
        for service in SERVICES
        for subject in (
            names.given_up(service),
            f"$JS.EVENT.ADVISORY.CONSUMER.MSG_TERMINATED.{names.stream(service)}.*",
        )
    ]
    return [
        # Without an age: what somebody has not heard stays. Its sender takes out what everybody has heard.
        *(stream(s, [names.all_messages(s)], size.messages, 0, DiscardPolicy.NEW) for s in SERVICES),
        stream("aside", [names.all_aside()], size.aside, 365, DiscardPolicy.NEW),
        # Nobody waits for the acknowledgement of an advisory, so here the newest matter most.
        stream("advisories", given_up, size.advisories, 30, DiscardPolicy.OLD),
    ]


def consumers(names: Names, replicas: int = 1) -> list[tuple[str, ConsumerConfig]]:
    """By stream: one durable pull consumer for each pair (listener, sender), filtered to the types heard; and for each
    sender one for what was given up of its stream."""

    def consumer(durable: str, subjects: Sequence[str]) -> ConsumerConfig:
        return ConsumerConfig(
            durable_name=durable,
            filter_subjects=list(subjects),
            deliver_policy=DeliverPolicy.ALL,
            ack_policy=AckPolicy.EXPLICIT,
            ack_wait=ACK_WAIT,
            max_deliver=-1,
            max_ack_pending=MAX_ACK_PENDING,
            num_replicas=replicas,
        )

    heard = [
        (
            names.stream(sender),
            consumer(
                listener, [names.messages(sender, message.name, message.version) for message in messages]
            ),
        )
        for listener in SERVICES
        for sender, messages in sorted(heard_by(listener).items())
    ]
    given_up = [
        (
            names.stream("advisories"),
            consumer(sender, [names.given_up(sender, one) for one in SERVICES if sender in heard_by(one)]),
        )
        for sender in SERVICES
    ]
    return heard + given_up


async def _put_stream(js: JetStreamContext, config: StreamConfig) -> None:
    assert config.name
    try:
        await js.stream_info(config.name)
    except NotFoundError:
        await js.add_stream(config)
    else:
        await js.update_stream(config)


async def provision(nc: Client, names: Names, replicas: int = 1, sizes: Sizes | None = None) -> None:
    """Make or update everything on the bus. `nc` belongs to the operator; nothing that is stored gets lost."""
    js = nc.jetstream(timeout=15)
    await asyncio.gather(*(_put_stream(js, config) for config in streams(names, replicas, sizes)))
    await asyncio.gather(*(js.add_consumer(stream, config) for stream, config in consumers(names, replicas)))


async def withdraw(nc: Client, names: Names) -> None:
    """Delete the streams of a namespace with all they hold: for tests, so the empty namespace is refused."""
    if not names.namespace:
        raise ValueError("the streams of the real system are not deleted by a program")
    js = nc.jetstream(timeout=15)
    for config in streams(names):
        assert config.name
        try:
            await js.delete_stream(config.name)
        except NotFoundError:
            continue
