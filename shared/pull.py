"""A FastStream subscriber with a pull loop of its own.

FastStream's batch pull waits for a full batch or its time-out, its fetch task ends at a plain `TimeoutError`, and
nats-py's `fetch` now and then waits out its time-out after the first message (seen in 3 % of the messages, up to 5 s).
This one hands on whatever is there at once, and goes on whatever happens. Consumers are made by provisioning; a service
only binds to its own. Decoding, middlewares and AsyncAPI stay FastStream's.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Callable
from typing import Any

import orjson
from faststream._internal.broker.registrator import Registrator
from faststream._internal.endpoint.subscriber.call_item import CallsCollection
from faststream.middlewares import AckPolicy
from faststream.nats import JStream, NatsBroker, PullSub
from faststream.nats.subscriber.config import NatsSubscriberConfig, NatsSubscriberSpecificationConfig
from faststream.nats.subscriber.specification import NatsSubscriberSpecification
from faststream.nats.subscriber.usecases import BatchPullStreamSubscriber
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.errors import Error as NatsError
from nats.js.api import ConsumerConfig

from shared.telemetry import log

_EXPIRES = 30.0  # seconds a request lies at the server
_LOOK = 1.0  # seconds after which a quiet loop looks whether its request still lies there
_PAUSE = 0.5  # seconds after the server said that it has no such consumer, or no room for the request
_log = log(__name__)


class Pull:
    """One request for a batch lies at the server, and what comes is handed on at once."""

    def __init__(self, nats: Client, *, stream: str, durable: str, batch: int) -> None:
        self._nats = nats
        self._next = f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{durable}"
        self._inbox = nats.new_inbox()
        self._batch = batch
        self._subscription: Subscription | None = None
        self._arrived: deque[Msg] = deque()
        self._something = asyncio.Event()
        self._left = 0  # of the request that lies there
        self._until = 0.0
        self._reconnects = -1  # a request does not survive its connection
        self._refused = ""

    async def open(self) -> None:
        self._subscription = await self._nats.subscribe(self._inbox, cb=self._on_arrival)

    async def _on_arrival(self, message: Msg) -> None:
        status = (message.headers or {}).get("Status", "") if not message.data else ""
        if not status:
            self._left -= 1
            self._arrived.append(message)
        elif status != "100":  # 100 is a heartbeat; any other ends a request
            self._left = 0
            self._refused = "" if status == "408" else status  # 408: its time was over
        self._something.set()

    async def take(self) -> list[Msg]:
        """What is there: at least one message, or none after a second or when a request ended."""
        if self._refused:
            _log.warning("the server refuses to deliver just now", consumer=self._next, status=self._refused)
            self._refused = ""
            await asyncio.sleep(_PAUSE)
        if not self._arrived:
            await self._ask()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_LOOK):
                    await self._something.wait()
        self._something.clear()
        taken = list(self._arrived)
        self._arrived.clear()
        return taken

    async def _ask(self) -> None:
        reconnects = self._nats.stats["reconnects"]
        if self._left > 0 and time.monotonic() < self._until and reconnects == self._reconnects:
            return
        self._left, self._until, self._reconnects = self._batch, time.monotonic() + _EXPIRES, reconnects
        request = orjson.dumps({"batch": self._batch, "expires": int(_EXPIRES * 1e9)})
        ask = self._nats.publish  # house(publish): asks for messages, says nothing
        await ask(self._next, request, self._inbox)

    async def unsubscribe(self) -> None:
        """Take nothing more; what has come and was not handed on goes back at once."""
        if self._subscription is not None:
            await self._subscription.unsubscribe()
        await give_back(list(self._arrived))
        self._arrived.clear()


async def give_back(messages: list[Msg]) -> None:
    """Another replica may have them now; without this only after `ack_wait`."""
    for message in messages:
        with contextlib.suppress(NatsError):
            await message.nak()


class PromptPullSubscriber(BatchPullStreamSubscriber):
    """Binds to a durable consumer that exists, and hands each batch on as soon as anything is there."""

    async def _create_subscription(self) -> None:
        if self.subscription:
            return
        assert self.config.durable_name is not None
        pull = Pull(
            self.connection,
            stream=self.stream.name,
            durable=self.config.durable_name,
            batch=self.pull_sub.batch_size,
        )
        await pull.open()
        self.subscription = pull  # type: ignore[assignment]  # it is only ever unsubscribed from
        self.add_task(self._consume_pull, func_args=(pull,))

    async def _consume_pull(self, pull: Pull) -> None:  # type: ignore[override]  # ours alone calls it
        while self.running:
            try:
                batch = await pull.take()
            except Exception as error:  # noqa: BLE001 - whatever it was, the loop goes on
                if self.running:
                    _log.warning("cannot pull", consumer=self.config.durable_name, error=type(error).__name__)
                    await asyncio.sleep(_PAUSE)
                continue
            if batch and self.running:
                await self.consume(batch)
            else:
                await give_back(batch)


def subscribe(
    broker: NatsBroker,
    *,
    stream: str,
    durable: str,
    subjects: list[str],
    batch: int,
    decode: Callable[..., Any],
) -> PromptPullSubscriber:
    """Register a prompt subscriber for a durable consumer; use the result as a decorator of the handler."""
    calls = CallsCollection[Any]()
    subscriber = PromptPullSubscriber(
        NatsSubscriberConfig(
            subject="",
            sub_config=ConsumerConfig(durable_name=durable, filter_subjects=subjects),
            no_reply=True,
            _outer_config=broker.config,  # type: ignore[arg-type]  # the composed config answers for the broker's
            _ack_policy=AckPolicy.MANUAL,
        ),
        NatsSubscriberSpecification(
            _outer_config=broker.config,  # type: ignore[arg-type]
            calls=calls,
            specification_config=NatsSubscriberSpecificationConfig(
                subject="",
                queue=None,
                filter_subjects=subjects,
                title_=None,
                description_=None,
                include_in_schema=True,
            ),
        ),
        calls,
        stream=JStream(stream, declare=False),
        pull_sub=PullSub(batch_size=batch, batch=True),
    )
    Registrator.subscriber(broker, subscriber)  # as NatsBroker.subscriber does with the classes of its own
    subscriber.add_call(parser_=None, decoder_=decode, dependencies_=())
    return subscriber
