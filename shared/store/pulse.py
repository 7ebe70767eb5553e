"""What the primary says of itself, each time it is asked whether it is there: its time, and its last write.

The driver asks every second anyway, in a thread of its own; nobody else needs to ask. From this a process knows what
time it is where it counts, and that nobody has written anything: then what it looked at is still so.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from pymongo.monitoring import (
    ServerHeartbeatFailedEvent,
    ServerHeartbeatListener,
    ServerHeartbeatStartedEvent,
    ServerHeartbeatSucceededEvent,
)

BEATS_MS = 1000  # how often the driver asks
_MOMENT = 2.0  # seconds after which an answer is old
_LONGEST = 30.0  # seconds for which a look is good at most, whatever the primary says
_TICK = 0.001  # seconds: as exact as the database tells its time
_DRIFT = 0.0002  # seconds that two clocks may part in a second


class Pulse(ServerHeartbeatListener):
    """Of one client. Threads: the driver's tell it, everybody may ask."""

    def __init__(self) -> None:
        self._asked: dict[Any, float] = {}  # by server: when; all times are of our monotonic clock
        self._ahead = 0.0  # database time minus our monotonic clock, seconds
        self._doubt = math.inf  # seconds by which that may be wrong, when it was learnt
        self._learnt = 0.0  # when that was
        self._answered = -math.inf  # when the primary last said something
        self._last_write: object = None
        self._term = 0  # the newest election heard of
        self._written = math.inf  # when that write was first heard of: it was done before
        self._learning = threading.Lock()

    # ------------------------------------------------------------- the driver

    def started(self, event: ServerHeartbeatStartedEvent) -> None:
        self._asked[event.connection_id] = time.monotonic()

    def succeeded(self, event: ServerHeartbeatSucceededEvent) -> None:
        if event.reply.is_writable:
            self.learn(self._asked[event.connection_id], event.reply.document)

    def failed(self, event: ServerHeartbeatFailedEvent) -> None:
        """What it said last grows old."""

    def learn(self, asked: float, hello: Mapping[str, Any]) -> None:
        """It was asked then, and has answered just now.

        It read its time between question and answer: the quicker that went, the surer it is. A slow answer (the first
        one waits for the connection) does not count beside a better one, unless it shows that this is wrong by now:
        another primary, or a clock that was set. One that was voted out and does not know it yet tells nothing.
        """
        last_write = hello.get("lastWrite", {}).get("opTime")
        term = last_write["t"] if last_write else 0
        with self._learning:
            if term < self._term:
                return
            self._term = term
            now = self._answered = time.monotonic()
            ahead = hello["localTime"].replace(tzinfo=UTC).timestamp() - (asked + now) / 2
            doubt = (now - asked) / 2 + _TICK
            known = self._doubt + _DRIFT * (now - self._learnt)
            if doubt <= known or abs(ahead - self._ahead) > doubt + known:
                self._ahead, self._doubt, self._learnt = ahead, doubt, now
            if last_write != self._last_write:
                self._last_write, self._written = last_write, now if last_write else math.inf

    # ---------------------------------------------------------------- everybody

    def now(self) -> datetime:
        """The primary's time in whole milliseconds (UTC), so that no replica's own clock decides anything."""
        now = datetime.fromtimestamp(time.monotonic() + self._ahead, UTC)
        return now.replace(microsecond=now.microsecond // 1000 * 1000)

    @property
    def beats(self) -> bool:
        """Whether the primary has said something a moment ago."""
        return time.monotonic() - self._answered < _MOMENT

    def still(self, moment: float) -> bool:
        """Whether nobody at all has written since then (`time.monotonic()`), so that what was looked at is still so.

        It is heard of about a second late. Never for longer than half a minute: who asks looks again then.
        """
        return self._written < moment and self.beats and time.monotonic() - moment < _LONGEST
