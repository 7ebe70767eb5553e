"""Areas that go: what lies in them, and who still names them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from services.dispatch.domain.ground.routing import Rule
from services.dispatch.domain.ground.staff import Person
from services.dispatch.domain.ground.territory import Territory
from services.dispatch.domain.states import Level
from shared.caller import above, lies_in
from shared.entry import Kept
from shared.problems import RuleBroken

_SHOWN = 500


class OrdersStandInTheWay(RuleBroken):
    """Orders lie in areas that would be gone, and nobody said what comes after them.

    `areas`: how many in which state, by area. Name the `successors`, or draw grids where the orders lie.
    """


class Left(Kept):
    """Of areas that are gone: people by id, and routing rules by id, that still name one. They wait to be changed."""

    areas: tuple[str, ...] = ()
    staff: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()


def outermost(before: Territory, after: Territory) -> list[str]:
    """Areas that were there and are no more, without those that lay in one of them; buildings are none."""
    most = len(Level)
    gone = {code for code in before.areas if code not in after.areas and code.count("/") < most}
    return sorted(code for code in gone if not gone.intersection(above(code)[:-1]))


class Standing:
    """Counts what would lie nowhere."""

    def __init__(self) -> None:
        self._areas: dict[str, Counter[str]] = {}

    def note(
        self,
        after: Territory,
        *,
        area: str,
        state: str,
        longitude: float,
        latitude: float,
        in_no_grid: bool = False,
    ) -> None:
        """It has a place if its area has a named successor, or its point a grid; what never had a grid needs none."""
        if in_no_grid or after.successor_of(area) is not None:
            return
        if after.find(longitude, latitude).in_no_grid:
            self._areas.setdefault(area, Counter())[state] += 1

    def must_be_none(self) -> None:
        """Raises OrdersStandInTheWay."""
        if self._areas:
            count = sum(found.total() for found in self._areas.values())
            shown = {area: dict(self._areas[area]) for area in sorted(self._areas)[:_SHOWN]}
            raise OrdersStandInTheWay(f"{count} orders in {len(self._areas)} areas", areas=shown, count=count)


def left_behind(gone: Sequence[str], people: Sequence[Person], rules: Sequence[Rule]) -> Left:
    """Who names an area that is gone."""

    def is_gone(path: str | None) -> bool:
        return path is not None and any(lies_in(path, area) for area in gone)

    return Left(
        areas=tuple(gone[:_SHOWN]),
        staff=tuple(sorted(one.id for one in people if is_gone(one.area))),
        rules=tuple(one.id for one in rules if is_gone(one.when.area)),
    )
