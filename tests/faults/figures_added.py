"""What all orders add up to, by area and period."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime

from shared.caller import above
from tests.faults.figures_told import Order


class Told:
    """What all orders add up to, by area and period."""

    def __init__(self, orders: Sequence[Order]) -> None:
        self._by_area: dict[str, list[tuple[Order, Counter[str], Counter[str]]]] = defaultdict(list)
        for one in orders:
            row = (one, one.rates(), one.figures())
            for area in above(one.area):
                self._by_area[area].append(row)
        self.areas = sorted(self._by_area)

    def rates(
        self,
        area: str,
        since: datetime,
        until: datetime,
        category: str | None = None,
        department: str | None = None,
    ) -> Counter[str]:
        total: Counter[str] = Counter()
        for one, rates, _ in self._by_area[area]:
            same = category in (None, one.category) and department in (None, one.department)
            if same and since <= one.placed < until:
                total.update(rates)
        return total

    def figures(self, area: str, since: datetime, until: datetime) -> Counter[str]:
        total: Counter[str] = Counter()
        for one, _, figures in self._by_area[area]:
            if since <= one.placed < until:
                total.update(figures)
        return total
