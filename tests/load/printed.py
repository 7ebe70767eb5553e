"""The tables that people read; everything behind them is in the file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rich.console import Console
from rich.table import Table as Printed

from tests.load.figures import Row, Table
from tests.load.goals import GOALS, GROWTH
from tests.load.measures import Outcome
from tests.load.queries import Shape

_SHOWN = 25  # queries
_REAL, _COUNTED, _BARE, _REST = "CPU of a life, ", "a life, ", "F, ", "at rest, "
_MET = {True: "yes", False: "NO", None: ""}


def show(console: Console, outcome: Outcome, sizes: list[int], title: str) -> None:
    """One table of what is wanted for each size, one of what a life consists of, growth, and the queries."""
    for stored in sizes:
        rows = [row for row in outcome.table.rows.values() if row.stored == stored]
        _main(console, rows, f"{title}; {stored:,} stored")
        _life(console, {row.what: row for row in rows}, f"one life, {stored:,} stored")
    if outcome.recipe:
        console.print(
            f"F does for each life what a real one was seen to do: {outcome.recipe}", highlight=False
        )
    if len(sizes) > 1:
        _growth(console, outcome.table, sizes)
    for stored, some in outcome.queries.items():
        wasteful = [one for one in some if one.wasteful]
        _queries(console, wasteful, f"examine many more than they return; {stored:,} stored")
    _queries(
        console, [much for _, much in outcome.growing], f"examine more when more is stored: {sizes[-1]:,}"
    )


def _main(console: Console, rows: Iterable[Row], title: str) -> None:
    printed = Printed("what", "median", "from … to", "unit", "goal", "met", title=title)
    rest = []
    for row in rows:
        if row.what.startswith((_REAL, _COUNTED, _BARE)):
            continue
        if row.what.startswith(_REST) and not row.goal:
            rest.append(f"{row.what.removeprefix(_REST).removeprefix('CPU of ')} {row.median:.3g}")
            continue
        values = row.passes.values()
        spread = f"{min(values):,.4g} … {max(values):,.4g}"
        printed.add_row(row.what, f"{row.median:,.4g}", spread, row.unit, row.goal, _MET[row.met])
    if printed.row_count:
        console.print(printed)
    if rest:
        console.print(f"at rest, ms and times a second: {', '.join(rest)}", highlight=False)


def _life(console: Console, rows: Mapping[str, Row], title: str) -> None:
    """Beside one another: a life, and F."""
    printed = Printed("", "a life", "F", "a life / F", title=title)
    names = [what for what in rows if what.startswith((_REAL, _COUNTED))]
    for what in ("CPU of a life", *names):
        name = what.removeprefix(_REAL).removeprefix(_COUNTED)
        real, bare = rows.get(what), rows.get("F" if what == "CPU of a life" else _BARE + name)
        if real is not None:
            text = f"CPU of {name}, ms" if what.startswith(_REAL) else name
            ratio = f"{real.median / bare.median:.2f}" if bare is not None and bare.median else ""
            printed.add_row(text, f"{real.median:,.4g}", f"{bare.median:,.4g}" if bare else "", ratio)
    if printed.row_count:
        console.print(printed)


def _growth(console: Console, table: Table, sizes: list[int]) -> None:
    title = f"times as dear with {sizes[-1]:,} stored as with {sizes[0]:,}"
    printed = Printed("what", "median", "from … to", f"<= {GROWTH}", title=title)
    for one in table.growth(sizes[0], sizes[-1]):
        if one.what.startswith((_BARE, _COUNTED)) or " / F" in one.what or "F without" in one.what:
            continue
        if one.what.startswith(_REST) and one.what not in GOALS:
            continue
        kept = "" if one.what == "F" else _MET[one.median <= GROWTH]
        what = "F (nothing is stored there: this is the machine)" if one.what == "F" else one.what
        printed.add_row(what, f"{one.median:.2f}", f"{one.least:.2f} … {one.most:.2f}", kept)
    if printed.row_count:
        console.print(printed)


def _queries(console: Console, some: list[Shape], title: str) -> None:
    heads = ("service", "query", "documents", "keys", "returned", "ms", "seen", "plan")
    printed = Printed(*heads, title=title)
    for one in some[:_SHOWN]:
        printed.add_row(
            one.service, one.what, f"{one.examined:,}", f"{one.keys:,}", f"{one.returned:,}", f"{one.millis:,}",
            str(one.seen), one.plan,
        )  # fmt: skip
    if printed.row_count:
        console.print(printed)
