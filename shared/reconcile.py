"""Notices that the bus has lost what we told it, and tells it again.

A stream that was made anew, that ends earlier than it did, or that has another message where we saw the last one, is
not the one we told: its store was lost, or came back from an older copy. The histories have everything, so everything
is told again; listeners apply what they missed. For the same reason the stream need not keep what everybody has heard.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

from nats.errors import Error as NatsError

from shared.problems import Unavailable
from shared.settings import ServiceSettings
from shared.store import Database
from shared.stream import Mark, OwnStream
from shared.telemetry import GIVEN_UP_WAIT, log

_NOTE = "stream"
_log = log(__name__)


class Reconciler:
    """One process of a service at a time compares, by the lease of the sweep."""

    def __init__(
        self,
        settings: ServiceSettings,
        database: Database,
        stream: OwnStream,
        tell_all: Callable[[], Awaitable[object]],
    ) -> None:
        """`tell_all` tells every history again."""
        self._settings = settings
        self._database = database
        self._stream = stream
        self._tell_all = tell_all
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        forgets = time.monotonic()
        while True:
            await asyncio.sleep(self._settings.reconcile_seconds)
            try:
                GIVEN_UP_WAIT.set(await self._stream.given_up())
                await self.compare()
                if time.monotonic() >= forgets:
                    forgets = time.monotonic() + self._settings.forget_seconds
                    await self._stream.forget()
            except (NatsError, Unavailable, OSError, TimeoutError) as error:
                _log.warning("could not look at the stream just now", error=type(error).__name__)
            except Exception:  # noqa: BLE001 - whatever it was, the loop goes on
                _log.exception("comparing failed")

    async def compare(self) -> bool:
        """Whether the stream was found to have lost something, and everything was told again."""
        now = await self._stream.mark()
        if now is None or now == await self._known() or not await self._database.hold("sweep", 10.0):
            return False
        now, known = (
            await self._stream.mark() or now,
            await self._known(),
        )  # nobody else notes any from here on
        lost = known is not None and (
            known.created != now.created or known.last > now.last or not await self._stream.still_has(known)
        )
        if lost:
            _log.warning("the stream is not the one we told; telling everything again", known=known, now=now)
            await self._tell_all()
            now = await self._stream.mark() or now
        if now != known:
            await self._database.remember(_NOTE, now._asdict())
        return lost

    async def _known(self) -> Mark | None:
        note = await self._database.recall(_NOTE)
        return Mark(**note) if note else None
