"""Keeps one part running: starts it, waits until it is ready, starts it again when it dies, stops it."""

from __future__ import annotations

import asyncio
import contextlib
import random
import signal
import time
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path

from nats.errors import Error as NatsError
from pymongo.errors import PyMongoError

from deploy.local.parts.part import Part
from deploy.local.process import created, spawn, tail
from deploy.local.refusal import Broken, Refused
from deploy.mongo.provision import NotReady

_POLL = 0.05  # seconds between two looks whether a part is ready
_FIRST_TRIES = 4  # starts that may fail before a part that never was ready is given up
_SHORTEST, _LONGEST = 0.1, 10.0  # seconds between a death and the next start
_STEADY = 20.0  # seconds after which an earlier death is forgotten

# What preparing a part may fail with while the part is not quite there yet, or dies meanwhile.
_PASSING = (OSError, TimeoutError, PyMongoError, NatsError, NotReady)


class State(StrEnum):
    STOPPED = "stopped"
    STARTING = "starting"
    READY = "ready"
    WAITING = "waiting"  # it died; the next start comes after a pause
    DRAINING = "draining"


def pause(deaths: int, chance: Callable[[], float] = random.random) -> float:
    """Seconds until the next start: doubles with each death, to ten seconds, a quarter more or less by chance."""
    return float(min(_LONGEST, _SHORTEST * 2 ** min(deaths - 1, 16)) * (0.75 + chance() / 2))


class Runner:
    """Supervises one part. `build` makes the part anew at each start: its port may have changed.

    `say` gets one line for people at a time; `changed` is called when something about the part changed.
    """

    def __init__(
        self,
        name: str,
        build: Callable[[], Part],
        logs: Path,
        say: Callable[[str], None],
        changed: Callable[[], None],
    ) -> None:
        self.name = name
        self.log = logs / f"{name}.log"
        self.part: Part | None = None
        self.state = State.STOPPED
        self.began = 0.0  # when the process was created, seconds since the epoch
        self.restarts = 0
        self._build = build
        self._say = say
        self._changed = changed
        self._process: asyncio.subprocess.Process | None = None
        self._task: asyncio.Task[None] | None = None
        self._ready = asyncio.Event()
        self._was_ready = False

    @property
    def pid(self) -> int | None:
        """Of the living process."""
        process = self._process
        return process.pid if process is not None and process.returncode is None else None

    @property
    def wanted(self) -> bool:
        """Whether it should be running."""
        return self._task is not None

    async def start(self) -> None:
        """Return when the part is ready. Raises Refused, or Broken when it dies again and again before."""
        if self._task is None:
            self._task = asyncio.create_task(self._supervise(), name=f"supervise {self.name}")
            self._task.add_done_callback(self._ended)
        waiting = asyncio.create_task(self._ready.wait())
        try:
            await asyncio.wait({self._task, waiting}, return_when=asyncio.FIRST_COMPLETED)
            if self._task.done():
                self._task.result()
        finally:
            waiting.cancel()
            await asyncio.gather(waiting, return_exceptions=True)

    def _ended(self, task: asyncio.Task[None]) -> None:
        """The supervision itself ended: by `stop`, or because nothing can be done."""
        if not task.cancelled() and (error := task.exception()) is not None and self._was_ready:
            self._say(f"{self.name} is not started again: {error}")

    async def stop(self) -> None:
        """Drain and end the part; by force when it takes too long. It is not started again until `start`."""
        part, process = self.part, self._process
        task, self._task = self._task, None
        if task is not None:
            task.cancel()  # from here on a death is no surprise
            await asyncio.gather(task, return_exceptions=True)
        if process is not None and process.returncode is None and part is not None:
            self._set(State.DRAINING)
            if self._ready.is_set():
                await part.drain()
            await self._end(process, part.stop, part.stops_within)
        self._ready.clear()
        self._set(State.STOPPED)

    async def _end(self, process: asyncio.subprocess.Process, how: signal.Signals, within: float) -> None:
        if process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(how)
            process.send_signal(signal.SIGCONT)  # a frozen process would not hear the first
        try:
            async with asyncio.timeout(within):
                await process.wait()
        except TimeoutError:
            self._say(f"{self.name} did not stop within {within:.0f} s and was ended by force")
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()

    async def kill(self, how: signal.Signals) -> int:
        """Send a signal to the process; return its pid. After SIGKILL, return when it has ended."""
        process = self._process
        if process is None or process.returncode is not None:
            raise ProcessLookupError(f"{self.name} does not run")
        process.send_signal(how)
        if how is signal.SIGKILL:
            self._ready.clear()
            await process.wait()
        return process.pid

    async def is_ready(self) -> bool:
        """Whether the part says now that it is ready."""
        return self._ready.is_set() and self.part is not None and await self.part.ready()

    # ------------------------------------------------------------- inside

    def _set(self, state: State) -> None:
        self.state = state
        self._changed()

    async def _supervise(self) -> None:
        deaths = 0
        while True:
            begun = time.monotonic()
            self.part = part = self._build()
            self._process = process = await spawn(part, self.log)
            self.began = created(process.pid)
            self._set(State.STARTING)
            try:
                why = await self._watch(part, process, begun)
            except Refused:
                await self._end(process, signal.SIGKILL, 5.0)
                raise
            self._ready.clear()
            deaths = 1 if time.monotonic() - begun > _STEADY else deaths + 1
            if not self._was_ready and deaths >= _FIRST_TRIES:
                raise Broken(
                    f"{self.name} does not start: it {why}, {deaths} times. {self.log} ends with:\n{tail(self.log, 5)}"
                )
            self.restarts += 1
            wait = pause(deaths)
            self._set(State.WAITING)
            self._say(f"{self.name} {why}; it is started again in {wait:.1f} s (its log: {self.log})")
            await asyncio.sleep(wait)

    async def _watch(self, part: Part, process: asyncio.subprocess.Process, begun: float) -> str:
        """Return when the process has ended, saying how."""
        ended = asyncio.create_task(process.wait())
        coming = asyncio.create_task(self._until_ready(part))
        try:
            await asyncio.wait(
                {ended, coming}, timeout=part.starts_within, return_when=asyncio.FIRST_COMPLETED
            )
            if coming.done():
                coming.result()
                self._ready.set()
                self._was_ready = True
                self._set(State.READY)
                self._say(
                    f"{'ready' if not self.restarts else 'again':6} {self.name:<14} {part.address:<22} "
                    f"pid {process.pid:<8} {time.monotonic() - begun:5.1f} s"
                )
            elif not ended.done():
                await self._end(process, signal.SIGKILL, 5.0)
                return f"was not ready after {part.starts_within:.0f} s"
            code = await ended
        finally:
            coming.cancel()
            ended.cancel()
            await asyncio.gather(coming, ended, return_exceptions=True)
        return f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"

    async def _until_ready(self, part: Part) -> None:
        while True:
            if await part.ready():
                try:
                    await part.prepare()
                except _PASSING as error:
                    last = str(error) or type(error).__name__
                    with self.log.open("a") as log:
                        log.write(f"supervisor: {self.name} is not prepared yet: {last}\n")
                    await asyncio.sleep(0.5)
                    continue
                return
            await asyncio.sleep(_POLL)
