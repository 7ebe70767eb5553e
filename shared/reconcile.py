"""Notices that the bus has lost what we told it, and tells it again.

A stream that was made anew, or that ends earlier than it did, is not the one we told: its store was lost, or came back
from an older copy. The histories have everything, so everything is told again; listeners apply what they missed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import NamedTuple

from nats.errors import Error as NatsError

from shared.problems import Unavailable
from shared.settings import ServiceSettings
from shared.store import Database
from shared.telemetry import log

_NOTE = "stream"
_log = log(__name__)


class Mark(NamedTuple):
    """How far a stream goes: when it was made (as the server says it), and the number of its last message."""

    created: str
    last: int


class Reconciler:
    """One process of a service at a time compares, by the lease of the sweep."""

    def __init__(
        self,
        settings: ServiceSettings,
        database: Database,
        mark: Callable[[], Awaitable[Mark | None]],
        tell_all: Callable[[], Awaitable[object]],
    ) -> None:
        """`mark` says how far the stream goes now (None: not known just now); `tell_all` tells every history again."""
        self._settings = settings
        self._database = database
        self._mark = mark
        self._tell_all = tell_all
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(self._settings.reconcile_seconds)
            try:
                await self.compare()
            except (NatsError, Unavailable, OSError, TimeoutError) as error:
                _log.warning("could not look at the stream just now", error=type(error).__name__)
            except Exception:  # noqa: BLE001 - whatever it was, the loop goes on
                _log.exception("comparing failed")

    async def compare(self) -> bool:
        """Whether the stream was found to have lost something, and everything was told again."""
        if not await self._database.hold("sweep", 10.0):
            return False
        now = await self._mark()
        if now is None:
            return False
        note = await self._database.recall(_NOTE)
        known = Mark(note["created"], note["last"]) if note else None
        lost = known is not None and (known.created != now.created or known.last > now.last)
        if lost:
            _log.warning("the stream is not the one we told; telling everything again", known=known, now=now)
            await self._tell_all()
            now = await self._mark() or now
        if now != known:
            await self._database.remember(_NOTE, now._asdict())
        return lost
