"""What a run was made on: a figure says nothing without it."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

_QUIET = 0.35  # of the cores: with more to do than that somebody else is at work
_GIB = 1024**3


def about() -> dict[str, Any]:
    """Of this moment; taken before anything of ours runs, the load average is the others'."""
    load = os.getloadavg()
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": _git("rev-parse", "--short", "HEAD") or "unknown",
        "dirty": bool(_git("status", "--porcelain", "--untracked-files=no")),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "load": [round(one, 2) for one in load],
        "quiet": max(load[:2]) <= _QUIET * (os.cpu_count() or 1),
        "python": platform.python_version(),
    }


def free_gib(folder: Path) -> float:
    """Of the disk that holds a folder, in GiB."""
    return shutil.disk_usage(folder).free / _GIB


def _git(*words: str) -> str:
    root = Path(__file__).parents[2]
    said = subprocess.run(["git", "-C", str(root), *words], capture_output=True, text=True, check=False)
    return said.stdout.strip()
