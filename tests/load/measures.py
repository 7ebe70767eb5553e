"""The passes: in each, everything that is wanted, with each size stored, one after the other.

A pass of one size: the system with intake alone, then whole, then dispatch alone with one and with three processes.
Each is started anew on the same data, and what came into the lists meanwhile is taken out again, so that the next
finds what this one found. L and F are taken right beside what is compared with them.
"""

from __future__ import annotations

import argparse
import contextlib
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from tests.load import machine, seed
from tests.load.clocks import clocks
from tests.load.figures import Seen, Table
from tests.load.floor import against, floor, measure_floor
from tests.load.goals import GROWTH
from tests.load.idle import at_rest
from tests.load.lives import whole_lives
from tests.load.pages import pages, rankings
from tests.load.place import EVERYTHING, Bench, opened
from tests.load.post import post
from tests.load.queries import Shape, growing, shapes
from tests.load.race import claim_race, placed_to_queue
from tests.load.recipe import Recipe, record

Measure = Callable[[Bench], Awaitable[list[Seen]]]

# In this order: what needs calm comes first, what leaves most behind last.
WHOLE: Mapping[str, Measure] = {
    "rest": at_rest, "pages": pages, "ranking": rankings, "queue": placed_to_queue, "race": claim_race,
    "lives": whole_lives, "post": post,
}  # fmt: skip
NAMES = ("alone", *WHOLE, "floor", "clocks", "queries")
_ALONE = ("mongod", "nats", "gateway", "intake")
_CLOCKS = ("mongod", "nats", "dispatch")


class Outcome(NamedTuple):
    failures: list[str]  # what could not be measured, and why
    table: Table
    seeds: list[dict[str, Any]]
    recipe: dict[str, Any]
    queries: dict[int, list[Shape]]  # by how many were stored
    growing: list[tuple[Shape, Shape]]


class Run:
    """One run. `folder` holds the data of each size, of F, and of where the patterns were made."""

    def __init__(self, folder: Path, wanted: argparse.Namespace) -> None:
        self._folder = folder
        self._wanted = wanted
        self._what = set(wanted.only or NAMES)
        self._table = Table()
        self._seeds: list[dict[str, Any]] = []
        self._recipe: Recipe | None = None
        self._failures: list[str] = []
        self._begun = time.monotonic()

    def say(self, text: str) -> None:
        print(f"{time.monotonic() - self._begun:7.1f} s  {text}", flush=True)

    async def measure(self) -> Outcome:
        """All that is wanted."""
        await self._prepare()
        for number in range(1, self._wanted.passes + 1):
            for stored in self._wanted.stored:
                await self._pass(number, stored)
        queries: dict[int, list[Shape]] = {}
        if "queries" in self._what:
            for stored in self._wanted.stored:
                self.say(f"every query, {stored:,} stored")
                with self._noting("every query"):
                    async with opened(self._data(stored), self._wanted, stored=stored) as bench:
                        queries[stored] = await shapes(bench)
        sizes = sorted(queries)
        grown = growing(queries[sizes[0]], queries[sizes[-1]], GROWTH) if len(sizes) > 1 else []
        summary = self._recipe.summary() if self._recipe else {}
        return Outcome(self._failures, self._table, self._seeds, summary, queries, grown)

    @contextlib.contextmanager
    def _noting(self, what: str) -> Iterator[None]:
        """One measurement that fails must not cost all the others; it is said, and the run fails in the end."""
        try:
            yield
        except Exception as error:  # noqa: BLE001 - whatever it was
            self._failures.append(f"{what}: {type(error).__name__}: {str(error)[:600]}")
            self.say(f"FAILED {self._failures[-1]}")

    def _data(self, stored: int) -> Path:
        return self._folder / f"stored-{stored}"

    # ---------------------------------------------------------------- before anything is measured

    async def _prepare(self) -> None:
        """Play the lives that everything is copied from, and fill a system for each size."""
        missing = []
        for stored in self._wanted.stored:
            about = seed.remembered(self._data(stored), self._as_wanted(stored))
            if about is None:
                missing.append(stored)
            else:
                self.say(f"{stored:,} stored are there already: {about}")
                self._seeds.append({**about, "kept from before": True})
        if not missing and "floor" not in self._what:
            return
        self.say("playing the lives that everything is copied from")
        async with opened(self._folder / "patterns", self._wanted) as bench:
            if "floor" in self._what:
                self._recipe = await record(bench)
                self.say(f"a life: {self._recipe.summary()}")
            made = await seed.moulds(bench) if missing else {}
        for stored in missing:
            self.say(f"filling in {stored:,}")
            seed.cleared(self._data(stored))
            async with opened(self._data(stored), self._wanted) as bench:
                about = await seed.fill(bench, stored, made, self.say)
            self._seeds.append(about)
            seed.remember(self._data(stored), self._as_wanted(stored), about)

    def _as_wanted(self, stored: int) -> dict[str, Any]:
        """What a folder must have been filled with to be used again."""
        return {
            "stored": stored, "seed": self._wanted.seed, "partners": self._wanted.partners,
            "commit": machine.about()["commit"],
        }  # fmt: skip

    # ---------------------------------------------------------------- one pass

    async def _pass(self, number: int, stored: int) -> None:
        data, place = self._data(stored), f"pass {number}, {stored:,} stored"

        async def see(bench: Bench, name: str, measure: Measure) -> None:
            begun = time.monotonic()
            with self._noting(f"{place}: {name}"):
                self._table.add(number, stored, await measure(bench))
            self.say(f"{place}: {name} in {time.monotonic() - begun:.0f} s")

        if "alone" in self._what:
            with self._noting(place):
                async with opened(data, self._wanted, stored=stored, only=_ALONE) as bench:
                    await see(bench, "POST, intake alone", post)
        if self._what & {*WHOLE, "floor"}:
            with self._noting(place):
                begun = time.monotonic()
                async with opened(data, self._wanted, stored=stored, only=EVERYTHING) as bench:
                    self._table.add(
                        number, stored, [Seen("start of everything", time.monotonic() - begun, "s")]
                    )
                    for name, measure in WHOLE.items():
                        if name == "lives" and "floor" in self._what:
                            await see(bench, "lives and F", self._beside_floor)
                        elif name in self._what:
                            await see(bench, name, measure)
                        await bench.settled()
        for processes in (1, 3) if "clocks" in self._what else ():
            with self._noting(place):
                replicas = {"dispatch": processes}
                async with opened(
                    data, self._wanted, stored=stored, only=_CLOCKS, replicas=replicas
                ) as bench:
                    await see(bench, f"clocks, {processes} processes", clocks)

    async def _beside_floor(self, bench: Bench) -> list[Seen]:
        """Lives, and F right after them."""
        assert self._recipe is not None
        real = await whole_lives(bench)
        async with floor(self._folder / "floor", bench, self._recipe) as its:
            bare = await measure_floor(its, bench.wanted.lives, bench.wanted.callers)
        return [*real, *bare, *against(real, bare)]
