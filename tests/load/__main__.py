"""`make bench`: measures, prints a table with ratios, and keeps it under tests/load/results/.

make bench                                          everything, five passes, 10,000 stored: half an hour
make bench ARGS="--only lives,floor,race --passes 2"
make bench ARGS="--stored 10000 1000000 --data /var/tmp/bench"     growth; the data is kept and used again
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import uvloop
from rich.console import Console

from tests.load import machine
from tests.load.measures import NAMES, Outcome, Run
from tests.load.printed import show

RESULTS = Path(__file__).parent / "results"
_WIDTH = 140


def _keep(about: dict[str, Any], outcome: Outcome, wanted: argparse.Namespace) -> Path:
    """Write what was seen with everything that one has to know about it."""
    asked = {name: value for name, value in vars(wanted).items() if name != "data"}
    sizes = sorted(wanted.stored)
    kept = {
        **about, "asked": asked, "failures": outcome.failures, "stored": outcome.seeds, "life": outcome.recipe,
        "rows": [row.as_json() for row in outcome.table.rows.values()],
        "growth": [one._asdict() for one in outcome.table.growth(sizes[0], sizes[-1])],
        "queries": {
            str(stored): [one._asdict() for one in some if one.wasteful] for stored, some in outcome.queries.items()
        },
        "queries that grow": [[little._asdict(), much._asdict()] for little, much in outcome.growing],
    }  # fmt: skip
    RESULTS.mkdir(exist_ok=True)
    file = (
        RESULTS
        / f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{about['commit']}{'-dirty' if about['dirty'] else ''}.json"
    )
    file.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", "utf-8")
    return file


def _names(text: str) -> list[str]:
    names = text.split(",")
    if unknown := set(names) - set(NAMES):
        raise argparse.ArgumentTypeError(f"{', '.join(sorted(unknown))}: choose from {', '.join(NAMES)}")
    return names


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="make bench ARGS=…", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--seed", type=int, default=1)
    add("--passes", type=int, default=5, help="interleaved (5)")
    add("--only", type=_names, help=f"some of {','.join(NAMES)}")
    add(
        "--stored",
        type=int,
        nargs="+",
        default=[10_000],
        help="orders in each list (10000); two or more: growth",
    )
    add("--data", type=Path, help="where the data is kept, and used again if it is what is wanted (nowhere)")
    add("--seconds", type=float, default=3.0, help="of each measurement of a rate (3)")
    add("--lives", type=int, default=300, help="whole lives in a pass (300)")
    add("--callers", type=int, default=24, help="who live at once (24)")
    add("--races", type=int, default=50, help="calls for which 64 race (50)")
    add("--clocks", type=int, default=10_000, help="due at once (10000)")
    add("--rest", type=float, default=20.0, help="seconds at rest (20)")
    add("--partners", type=int, default=10_000, help="made up, in the registry (10000)")
    wanted = parser.parse_args()
    wanted.stored = sorted(set(wanted.stored))
    return wanted


def main() -> int:
    about, wanted, console = machine.about(), _asked(), Console(width=_WIDTH)
    if not about["quiet"]:
        console.print(
            f"[bold]The machine is not quiet[/]: load average {about['load']}. Take the figures for a hint."
        )
    with tempfile.TemporaryDirectory(prefix="hehuo-bench-") as folder:
        outcome = uvloop.run(Run(wanted.data or Path(folder), wanted).measure())
    about["load at the end"] = machine.about()["load"]
    commit = f"{about['commit']}{' (dirty)' if about['dirty'] else ''}"
    title = f"Hehuo, {commit}, {about['machine']}, {wanted.passes} passes"
    show(console, outcome, wanted.stored, title)
    if not about["quiet"]:
        console.print(f"The machine was not quiet when this began: load average {about['load']}.")
    for failure in outcome.failures:
        console.print(f"[bold]could not be measured[/]: {failure}", highlight=False)
    print(f"kept in {_keep(about, outcome, wanted).relative_to(Path.cwd())}")
    return 1 if outcome.failures else 0


if __name__ == "__main__":
    sys.exit(main())
