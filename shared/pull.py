"""Hears one durable consumer with a pull loop of our own, beside FastStream and by public calls of nats-py alone.

FastStream's batch pull waits for a full batch or its time-out, also when something is there, and asks the server again
each time; nats-py's `fetch` now and then waits out its time-out after the first message (docs/decisions/0018). This one
has one request lie at the server, hands on whatever is there at once, and goes on whatever happens. Consumers are made
by provisioning; a service only binds to its own.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Awaitable, Callable

import orjson
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.errors import Error as NatsError

from shared.telemetry import log

_EXPIRES = 30.0  # seconds a request lies at the server
_LOOK = 1.0  # seconds after which a quiet loop looks whether its request still lies there
_PAUSE = 0.5  # seconds after the server said that it has no such consumer, or no room for the request
_FINISHES_WITHIN = 10.0  # seconds for what is in hand when no more is wanted
_log = log(__name__)

Hear = Callable[[list[Msg]], Awaitable[None]]


class Pull:
    """One request for a batch lies at the server, and what comes is handed on at once."""

    def __init__(self, *, stream: str, durable: str, batch: int) -> None:
        self.stream = stream
        self._next = f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{durable}"
        self._batch = batch
        self._nats: Client | None = None
        self._inbox = ""
        self._subscription: Subscription | None = None
        self._arrived: deque[Msg] = deque()
        self._something = asyncio.Event()
        self._left = 0  # of the request that lies there
        self._until = 0.0
        self._reconnects = -1  # a request does not survive its connection
        self._refused = ""
        self._loop: asyncio.Task[None] | None = None
        self._running = False

    async def start(self, nats: Client, hear: Hear) -> None:
        """From now on `hear` gets whatever comes, one batch after the other. What it raises is logged."""
        self._nats, self._inbox = nats, nats.new_inbox()
        self._subscription = await nats.subscribe(self._inbox, cb=self._on_arrival)
        self._running = True
        self._loop = asyncio.create_task(self._run(hear))

    async def stop(self) -> None:
        """Take nothing more, and finish what is in hand; what has come and was not handed on goes back at once."""
        self._running = False
        if self._subscription is not None:
            with contextlib.suppress(NatsError, OSError):
                await self._subscription.unsubscribe()
        self._something.set()
        if self._loop is not None:
            await asyncio.wait({self._loop}, timeout=_FINISHES_WITHIN)
            self._loop.cancel()
            await asyncio.gather(self._loop, return_exceptions=True)
        await self._give_back()

    async def _run(self, hear: Hear) -> None:
        while self._running:
            try:
                if (batch := await self.take()) and self._running:
                    await hear(batch)
                else:
                    self._arrived.extend(batch)
            except Exception:  # noqa: BLE001 - whatever it was, the loop goes on; what was in hand comes again
                if self._running:
                    _log.exception("cannot pull", consumer=self._next)
                    await asyncio.sleep(_PAUSE)

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

    async def _on_arrival(self, message: Msg) -> None:
        status = (message.headers or {}).get("Status", "") if not message.data else ""
        if not status:
            self._left -= 1
            self._arrived.append(message)
        elif status != "100":  # 100 is a heartbeat; any other ends a request
            self._left = 0
            self._refused = "" if status == "408" else status  # 408: its time was over
        self._something.set()

    async def _ask(self) -> None:
        assert self._nats is not None
        reconnects = self._nats.stats["reconnects"]
        if self._left > 0 and time.monotonic() < self._until and reconnects == self._reconnects:
            return
        self._left, self._until, self._reconnects = self._batch, time.monotonic() + _EXPIRES, reconnects
        request = orjson.dumps({"batch": self._batch, "expires": int(_EXPIRES * 1e9)})
        ask = self._nats.publish  # house(publish): asks for messages, says nothing
        await ask(self._next, request, self._inbox)

    async def _give_back(self) -> None:
        """Another replica may have them now; without this only after `ack_wait`."""
        while self._arrived:
            with contextlib.suppress(NatsError):
                await self._arrived.popleft().nak()
