"""The connection to the bus, FastStream's, as all services make it."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from faststream.message import StreamMessage
from faststream.nats import NatsBroker
from faststream.security import SASLPlaintext
from nats.aio.client import Client
from nats.aio.msg import Msg

from shared.settings import ServiceSettings

_OPERATOR = "_INBOX_operator."  # where the only one who waits for answers does so


def broker(service: str, settings: ServiceSettings) -> NatsBroker:
    """Not connected yet. Once it is, it comes back by itself whenever the bus was away."""
    return _Broker(
        settings.nats_url.split(","),
        name=f"hehuo-{service}",
        security=_login(settings),
        inbox_prefix=f"_INBOX_{settings.nats_user or service}",
        ping_interval=2,
        max_outstanding_pings=2,
        reconnect_time_wait=1,
        max_reconnect_attempts=-1,
        connect_timeout=2,
        apply_types=False,
        logger=logging.getLogger("faststream.nats"),
        log_level=logging.DEBUG,
        graceful_timeout=10.0,
    )


def _login(settings: ServiceSettings) -> SASLPlaintext | None:
    if not settings.nats_user:
        return None
    return SASLPlaintext(settings.nats_user, settings.nats_password.get_secret_value())


async def answerable(raw: Msg, parse: Callable[[Msg], Awaitable[StreamMessage[Any]]]) -> StreamMessage[Any]:
    """A request, to be answered only to the operator.

    The server lets whoever is asked answer at any address that the asker names: a listener of ours could make us
    say things in another's name, or to the server itself.
    """
    message = await parse(raw)
    if not message.reply_to.startswith(_OPERATOR):
        message.reply_to = ""
    return message


class _Broker(NatsBroker):
    """FastStream's; a connection that is given up before it stands is closed."""

    async def _connect(self) -> Client:
        client = Client()
        try:
            await client.connect(**self._connection_kwargs)
        except BaseException:  # also when whoever waits for it is told to stop
            await client.close()
            raise
        self.config.connect(client)
        return client
