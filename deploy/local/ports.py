"""Which port each part listens on: chosen once, kept in the data folder, so that restarts change nothing."""

from __future__ import annotations

import fcntl
import json
import random
import socket
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from deploy.local.folder import write_whole
from deploy.local.refusal import Refused

HOST = "127.0.0.1"

# Below the range from which systems take ports for outgoing connections: those come and go, and one of them could
# sit on a part's port just when it is started again.
_LOWEST, _HIGHEST = 20000, 30000
_TRIES = 1000
_NAMES = Path(tempfile.gettempdir()) / "hehuo-ports"
_STARTS_WITHIN = 120.0  # seconds from the choice until the server listens


def is_free(port: int, host: str = HOST) -> bool:
    """Whether a server could listen there now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # connections that just ended don't count
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True


def is_ours(port: int, names: Path = _NAMES) -> bool:
    """Whether we may have it: nobody else chose it a moment ago, for a server that does not listen yet.

    Systems that start at the same moment all find the same ports free.
    """
    try:
        names.mkdir(mode=0o777, exist_ok=True)
        with (names / str(port)).open("a+") as note:
            fcntl.flock(note, fcntl.LOCK_EX)
            note.seek(0)
            if time.time() - float(note.read() or 0) < _STARTS_WITHIN:
                return False
            note.truncate(0)
            note.write(str(time.time()))
    except (OSError, ValueError):  # another user's: the worst is that two choose the same
        pass
    return True


class Ports:
    """The ports of one system, by part."""

    def __init__(
        self, file: Path, free: Callable[[int], bool] = is_free, ours: Callable[[int], bool] = is_ours
    ) -> None:
        self._file = file
        self._free = free
        self._ours = ours
        try:
            self._kept: dict[str, int] = json.loads(file.read_text("utf-8"))
        except (FileNotFoundError, json.JSONDecodeError):
            self._kept = {}

    def keep(self, part: str) -> int:
        """The part's port: the one that it had, or a new one if it had none or somebody else took it."""
        port = self._kept.get(part)
        if port is None or not self._free(port):
            port = self._kept[part] = self._choose()
            write_whole(self._file, json.dumps(self._kept, indent=1, sort_keys=True))
        return port

    def _choose(self) -> int:
        taken = set(self._kept.values())
        for _ in range(_TRIES):
            port = random.randrange(_LOWEST, _HIGHEST)  # noqa: S311 - any will do
            if port not in taken and self._free(port) and self._ours(port):
                return port
        raise Refused(f"No free port was found between {_LOWEST} and {_HIGHEST}.")


def take(port: int) -> int:
    """A port that a person asked for. Raises Refused when it cannot be had."""
    if not 1 <= port <= 65535:
        raise Refused(f"There is no port {port}; ports go from 1 to 65535.")
    if not is_free(port):
        raise Refused(f"Port {port} is taken by another program; choose another one with --port.")
    return port
