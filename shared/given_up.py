"""What used up its deliveries is told once more: the server says in an advisory which message of whose stream it was.

Our consumers give out a message as often as it takes (`max_deliver: -1`), so this is for one that somebody made or
changed in another way. The sender reads what is said of its own stream, looks the message up by its number there, and
says it again, byte for byte; who has applied it takes no notice. Given up again, it waits longer each time. Until it
was told again its advisory is unread, and that is what the operator sees and the metric counts.
"""

from __future__ import annotations

import asyncio
import contextlib

import orjson
from nats.aio.msg import Msg
from nats.errors import Error as NatsError

from shared.hearing import patience
from shared.problems import Unavailable
from shared.relay import Relay
from shared.telemetry import GIVEN_UP, log

_LONGEST = 120.0  # seconds between two tellings of a message that is given up again and again
_log = log(__name__)


class GivenUp:
    """Reads the advisories about one service's own stream."""

    def __init__(self, relay: Relay) -> None:
        self._relay = relay
        self._telling = asyncio.Lock()
        # the number, by consumer, of the last advisory that there was when everything was told
        self._covered = 0

    async def hear(self, advisories: list[Msg]) -> None:
        await asyncio.gather(*(self._hear(one) for one in advisories))

    async def _hear(self, advisory: Msg) -> None:
        tries = int(advisory.metadata.num_delivered or 1)
        try:
            said = orjson.loads(advisory.data)
            listener, sequence = str(said["consumer"]), int(said["stream_seq"])
        except (ValueError, KeyError, TypeError):
            _log.error("an advisory that cannot be read", subject=advisory.subject)
            await advisory.ack()
            return
        if tries == 1:
            GIVEN_UP.labels(listener).inc()
        with contextlib.suppress(NatsError):  # then the advisory comes again
            try:
                pause = await self._tell(sequence, tries, advisory.metadata)
            except (NatsError, Unavailable, TimeoutError) as error:
                _log.warning("cannot tell again just now", sequence=sequence, error=type(error).__name__)
                pause = patience(tries, least=1.0, most=_LONGEST)
            if pause:
                await advisory.nak(delay=pause)
                return
            _log.warning(
                "a message had used up its deliveries; told again", listener=listener, sequence=sequence
            )
            await advisory.ack()

    async def _tell(self, sequence: int, tries: int, advisory: Msg.Metadata) -> float:
        """Tell it again, unless it has to wait for so many seconds first."""
        kept = await self._relay.stream.message(sequence)
        if kept is None:
            await self._tell_everything(advisory)
            return 0.0
        rounds = int((kept.headers or {}).get("hehuo-round", 0))
        if rounds and tries == 1:
            return patience(rounds, least=1.0, most=_LONGEST)
        await self._relay.tell_once_more(kept, rounds + 1)
        return 0.0

    async def _tell_everything(self, advisory: Msg.Metadata) -> None:
        """Somebody took it out of the stream: nobody can say any more what it was. Once for all that wait now."""
        async with self._telling:
            if advisory.sequence.consumer <= self._covered:
                return
            await self._relay.tell_again(None, 1, None)
            self._covered = advisory.sequence.consumer + advisory.num_pending
