"""Many proofs: each a process of its own, some side by side; their last lines are kept."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

_ROOT = Path(__file__).parents[2]
_RESULTS = Path(__file__).parent / "results"
_FIRST = (
    "figures",
    "lists",
    "passing-failure",
    "replay",
)  # the longest: nobody is to wait for them at the end
_ENOUGH = 30  # lines of a proof that was broken: its verdict with the reasons is among them
_LONGEST = 1800.0  # seconds that one proof may take, whatever it waits for


@dataclass(slots=True)
class Run:
    """One proof with one seed, and what it said."""

    name: str
    seed: int
    lines: list[str] = field(default_factory=list)
    kept: bool = False

    @property
    def verdict(self) -> str:
        """Its last line."""
        return self.lines[-1] if self.lines else ""


async def prove_all(runs: Sequence[Run], more: Sequence[str], at_once: int) -> bool:
    """Run each, whatever becomes of the others; `more` are further words of its command. Whether all were kept.

    What a proof says is printed when it ends. Each has servers of its own, so `at_once` share nothing but the machine.
    """
    begun = time.monotonic()
    waiting = iter(sorted(runs, key=lambda run: (*_FIRST, run.name).index(run.name)))
    async with asyncio.TaskGroup() as group:
        for _ in range(at_once):
            group.create_task(_one_after_the_other(waiting, more))
    broken = [run for run in runs if not run.kept]
    print(f"\n{'─' * 40} together {time.monotonic() - begun:.0f} s")
    for run in runs:
        print(run.verdict)
    for run in broken:  # once more, last: whoever reads the end of a long record reads why
        print(f"\n── {run.name}, seed {run.seed}", *run.lines[-_ENOUGH:], sep="\n")
    names = ", ".join(f"{run.name} with seed {run.seed}" for run in broken)
    print(f"all: {'broken' if broken else 'kept'} — {len(runs)} proofs, broken: {names or 'none'}")
    return not broken


async def _one_after_the_other(runs: Iterator[Run], more: Sequence[str]) -> None:
    for run in runs:
        await _prove(run, more)
        print(f"\n── {run.name}, seed {run.seed}", *run.lines, sep="\n", flush=True)


async def _prove(run: Run, more: Sequence[str]) -> None:
    command = (sys.executable, "-m", "tests.faults", run.name, "--seed", f"{run.seed}", *more)
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        *command, cwd=_ROOT, stdout=pipe, stderr=asyncio.subprocess.STDOUT
    )
    saying = asyncio.create_task(process.communicate())
    try:
        await asyncio.wait((saying,), timeout=_LONGEST)
    finally:
        if process.returncode is None:
            process.terminate()  # it clears away what it has started
        said, _ = await saying
    run.kept = process.returncode == 0
    run.lines += said.decode("utf-8", "replace").splitlines()
    if not run.verdict.startswith(f"{run.name}: "):
        run.lines.append(
            f"{run.name}: broken — ended without a verdict, {process.returncode}, seed {run.seed}"
        )


def keep(verdicts: Iterable[str], folder: Path = _RESULTS) -> Path:
    """Add these last lines to those of the commit that was proved; a tree that differs from it has its own file."""
    commit = _git("rev-parse", "--short", "HEAD") or "unknown"
    changed = _git("status", "--porcelain", "--", ".", f":!{_RESULTS.relative_to(_ROOT)}")
    name = commit if not changed else f"{commit}-changed"
    folder.mkdir(exist_ok=True)
    now = datetime.now(UTC)
    known = sorted(folder.glob(f"*-{name}.txt"))
    file = known[-1] if known else folder / f"{now:%Y%m%d-%H%M%S}-{name}.txt"
    with file.open("a", encoding="utf-8") as kept:
        tree = "the tree was changed since" if changed else "the tree was clean"
        kept.write(f"# {now.isoformat(timespec='seconds')}, commit {commit}, {tree}\n")
        kept.writelines(f"{line}\n" for line in verdicts)
    return file


def _git(*words: str) -> str:
    done = subprocess.run(("git", *words), cwd=_ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip()
