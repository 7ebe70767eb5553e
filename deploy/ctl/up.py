"""`hehuo up`, `down` and `demo`: the system as a process in the foreground or in the background."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import deploy
from deploy.ctl.trouble import Trouble
from deploy.gateway.render import UPSTREAMS
from deploy.local.folder import Folder, read_state
from deploy.local.keys import mint
from deploy.local.process import end, is_alive, rotate
from deploy.local.refusal import Refused
from deploy.local.system import District, System

_STARTS_WITHIN = 180.0  # seconds
_STOPS_WITHIN = 90.0
_TIMES = "HEHUO_TIMES"  # set for a process whose words go to a log
_STOPPED = 130  # the exit code of what Ctrl-C ended


@dataclass(frozen=True, slots=True)
class Wish:
    """How the system is to be started."""

    data: Path
    port: int
    replicas: dict[str, int]
    mongo_url: str | None
    nats_url: str | None
    demo: bool = False

    def system(self) -> System:
        return (System if self.demo else District)(
            self.data,
            replicas=self.replicas,
            port=self.port,
            mongo_url=self.mongo_url,
            nats_url=self.nats_url,
            say=say,
        )


def say(line: str) -> None:
    """One line for people, at once also when nobody looks at a terminal; with the time in a log."""
    when = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ} " if os.environ.get(_TIMES) else ""
    print(f"{when}{line}", flush=True)


def parse_replicas(text: str) -> dict[str, int]:
    """`intake=2,dispatch=1` as numbers. Raises Refused for anything else."""
    found = {}
    for item in filter(None, (item.strip() for item in text.split(","))):
        service, _, number = item.partition("=")
        if service not in UPSTREAMS or not number.isdecimal() or int(number) < 1:
            raise Refused(
                f"--replicas takes SERVICE=N for {', '.join(UPSTREAMS)} with N of at least 1, not {item!r}."
            )
        found[service] = int(number)
    return found


def running(data: Path) -> dict[str, Any]:
    """What the system that runs in a data folder says of itself; empty when none runs there."""
    state = read_state(Folder(data))
    return state if state and is_alive(state["pid"], state["created"]) else {}


# ------------------------------------------------------------- in the foreground


async def stay_up(wish: Wish) -> int:
    """Start, stay, and drain when told to stop. Returns the exit code."""
    async with _stoppable() as stop:

        async def stay(_: System) -> int:
            await stop.wait()
            return 0

        return await _run(wish, stop, stay)


@dataclass(frozen=True, slots=True)
class Running:
    """A system that runs already, as the demonstration wants to see it."""

    gateway_url: str
    keys: Path

    def token(self, *, role: str, sub: str, **scope: Any) -> str:
        return mint(self.keys, role=role, sub=sub, **scope)


async def play(wish: Wish, *, leave: bool, gateway_url: str | None = None) -> int:
    """Play the golden cases on the system at `gateway_url`, on the one that runs, or on one that is started for it.

    Returns the exit code.
    """
    from deploy.demo.play import play as perform

    if gateway_url:
        keys = Folder(wish.data).keys
        if not (keys / "demo.pem").exists():
            raise Trouble(f"There is no key in {wish.data} to sign tokens for {gateway_url}.")
        # Not ours to end, and its addresses are others from outside: no hint how to go on.
        return await perform(Running(gateway_url, keys), exit=True)
    if state := running(wish.data):
        Folder(wish.data).is_of(
            "demonstration", "Play it on data of its own: name another folder with --data."
        )
        if not state["ready"]:
            raise Trouble(f"The system in {wish.data} is not ready; look at `hehuo status`.")
        return await perform(Running(state["gateway_url"], Folder(wish.data).keys), exit=False)

    async with _stoppable() as stop:

        async def perform_and_stay(system: System) -> int:
            playing = asyncio.ensure_future(perform(system, exit=leave))
            stopping = asyncio.create_task(stop.wait())
            await asyncio.wait({playing, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if not playing.done():
                playing.cancel()
                await asyncio.gather(playing, return_exceptions=True)
                return _STOPPED
            if leave:
                stopping.cancel()
            await asyncio.gather(stopping, return_exceptions=True)
            return playing.result()

        return await _run(wish, stop, perform_and_stay)


async def _run(wish: Wish, stop: asyncio.Event, work: Callable[[System], Awaitable[int]]) -> int:
    """Start the system, do the work on it, drain it."""
    begun = time.monotonic()
    system = wish.system()
    starting = asyncio.create_task(system.start())
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({starting, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if not starting.done():
        starting.cancel()
        await asyncio.gather(starting, return_exceptions=True)
        say("stopped before it was ready")
        return _STOPPED
    starting.result()
    took = time.monotonic() - begun
    say(f"all ready after {took:.1f} s: {system.gateway_url} (data in {system.folder.root}; Ctrl-C ends it)")
    try:
        return await work(system)
    finally:
        say("draining: the gateway, the services, the bus, the database")
        begun = time.monotonic()
        await system.stop()
        say(f"stopped after {time.monotonic() - begun:.1f} s")


@contextlib.asynccontextmanager
async def _stoppable() -> AsyncIterator[asyncio.Event]:
    """An event that is set by Ctrl-C or SIGTERM; a second one ends everything at once."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def on_signal() -> None:
        if stop.is_set():
            say("ended at once")
            os._exit(_STOPPED)  # the kernel ends the parts with us; what they acknowledged is on disk
        stop.set()

    for each in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(each, on_signal)
    try:
        yield stop
    finally:
        for each in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(each)


# ------------------------------------------------------------- in the background


def detach(wish: Wish) -> None:
    """Start the system as a process of its own; return when it is ready. Raises Refused or Trouble as it says."""
    folder = Folder(wish.data)
    folder.prepare()
    log = folder.logs / "supervisor.log"
    if running(wish.data):
        raise Refused(
            f"A system runs in {folder.root} already; `hehuo status` shows it, `hehuo down` ends it."
        )
    rotate(log)
    command = [sys.executable, "-m", "deploy.ctl", "up", "--data", str(folder.root), "--port", str(wish.port)]
    command += ["--replicas", ",".join(f"{service}={n}" for service, n in wish.replicas.items())]
    command += ["--demo"] if wish.demo else []
    for option, url in (("--mongo-url", wish.mongo_url), ("--nats-url", wish.nats_url)):
        command += [option, url] if url else []
    root = str(Path(deploy.__path__[0]).parent)
    path = os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH")]))
    with log.open("ab") as out:
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
            env={**os.environ, "PYTHONPATH": path, _TIMES: "1"},
        )
    _follow(child, log, folder)


def _follow(child: subprocess.Popen[bytes], log: Path, folder: Folder) -> None:
    """Print what the child says until it is ready."""
    deadline = time.monotonic() + _STARTS_WITHIN
    why = ""
    with log.open(encoding="utf-8") as said:
        while True:
            ended = child.poll()
            state = read_state(folder)
            ready = state.get("ready") and state.get("pid") == child.pid
            lines, _, last_words = said.read().partition("hehuo: ")
            why += last_words  # for us to say
            if lines.strip():
                say(lines.rstrip())
            if ended is not None:
                raise (Refused if ended == 2 else Trouble)(
                    why.strip() or f"It ended with code {ended}; see {log}."
                )
            if ready:
                say(f"it runs in the background (process {child.pid}); `hehuo down` ends it")
                return
            if time.monotonic() > deadline:
                child.terminate()
                raise Trouble(
                    f"It was not ready after {_STARTS_WITHIN:.0f} s and was ended; its log is {log}."
                )
            time.sleep(0.1)


def down(data: Path) -> None:
    """Tell the running system to drain, and wait until it has. Raises Trouble when it does not."""
    folder = Folder(data)
    state = running(data)
    if not state:
        _clear(folder)
        return
    os.kill(state["pid"], signal.SIGTERM)
    deadline = time.monotonic() + _STOPS_WITHIN
    while is_alive(state["pid"], state["created"]):
        if time.monotonic() > deadline:
            raise Trouble(f"The system (process {state['pid']}) has not stopped after {_STOPS_WITHIN:.0f} s.")
        time.sleep(0.1)
    say(f"the system in {folder.root} is stopped")


def _clear(folder: Folder) -> None:
    """End what a supervisor that was killed may have left."""
    left = [part for part in read_state(folder).get("parts", {}).values() if part["pid"]]
    left = [part for part in left if is_alive(part["pid"], part["created"])]
    for part in left:
        end(part["pid"], part["created"])
    say(f"nothing runs in {folder.root}" + (f"; {len(left)} left-over processes were ended" if left else ""))
