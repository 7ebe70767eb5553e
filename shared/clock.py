"""What time does: entries say when they are due, one process at a time looks, and an ordinary decision is made.

When the next clock strikes is known from the last look; nobody looks again while nobody writes, for only a write sets a
clock. The lease only saves work, and is taken only when something is due. If two processes look at the same moment, the
compare-and-set lets one of them win, and the other finds nothing left to do.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import time
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from shared.asked import Asked
from shared.caller import system
from shared.entry import Decision, Entry
from shared.problems import LostRace, NotFound, Unavailable
from shared.settings import ServiceSettings
from shared.store import Database, Entries
from shared.telemetry import STRIKE_LATE, STRUCK, log, trace_from

Strike = Callable[[Any, str, datetime], Decision[Any]]  # (state, which clock, now) → what happens then
# (entries, entry, which clock, asked) → what happens to this one, once the others have heard it; None: no such clock.
# It may be done again, so whatever it does to others must come to the same.
AmongUs = Callable[[Any, Entry[Any], str, Asked], Awaitable[Decision[Any] | None]]

_LEASE_SECONDS = 3.0  # a frozen holder is replaced after this
_AT_ONCE = 200
_AGAIN = timedelta(
    minutes=1
)  # an entry whose clock fails stands aside, so that it does not hold up the others
_log = log(__name__)


class Clock:
    """Strikes the clocks of one service's entries, each once."""

    def __init__(
        self,
        settings: ServiceSettings,
        database: Database,
        entries: Entries[Any],
        strike: Strike,
        among_us: AmongUs | None = None,
    ) -> None:
        self._settings = settings
        self._database = database
        self._entries = entries
        self._strike = strike
        self._among_us = among_us
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            with contextlib.suppress(Unavailable):
                await self._database.let_go("clock")

    async def _run(self) -> None:
        looked = -math.inf
        while True:
            struck = 0
            try:
                if not self._database.still(looked):
                    looked = time.monotonic()
                    await self._entries.learn_next_clock()
                if self._entries.next_clock <= self._database.now():
                    struck = await self.tick()
                    looked = -math.inf  # whatever became of it, look anew
            except Unavailable:
                looked = -math.inf
            except Exception:  # noqa: BLE001 - one bad entry must not stop all clocks
                _log.exception("the clocks stumbled")
                looked = -math.inf
            if struck < _AT_ONCE:
                await asyncio.sleep(self._settings.clock_seconds)

    async def tick(self) -> int:
        """Strike what is due, if the lease is ours. Returns how many entries were looked at."""
        if not await self._database.hold("clock", _LEASE_SECONDS):
            return 0
        due = await self._entries.due(self._database.now(), _AT_ONCE)
        outcomes = await asyncio.gather(*(self._strike_one(id) for id in due), return_exceptions=True)
        for id, outcome in zip(due, outcomes, strict=True):
            if isinstance(outcome, Exception) and not isinstance(outcome, Unavailable):
                _log.error("a clock fails; looking again later", entry=str(id), exc_info=outcome)
                await self._entries.look_again(id, self._database.now() + _AGAIN)
        return len(due)

    async def _strike_one(self, id: UUID) -> None:
        """Run the clocks of one entry that are due. Losing a race is fine: whoever won may have stopped them."""
        with contextlib.suppress(LostRace, NotFound):
            entry = await self._entries.peek(id)
            now = self._database.now()
            for name, at in sorted(entry.state.due.items(), key=lambda clock: clock[1]):
                if at > now or entry.state.due.get(name) != at:
                    continue
                asked = Asked(system("clock"), now, trace_from(None), cause=f"clock:{name}")
                decision = await self._decide(entry, name, asked)
                if decision.state.due.get(name) == at:
                    _log.error("a clock neither stopped nor moved; stopping it", clock=name, entry=str(id))
                    decision = Decision(decision.state.with_clock(name, None), decision.events)
                entry = await self._entries.save(entry, decision, asked)
                STRUCK.labels(name.partition("/")[0]).inc()  # not by the id of anything
                STRIKE_LATE.observe((now - at).total_seconds())

    async def _decide(self, entry: Entry[Any], name: str, asked: Asked) -> Decision[Any]:
        if self._among_us and (decision := await self._among_us(self._entries, entry, name, asked)):
            return decision
        return self._strike(entry.state, name, asked.now)
