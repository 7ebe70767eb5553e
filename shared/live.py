"""Live updates of one entry as server-sent events, resumable by `Last-Event-ID`.

A change stream tells which entries changed, whichever replica wrote them; it runs only while somebody listens. Each
listener then reads the entry anew and sends what is new, so nothing is skipped when the stream breaks. Each time it is
asked anew whether the listener may read it. How many there are is bounded: of one person, of one entry, and in all.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from fastapi.sse import format_sse_event
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from shared.caller import Caller
from shared.entry import Entry
from shared.problems import NotFound, TooBusy, TooManyStreams, Unavailable
from shared.settings import ServiceSettings
from shared.store import Entries
from shared.telemetry import LISTENERS, log

_COMFORT_SECONDS = 15.0  # a comment now and then keeps proxies and phones from hanging up
_END = format_sse_event(data_str="{}", event="end")
_log = log(__name__)


@dataclass(frozen=True, slots=True)
class LiveEvent:
    """One event: `id` rises within an entry and is what a client resumes from; `last` closes the stream after it.

    What is of another entry, which this one follows, has no `id` but a `key`: it comes once on each stream, and again
    to whoever comes back.
    """

    id: int | None
    event: str
    data: Any
    last: bool = False
    key: str = ""


Events = Callable[..., Sequence[LiveEvent]]  # (entry, those that it follows one by way of the other)
Follows = Callable[[Entry[Any]], UUID | None]
Sees = Callable[[Entry[Any], Caller], bool]


def follows_none(entry: Entry[Any]) -> UUID | None:  # noqa: ARG001 - the form of all these
    """Of most entries."""
    return None


class Stream(StreamingResponse):
    """Gives its place back, however it ends, also before its first byte."""

    leave: Callable[[], None]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self.leave()


class Live:
    """Wakes the listeners of one process when their entry has changed."""

    def __init__(self, settings: ServiceSettings, entries: Entries[Any], now: Callable[[], datetime]) -> None:
        """`now` is the database's time: by it tokens end."""
        self._settings = settings
        self._taken: Counter[object] = Counter()  # places, by person, by entry, and in all (None)
        self._entries = entries
        self._now = now
        self._listeners: dict[UUID, set[asyncio.Event]] = {}
        self._watching: asyncio.Task[None] | None = None
        self._closing = asyncio.Event()

    def response(
        self,
        id: UUID,
        events: Events,
        last_id: int,
        caller: Caller,
        *,
        sees: Sees,
        follows: Follows = follows_none,
    ) -> Stream:
        """A stream of `events(entry)` with an id above `last_id`, as long as the client stays, `sees` says that it may
        read the entry, and its token is good.

        When it may not read it any more, nothing comes but `end`; when its token ends, it comes back with another one.
        `follows` names the entry that one follows: the stream wakes for that as well. Raises TooManyStreams, TooBusy.
        """
        places = (None, caller.by, id)
        bounds = self._settings
        if self._taken[caller.by] >= bounds.streams_of_person:
            raise TooManyStreams(of="person", most=bounds.streams_of_person)
        if self._taken[id] >= bounds.streams_of_entry:
            raise TooManyStreams(of="entry", most=bounds.streams_of_entry)
        if self._taken[None] >= bounds.streams_at_once:
            raise TooBusy("as many live streams are open as this process holds")
        self._taken.update(places)
        headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
        stream = self._stream(id, events, last_id, caller, sees, follows)
        response = Stream(stream, media_type="text/event-stream", headers=headers)
        response.leave = lambda: self._give_back(places)
        return response

    def _give_back(self, places: Sequence[object]) -> None:
        for place in places:
            self._taken[place] -= 1
            if not self._taken[place]:
                del self._taken[place]

    async def _stream(
        self, id: UUID, events: Events, last_id: int, caller: Caller, sees: Sees, follows: Follows
    ) -> AsyncIterator[bytes]:
        changed, sent = asyncio.Event(), set[str]()
        LISTENERS.inc()
        try:
            yield format_sse_event(retry=1000)
            while not self._closing.is_set() and (left := caller.until - self._now().timestamp()) > 0:
                changed.clear()
                try:
                    entries = await self._read(id, follows, changed)
                except Unavailable:
                    await asyncio.sleep(1.0)
                    continue
                if not sees(entries[0], caller):
                    yield _END
                    return
                for one in events(*entries):
                    data = orjson.dumps(one.data).decode()
                    if one.id is None and one.key not in sent:
                        sent.add(one.key)
                        yield format_sse_event(data_str=data, event=one.event)
                    elif one.id is not None and one.id > last_id:
                        last_id = one.id
                        yield format_sse_event(data_str=data, event=one.event, id=str(one.id))
                    if one.last:
                        yield _END
                        return
                try:  # not wait_for, which may swallow a cancellation
                    async with asyncio.timeout(min(_COMFORT_SECONDS, left)):
                        await changed.wait()
                except TimeoutError:
                    yield format_sse_event(comment="still here")
        finally:
            LISTENERS.dec()
            self._leave(changed)

    async def _read(self, id: UUID, follows: Follows, changed: asyncio.Event) -> list[Entry[Any]]:
        """The entry and those that it follows; each is listened to before it is read."""
        found: list[Entry[Any]] = []
        next_: UUID | None = id
        while next_ is not None and all(one.id != next_ for one in found):
            self._join(next_, changed)
            try:
                found.append(await self._entries.peek(next_))
            except NotFound:
                if not found:
                    raise
                break  # what it follows may not be here yet
            next_ = follows(found[-1])
        return found

    def _join(self, id: UUID, changed: asyncio.Event) -> None:
        self._listeners.setdefault(id, set()).add(changed)
        if self._watching is None or self._watching.done():
            self._watching = asyncio.create_task(self._watch())

    def _leave(self, changed: asyncio.Event) -> None:
        for id in [id for id, mine in self._listeners.items() if changed in mine]:
            self._listeners[id].discard(changed)
            if not self._listeners[id]:
                del self._listeners[id]
        if not self._listeners and self._watching is not None:
            self._watching.cancel()
            self._watching = None

    async def _watch(self) -> None:
        while True:
            try:
                async with contextlib.aclosing(self._entries.changes()) as changes:
                    async for id in changes:
                        if id is None:  # it listens now: what changed before is read anew
                            self._wake_all()
                            continue
                        for listener in self._listeners.get(id, ()):
                            listener.set()
            except Unavailable as error:
                _log.warning("live updates interrupted", error=type(error).__name__)
                await asyncio.sleep(0.5)

    def _wake_all(self) -> None:
        for waiting in self._listeners.values():
            for listener in waiting:
                listener.set()

    def end(self) -> None:
        """End all streams, and those that come; clients come back to another replica."""
        self._closing.set()
        self._wake_all()

    async def close(self) -> None:
        self.end()
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.gather(self._watching, return_exceptions=True)
