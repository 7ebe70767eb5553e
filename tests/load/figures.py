"""What a benchmark says: what was seen in each pass, the middle of it, how far it spreads, and what is wanted."""

from __future__ import annotations

import statistics
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from tests.load.goals import GOALS


class Seen(NamedTuple):
    """One value of one pass. `unit` says which way is better: of what is counted `/s` or in `x L` more is."""

    what: str
    value: float
    unit: str = ""
    note: str = ""


@dataclass(slots=True)
class Row:
    """One row of the table: a value for each pass in which it was measured, by the number of the pass."""

    what: str
    stored: int
    unit: str
    passes: dict[int, float] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    @property
    def median(self) -> float:
        return statistics.median(self.passes.values())

    @property
    def met(self) -> bool | None:
        """Whether the goal is met; None without one."""
        if (goal := GOALS.get(self.what)) is None:
            return None
        return self.median >= goal if more_is_better(self.unit) else self.median <= goal

    @property
    def goal(self) -> str:
        goal = GOALS.get(self.what)
        return "" if goal is None else f"{'>=' if more_is_better(self.unit) else '<='} {goal:g}"

    def as_json(self) -> dict[str, Any]:
        return {
            "what": self.what, "stored": self.stored, "unit": self.unit, "median": _short(self.median),
            "least": _short(min(self.passes.values())), "most": _short(max(self.passes.values())),
            "passes": [_short(value) for value in self.passes.values()],
            "goal": self.goal, "met": self.met, "notes": list(dict.fromkeys(self.notes)),
        }  # fmt: skip


class Growth(NamedTuple):
    """How much dearer something is with much stored than with little: 1 is the same, 2 is twice as dear."""

    what: str
    small: int
    large: int
    median: float
    least: float
    most: float


class Table:
    """All rows of a run, in the order in which they were first seen."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, int], Row] = {}

    def add(self, number: int, stored: int, seen: Iterable[Seen]) -> None:
        """What one pass saw. Seen twice in one pass, the latter counts."""
        for one in seen:
            row = self.rows.setdefault((one.what, stored), Row(one.what, stored, one.unit))
            row.passes[number] = one.value
            if one.note:
                row.notes.append(one.note)

    def growth(self, small: int, large: int) -> list[Growth]:
        """Of each row that was measured with both in one pass; a ratio for each pass, the median of them."""
        found = []
        for (what, stored), row in self.rows.items():
            other = self.rows.get((what, large))
            if stored != small or other is None or small == large:
                continue
            ratios = [
                _dearer(row.passes[number], other.passes[number], row.unit)
                for number in row.passes
                if other.passes.get(number) and row.passes[number]
            ]
            if ratios:
                found.append(Growth(what, small, large, statistics.median(ratios), min(ratios), max(ratios)))
        return found


def more_is_better(unit: str) -> bool:
    return unit.endswith(("/s", "x L"))


def _dearer(small: float, large: float, unit: str) -> float:
    return small / large if more_is_better(unit) else large / small


def _short(value: float) -> float:
    return float(f"{value:.4g}")


def percentile(values: list[float], part: float) -> float:
    """The value below which this part of the values lies; 0.5 is the median."""
    return sorted(values)[min(len(values) - 1, int(len(values) * part))]
