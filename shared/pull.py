"""A FastStream subscriber with a pull loop of its own.

FastStream's batch pull waits for a full batch or its time-out, and its fetch task ends at a plain `TimeoutError`,
after which messages lie unseen until `ack_wait`. This one hands on whatever is there at once, and goes on whatever
happens. Consumers are made by provisioning; a service only binds to its own. Decoding, middlewares and AsyncAPI stay
FastStream's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from faststream._internal.broker.registrator import Registrator
from faststream._internal.endpoint.subscriber.call_item import CallsCollection
from faststream.middlewares import AckPolicy
from faststream.nats import JStream, NatsBroker, PullSub
from faststream.nats.subscriber.config import NatsSubscriberConfig, NatsSubscriberSpecificationConfig
from faststream.nats.subscriber.specification import NatsSubscriberSpecification
from faststream.nats.subscriber.usecases import BatchPullStreamSubscriber
from nats.js.api import ConsumerConfig

from shared.telemetry import log

_EXPIRES = 5.0  # seconds a pull request lies at the server; messages end it at once
_log = log(__name__)


class PromptPullSubscriber(BatchPullStreamSubscriber):
    """Binds to a durable consumer that exists, and hands each batch on as soon as anything is there."""

    async def _create_subscription(self) -> None:
        if self.subscription:
            return
        self.subscription = await self.jetstream.pull_subscribe_bind(
            consumer=self.config.durable_name, stream=self.stream.name
        )
        self.add_task(self._consume_pull)

    async def _consume_pull(self) -> None:
        assert self.subscription
        while self.running:
            try:
                batch = await self.subscription.fetch(batch=self.pull_sub.batch_size, timeout=_EXPIRES)
            except TimeoutError:  # nats-py raises the plain one, and a subclass of it
                continue
            except Exception as error:  # noqa: BLE001 - whatever it was, the loop goes on
                _log.warning(
                    "cannot fetch just now", consumer=self.config.durable_name, error=type(error).__name__
                )
                await asyncio.sleep(0.5)
                continue
            if batch:
                await self.consume(batch)


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
