"""A service's own stream, as its sender looks at it: how far it goes, and what in it everybody has heard."""

from __future__ import annotations

from typing import NamedTuple

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.api import RawStreamMsg
from nats.js.errors import APIError, NotFoundError

from shared.contracts.registry import heard_by
from shared.naming import SERVICES, Names


class Mark(NamedTuple):
    """How far a stream goes: when it was made (as the server says it), its last number, and which message has it."""

    created: str
    last: int
    id: str = ""  # empty: there is no such message any more


class Refusing(JetStreamContext):
    """nats-py raises what a stream refuses within its own handler, and whoever published waits for ever."""

    async def _handle_async_reply(self, message: Msg) -> None:
        waiting = self._publish_async_futures  # house(publish): who waits for an answer
        future = waiting.get(message.subject.rpartition(".")[2])
        try:
            await super()._handle_async_reply(message)
        except APIError as refused:
            if future is not None and not future.done():
                future.set_exception(refused)


class OwnStream:
    """Knows nothing before the bus is there, and while it is away."""

    def __init__(self, service: str, names: Names) -> None:
        self._service = service
        self._name = names.stream(service)
        self._advisories = names.stream("advisories")
        self._listeners = [listener for listener in SERVICES if service in heard_by(listener)]
        self._nats: Client | None = None
        self._jetstream: JetStreamContext | None = None
        self._went = 0  # how far it went when `forget` was last called

    def connected(self, nats: Client, jetstream: JetStreamContext) -> None:
        self._nats, self._jetstream = nats, jetstream

    @property
    def _there(self) -> JetStreamContext | None:
        return self._jetstream if self._nats is not None and self._nats.is_connected else None

    async def mark(self) -> Mark | None:
        """How far it goes; None while the bus is away or the stream is not there. Raises NatsError."""
        if (js := self._there) is None:
            return None
        try:
            info = await js.stream_info(self._name)
        except NotFoundError:
            return None
        last = info.state.last_seq
        return Mark(str(info.created), last, await self._id(js, last) or "")

    async def still_has(self, known: Mark) -> bool:
        """Whether that message stands where it stood; also when nobody can say, for it is forgotten by now."""
        if (js := self._there) is None or not known.id:
            return True
        return await self._id(js, known.last) in (None, known.id)

    async def message(self, sequence: int) -> RawStreamMsg | None:
        """The message with this number; None when it is not there any more. Raises NatsError."""
        if (js := self._there) is None:
            raise NatsError
        try:
            return await js.get_msg(self._name, sequence)
        except NotFoundError:
            return None

    async def given_up(self) -> int:
        """How many of its messages used up their deliveries and were not told again; 0 while the bus is away.

        Raises NatsError.
        """
        if (js := self._there) is None:
            return 0
        try:
            info = await js.consumer_info(self._advisories, self._service)
        except NotFoundError:
            return 0
        return (info.num_pending or 0) + (info.num_ack_pending or 0)

    async def _id(self, js: JetStreamContext, n: int) -> str | None:
        if not n:
            return None
        try:
            headers = (await js.get_msg(self._name, n)).headers or {}
        except NotFoundError:
            return None
        return str(headers.get("Nats-Msg-Id", ""))

    async def forget(self) -> None:
        """Take out what every listener has acknowledged, up to where the stream went when this was last called.

        Not up to now: in a cluster a consumer may count a moment late what waits for it. While a consumer is missing
        nothing is taken out, for nobody knows what its listener has heard. Raises NatsError.
        """
        if (js := self._there) is None:
            return
        try:
            state = (await js.stream_info(self._name)).state
            heard, self._went = min(self._went, state.last_seq), state.last_seq
            for listener in self._listeners:
                consumer = await js.consumer_info(self._name, listener)
                if consumer.num_pending or consumer.num_ack_pending:
                    heard = min(heard, consumer.ack_floor.stream_seq if consumer.ack_floor else 0)
            if await self.given_up():  # they count as heard, and have to be told again from here
                return
        except NotFoundError:
            return
        if state.messages and heard >= state.first_seq:
            await js.purge_stream(self._name, seq=heard + 1)
