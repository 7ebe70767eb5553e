"""Runs one proof, or all of them: `python -m tests.faults NAME [--seed N] …`."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import importlib
import logging
import random
import shutil
import signal
import sys
import tempfile
import traceback
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Protocol, cast

from deploy.demo import cast as people
from deploy.demo.check import Unsettled
from deploy.demo.waiting import Stuck
from deploy.local.refusal import Broken, Refused
from tests.faults import campaign
from tests.faults.harness import Given, Verdict

NAMES = (
    "golden", "crash", "bus-down", "race", "claims", "displaced", "pledges", "matching", "retry",
    "passing-failure", "poison", "replay", "territory", "calendar", "clocks", "ladder", "credentials", "mutants",
    "truth", "lists", "figures", "secrets", "compose",
)  # fmt: skip
# What a proof may end by when a promise is broken, with a sentence that says which.
_FAILURES = (Stuck, Unsettled, people.Refused, people.Unreachable, TimeoutError, Broken, Refused)
NEEDS_CONTAINERS = frozenset({"compose"})
SEEDS = {
    "crash": 3,
    "race": 3,
    "claims": 3,
    "replay": 3,
}  # with how many seeds, when all are proved at full size
_SHORT_AT_ONCE = 3  # on two cores: most of the time they wait
_ALL = "All that need no container; what they find at full size is kept in tests/faults/results."


class Proof(Protocol):
    """A module of this package. The first line of its docstring says what it proves."""

    __doc__: str | None
    prove: Callable[[Given, Verdict], Awaitable[None]]


def _load(name: str) -> Proof:
    return cast(Proof, importlib.import_module(f"tests.faults.{name.replace('-', '_')}"))


def _parser(short: bool = False) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    proofs = parser.add_subparsers(dest="name", metavar="NAME")
    for name in NAMES:
        module = _load(name)
        sentence = (module.__doc__ or "").splitlines()[0]
        one = proofs.add_parser(name, help=sentence, description=sentence)
        _common(one)
        if add := getattr(module, "options", None):
            add(one)
        if short:
            one.set_defaults(**getattr(module, "SHORT", {}))
    everything = proofs.add_parser("all", help=_ALL)
    _common(everything)
    everything.add_argument(
        "--at-once", type=int, help=f"how many side by side (1; of the short ones {_SHORT_AT_ONCE})"
    )
    return parser


def _common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--seed", type=int, default=1, help="decides everything that is left to chance")
    parser.add_argument("--short", action="store_true", help="the same at a smaller size")
    parser.add_argument("--record", action="store_true", help="add the last line to tests/faults/results")
    parser.add_argument("--keep", action="store_true", help="keep the data folder with the logs")
    parser.add_argument("--loud", action="store_true", help="also print what the supervisor says")


async def _prove(name: str, options: argparse.Namespace) -> bool:
    """Whether nothing speaks against the promise."""
    folder = Path(tempfile.mkdtemp(prefix=f"hehuo-{name}-"))
    given = Given(name, options.seed, random.Random(f"{name}/{options.seed}"), options, folder)
    verdict = Verdict()
    try:
        await _load(name).prove(given, verdict)
    except Exception as error:  # noqa: BLE001 - whatever it is, it speaks against the promise
        verdict.blame(_sentences(error))
    finally:
        if options.keep:
            given.say(f"its folder is kept: {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)
    last = verdict.show(given)
    if options.record:
        campaign.keep((last,))
    return not verdict.fails


def _sentences(error: Exception) -> list[str]:
    """What failed, in words; with the place, when it is not something that a broken promise leads to."""
    if isinstance(error, ExceptionGroup):
        return [sentence for one in error.exceptions for sentence in _sentences(one)]
    if not isinstance(error, _FAILURES):
        traceback.print_exception(error)
    return [f"{type(error).__name__}: {error}"]


async def _run(options: argparse.Namespace) -> bool:
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None
    loop.add_signal_handler(signal.SIGTERM, task.cancel)  # as Ctrl-C does: everything is cleared away
    if options.name == "all":
        return await _prove_all(options)
    return await _prove(options.name, options)


async def _prove_all(options: argparse.Namespace) -> bool:
    wanted = [name for name in NAMES if name not in NEEDS_CONTAINERS]
    seeds = {name: 1 if options.short else SEEDS.get(name, 1) for name in wanted}
    runs = [campaign.Run(name, options.seed + n) for name in wanted for n in range(seeds[name])]
    more = [f"--{word}" for word in ("short", "keep", "loud") if getattr(options, word)]
    kept = await campaign.prove_all(runs, more, options.at_once or (_SHORT_AT_ONCE if options.short else 1))
    if options.record or not options.short:
        print(f"kept in {campaign.keep(run.verdict for run in runs)}")
    return kept


def _list() -> None:
    width = max(map(len, NAMES))
    for name in NAMES:
        print(f"  {name:<{width}}  {(_load(name).__doc__ or '').splitlines()[0]}")
    print(f"  {'all':<{width}}  {_ALL}")


def main(arguments: list[str] | None = None) -> int:
    """0 when the promise was kept."""
    options: Any = _parser().parse_args(arguments)
    if getattr(options, "short", False):
        options = _parser(short=True).parse_args(arguments)
    if options.name is None:
        _list()
        return 0
    logging.getLogger("nats").setLevel(
        logging.CRITICAL
    )  # it prints lost connections, which are what we make here
    with contextlib.suppress(KeyboardInterrupt, asyncio.CancelledError):
        return 0 if asyncio.run(_run(options)) else 1
    print(f"{options.name}: stopped")
    return 130


if __name__ == "__main__":
    sys.exit(main())
