"""The one folder that holds all data of a system: who owns it, where things are, and its passwords."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import secrets
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from deploy.local.refusal import Refused
from deploy.nats.permissions import OPERATOR
from shared.naming import SERVICES

_MIB = 1024 * 1024


def write_whole(file: Path, text: str, mode: int = 0o644, *, durable: bool = True) -> None:
    """Put a file in place by a rename: a reader sees the old text or the new one, never half.

    `durable` waits for the disk; what describes running processes need not outlive them.
    """
    fresh = file.with_name(f"{file.name}.new")
    with contextlib.suppress(FileNotFoundError):
        fresh.unlink()
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w", encoding="utf-8") as out:
        out.write(text)
        if durable:
            out.flush()
            os.fsync(out.fileno())
    fresh.replace(file)


@dataclass(frozen=True, slots=True)
class Passwords:
    """Of the databases' and the bus's users, by user. Made once, kept readable for the owner only."""

    mongo: dict[str, str]  # the administrator and each service
    nats: dict[str, str]  # the operator and each service
    keyfile: str  # what members of the replica set know one another by

    MONGO_ADMIN = "admin"

    @classmethod
    def fresh(cls) -> Passwords:
        def some(*users: str) -> dict[str, str]:
            return {user: secrets.token_hex(16) for user in users}

        return cls(some(cls.MONGO_ADMIN, *SERVICES), some(OPERATOR, *SERVICES), secrets.token_hex(128))


class Folder:
    """Paths inside the data folder. Making one of these touches nothing; `prepare` does."""

    def __init__(self, root: Path) -> None:
        self.root = root.expanduser().absolute()
        self.keys = self.root / "keys"
        self.logs = self.root / "logs"
        self.run = self.root / "run"
        self.mongo = self.root / "mongo"
        self.nats = self.root / "nats"
        self.gateway = self.root / "gateway"
        self.state = self.run / "state.json"
        self.ports = self.root / "ports.json"
        self.lock = self.run / "lock"
        self._passwords = self.root / "passwords.json"
        self._kind = self.root / "kind"

    def prepare(self) -> None:
        """Make the folders, closed to other users of the machine. Raises Refused when that is not possible."""
        try:
            self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
            for each in (self.keys, self.logs, self.run, self.mongo, self.nats, self.gateway):
                each.mkdir(mode=0o700, exist_ok=True)
            ignore = self.root / ".gitignore"
            if not ignore.exists():
                ignore.write_text("*\n", "utf-8")
        except OSError as error:
            raise Refused(
                f"The data folder {self.root} cannot be written: {error.strerror}. Choose another with --data."
            ) from error

    def is_of(self, kind: str, otherwise: str) -> None:
        """Only one kind of system ever runs on this data. What ran before this was kept was the demonstration.

        Raises Refused, with what to do `otherwise`.
        """
        before = self._kind.read_text("utf-8").strip() if self._kind.exists() else "demonstration"
        if self.known_passwords() is not None and before != kind:
            raise Refused(f"What is in {self.root} is a {before}. {otherwise}")
        write_whole(self._kind, f"{kind}\n")

    def known_passwords(self) -> Passwords | None:
        """The system's passwords, if it ever ran here."""
        try:
            return Passwords(**json.loads(self._passwords.read_text("utf-8")))
        except FileNotFoundError:
            return None

    def passwords(self) -> Passwords:
        """The system's passwords; made at the first call."""
        if (known := self.known_passwords()) is not None:
            return known
        made = Passwords.fresh()
        write_whole(self._passwords, json.dumps(asdict(made), indent=1), 0o600)
        return made

    @contextlib.contextmanager
    def owned(self) -> Iterator[None]:
        """Hold the folder: no second system may use it meanwhile. The lock ends with the process, however it ends."""
        with self.lock.open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                pid = read_state(self).get("pid")
                raise Refused(
                    f"Another system runs in {self.root}"
                    + (f" (process {pid})" if pid else "")
                    + "; stop it with `hehuo down`, or choose another folder with --data."
                ) from error
            yield


def read_state(folder: Folder) -> dict[str, Any]:
    """What the running system last wrote about itself; empty when none ever ran here."""
    try:
        state: dict[str, Any] = json.loads(folder.state.read_text("utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return {}
    return state


def check_disk(folder: Path, least_mib: int) -> None:
    """Raises Refused when less than `least_mib` MiB are free on the disk of `folder` (or of what holds it)."""
    place = folder
    while not place.exists():
        place = place.parent
    free = shutil.disk_usage(place).free // _MIB
    if free < least_mib:
        raise Refused(
            f"Only {free} MiB are free on the disk of {folder}; at least {least_mib} are needed. "
            "Make room, choose another folder with --data, or set HEHUO_DISK_MIN_MB."
        )
