"""Messages that came too early stay here until it is their turn, instead of coming again and again from the server.

Whoever hears the message that was missing applies them with it, at once. That may be another replica, so entries are
looked at now and then: quickly at first, for what overtook something is usually followed by it. The server is told that
they are in work; it gives them to somebody else only when this process is gone.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from nats.errors import Error as NatsError

from shared.hearing import Arrived
from shared.naming import SERVICES
from shared.problems import Unavailable
from shared.telemetry import WAIT, log

_ROOM = 5_000  # messages; whoever comes beyond that waits at the server
_FIRST_LOOK = 0.03  # seconds; doubled at each look
_LONGEST_LOOK = 5.0
_ASKS_AT = 6  # looks (after two seconds, then each half a minute) at which a gap is said to last
_LOOKED_AT = 500  # entries at once
_FINISHES_WITHIN = 5.0  # seconds, at the end
_IN_WORK_SECONDS = 8.0  # how often the server is told; far below `ack_wait`
_log = log(__name__)

ANY_VERSION = -1  # of an entry: a try that was lost may be made again on the same one
Place = tuple[str, UUID]  # sender and order: what is in order among itself


@dataclass(slots=True)
class _Group:
    """Messages of one sender about one order. They can be applied at the earliest when its version is another one."""

    messages: dict[int, Arrived] = field(default_factory=dict)  # by their number in the stream
    version: int = ANY_VERSION
    looks: int = 0
    due: float = 0.0

    def put_off(self) -> None:
        self.due = time.monotonic() + min(_LONGEST_LOOK, _FIRST_LOOK * 2.0 ** min(self.looks, 20))


class Waiting:
    """The waiting room of one process."""

    def __init__(
        self,
        versions: Callable[[Sequence[UUID]], Awaitable[Mapping[UUID, int]]],
        hear: Callable[[UUID, list[Arrived]], Awaitable[None]],
        ask: Callable[[UUID, list[Arrived]], Awaitable[None]],
    ) -> None:
        """`versions` of entries as they are now, 0 for those that are not there; `hear` is called with messages whose
        turn may have come, `ask` when they have waited long."""
        self._versions = versions
        self._hear = hear
        self._ask = ask
        self._groups: dict[Place, _Group] = {}
        self._count = 0
        self._changed = asyncio.Event()
        self._stopping = False
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        self._tasks = [asyncio.create_task(loop()) for loop in (self._look_loop, self._in_work_loop)]

    async def stop(self) -> None:
        """Everybody goes back to the server, for another replica; whose turn it is just now is heard before."""
        self._stopping = True
        self._changed.set()
        if self._tasks:
            await asyncio.wait(self._tasks[:1], timeout=_FINISHES_WITHIN)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for place in list(self._groups):
            for one in self.take(place):
                with contextlib.suppress(NatsError):
                    await one.raw.nak()
        self._groups.clear()

    def keep(self, place: Place, messages: Sequence[Arrived], version: int) -> list[Arrived]:
        """Let them wait until the entry has another version. Returns those for whom there is no room."""
        group = self._groups.setdefault(place, _Group()) if messages else self._groups.get(place)
        if group is None:
            return []
        group.version = version
        group.put_off()
        refused: list[Arrived] = []
        for one in messages:
            if self._count >= _ROOM:
                refused.append(one)
                continue
            self._count += one.sequence not in group.messages
            group.messages[one.sequence] = one  # given again by the server it is the same
        if not group.messages:
            del self._groups[place]
        WAIT.set(self._count)
        self._changed.set()
        return refused

    def take(self, place: Place) -> list[Arrived]:
        """Whoever waits there, to be tried now; `keep` is told who still waits then."""
        if (group := self._groups.get(place)) is None:
            return []
        taken, group.messages = list(group.messages.values()), {}
        self._count -= len(taken)
        WAIT.set(self._count)
        return taken

    def wake(self, id: UUID) -> None:
        """The entry has changed here: look at once at what waits for it, whoever sent it."""
        for sender in SERVICES:
            if (group := self._groups.get((sender, id))) is not None:
                group.due = 0.0
                self._changed.set()

    async def _look_loop(self) -> None:
        while not self._stopping:
            self._changed.clear()
            soonest = min((group.due for group in self._groups.values() if group.messages), default=None)
            if soonest is None or soonest > time.monotonic():
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(None if soonest is None else soonest - time.monotonic()):
                        await self._changed.wait()
                continue
            try:
                await self._look()
            except Unavailable as error:
                _log.warning("cannot look at what waits just now", error=type(error).__name__)
                await asyncio.sleep(_LONGEST_LOOK)
            except Exception:  # noqa: BLE001 - whatever it was, the loop goes on
                _log.exception("looking at what waits failed")
                await asyncio.sleep(_LONGEST_LOOK)

    async def _look(self) -> None:
        now = time.monotonic()
        due = [place for place, group in self._groups.items() if group.messages and group.due <= now]
        due = due[:_LOOKED_AT]
        versions = await self._versions([id for _, id in due])
        turns: list[Awaitable[None]] = []
        for place in due:
            group = self._groups.get(place)
            if group is None or not group.messages:
                continue  # somebody took them meanwhile
            group.looks += 1
            if versions.get(place[1], 0) != group.version:
                turns.append(self._hear(place[1], self.take(place)))
                continue
            group.put_off()
            if group.looks % _ASKS_AT == 0:
                turns.append(self._ask(place[1], list(group.messages.values())))
        await asyncio.gather(*turns)

    async def _in_work_loop(self) -> None:
        while True:
            await asyncio.sleep(_IN_WORK_SECONDS)
            for group in list(self._groups.values()):
                for one in list(group.messages.values()):
                    with contextlib.suppress(NatsError):
                        await one.raw.in_progress()
