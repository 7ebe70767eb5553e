"""`make bench`: measures, prints a table with ratios, and keeps it under tests/load/results/."""

from __future__ import annotations

import argparse
import json
import platform
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import uvloop
from rich.console import Console
from rich.table import Table

from tests.load.figures import Figure
from tests.load.measures import measure

RESULTS = Path(__file__).parent / "results"


def _commit() -> str:
    said = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False
    )
    return said.stdout.strip() or "unknown"


def _keep(figures: list[Figure], seed: int) -> Path:
    """Write the figures with machine, seed and commit."""
    now = datetime.now(UTC)
    about = {
        "at": now.isoformat(timespec="seconds"), "commit": _commit(), "seed": seed,
        "machine": f"{platform.machine()}, {__import__('os').cpu_count()} cores", "python": platform.python_version(),
    }  # fmt: skip
    RESULTS.mkdir(exist_ok=True)
    file = RESULTS / f"{now:%Y%m%d-%H%M%S}-{about['commit']}.json"
    file.write_text(
        json.dumps({**about, "figures": [figure._asdict() for figure in figures]}, indent=1) + "\n", "utf-8"
    )
    return file


def main() -> int:
    parser = argparse.ArgumentParser(prog="make bench ARGS=…", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--passes", type=int, default=5, help="of the interleaved comparison")
    parser.add_argument("--seconds", type=float, default=3.0, help="of each measurement in a pass")
    parser.add_argument("--lives", type=int, default=600)
    parser.add_argument("--only", choices=("post", "lives", "queue", "race", "pages"), action="append")
    parser.add_argument("--stored", type=int, nargs="+", default=[10_000], help="dispatches, for pages")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="hehuo-bench-") as folder:
        figures = uvloop.run(measure(Path(folder), wanted))
    table = Table("what", "seen", "goal", "met", title=f"Hehuo, {_commit()}, seed {wanted.seed}")
    for figure in figures:
        table.add_row(figure.what, figure.seen, figure.goal, {True: "yes", False: "no", None: ""}[figure.met])
    Console(width=120).print(table)
    print(f"kept in {_keep(figures, wanted.seed).relative_to(Path.cwd())}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
