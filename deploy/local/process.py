"""One child process: started so that it cannot outlive us, its output in a file of its own."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from pathlib import Path

import psutil

from deploy.local.parts.part import Part

_TETHER = Path(__file__).with_name("tether.py")
_KEPT = 3  # older logs of each part
_CLOCK_STEP = 2.0  # seconds by which the machine's clock may have been put right


async def spawn(part: Part, log: Path) -> asyncio.subprocess.Process:
    """Start a part in a session of its own: a Ctrl-C in our terminal is ours, and parts are stopped in order."""
    with log.open("ab") as out:
        starting = asyncio.ensure_future(
            asyncio.create_subprocess_exec(
                *(sys.executable, "-I", "-S", str(_TETHER), str(os.getpid())),
                *part.command,
                cwd=part.folder,
                env={**os.environ, **part.environment},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
        )
        try:
            return await asyncio.shield(starting)
        except asyncio.CancelledError:
            process = await starting
            process.kill()
            await process.wait()
            raise


def created(pid: int) -> float:
    """When a process began, seconds since the epoch; 0 when there is none."""
    try:
        return psutil.Process(pid).create_time()
    except psutil.Error:
        return 0.0


def is_alive(pid: int, began: float) -> bool:
    """Whether the process that began at that moment still lives; another one may have its number by now."""
    try:
        process = psutil.Process(pid)
        return abs(process.create_time() - began) < _CLOCK_STEP and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def end(pid: int, began: float, within: float = 10.0) -> None:
    """End a process that an earlier run left behind; by force when it takes longer than `within` seconds."""
    if not is_alive(pid, began):
        return
    process = psutil.Process(pid)
    process.terminate()
    try:
        process.wait(within)
    except psutil.TimeoutExpired:
        process.kill()
        process.wait(within)


def rotate(log: Path) -> None:
    """Begin a new log; keep the last few."""
    if not log.exists() or log.stat().st_size == 0:
        return
    for number in range(_KEPT - 1, 0, -1):
        older = log.with_suffix(f".log.{number}")
        if older.exists():
            older.replace(log.with_suffix(f".log.{number + 1}"))
    log.replace(log.with_suffix(".log.1"))


def cut(log: Path, most: int) -> None:
    """Move what a running part wrote out of the way when it is more than `most` bytes.

    The part keeps its file open for appending, so the file is copied and emptied; lines written in that instant
    are lost.
    """
    if log.exists() and log.stat().st_size > most:
        shutil.copyfile(log, log.with_suffix(".log.1"))
        os.truncate(log, 0)


def tail(log: Path, lines: int) -> str:
    """The last lines of a log, for somebody who wants to know why."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - 8192))
            return "\n".join(file.read().decode("utf-8", "replace").splitlines()[-lines:])
    except FileNotFoundError:
        return ""
