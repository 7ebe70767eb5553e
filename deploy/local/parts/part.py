"""What the supervisor needs to know of a part."""

from __future__ import annotations

import signal
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path


async def nothing() -> None:
    """What there is to prepare or to drain for most parts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One process: how to start it, how to know that it is ready, how to stop it.

    `prepare` runs once after each start, when `ready` first said yes, and the part counts as ready when it returned.
    `drain` runs before the stop signal. Times are in seconds.
    """

    name: str  # as people see it: mongod, nats, gateway, web, intake.0
    command: Sequence[str]
    port: int
    folder: Path  # where it is started
    ready: Callable[[], Awaitable[bool]]
    prepare: Callable[[], Awaitable[None]] = nothing
    drain: Callable[[], Awaitable[None]] = nothing
    environment: Mapping[str, str] = field(default_factory=dict)
    stop: signal.Signals = signal.SIGTERM
    stops_within: float = 15.0
    starts_within: float = 60.0

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"
