"""What a benchmark says: one row of its table."""

from __future__ import annotations

from typing import NamedTuple


class Figure(NamedTuple):
    what: str
    seen: str
    goal: str = ""
    met: bool | None = None


def percentile(values: list[float], part: float) -> float:
    """The value below which this part of the values lies; 0.5 is the median."""
    return sorted(values)[min(len(values) - 1, int(len(values) * part))]
