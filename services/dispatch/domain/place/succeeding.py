"""Whoever has a dispatch in hand, or is waited for, by the name that they have where it lies now."""

from __future__ import annotations

import re
from typing import Any

from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.duty import at_least
from services.dispatch.domain.ground.territory import Found
from services.dispatch.domain.states import Clock, Level

# clocks of one unit among several, and their reminders
_OF_UNIT = re.compile(rf"((?:{Clock.REMINDER}/)?(?:{Clock.UNIT}|{Clock.DEADLINE})/)(.+)")


def followed(dispatch: Dispatch, found: Found) -> Dispatch:
    """It lies there, and goes on as it was: each level of the area before is that level of the area now.

    Persons and departments stay who they are, and what was done stays with who did it.
    """
    names = {level.of(dispatch.area): level.of(found.area) for level in Level}

    def now(unit: Any) -> Any:
        return names.get(unit, unit)

    whistle, supervision = dispatch.whistle, dispatch.supervision
    if whistle is not None:
        whistle = whistle.but(units=tuple(one.but(unit=now(one.unit)) for one in whistle.units))
    watched = dispatch.supervisions
    if supervision is not None:
        watched = (*watched[:-1], supervision.but(unit=now(supervision.unit)))

    def renamed(clock: str) -> str:
        of_unit = _OF_UNIT.fullmatch(clock)
        return f"{of_unit[1]}{now(of_unit[2])}" if of_unit else clock

    return dispatch.but(
        area=found.area,
        in_no_grid=found.in_no_grid,
        territory_version=found.version,
        level=at_least(dispatch.level, Level.COMMUNITY) if found.in_no_grid else dispatch.level,
        assigned_to=now(dispatch.assigned_to),
        handled_by=now(dispatch.handled_by),
        lead=now(dispatch.lead),
        whistle=whistle,
        tasks=tuple(one.but(unit=now(one.unit)) if one.ended is None else one for one in dispatch.tasks),
        supervisions=watched,
        due={renamed(clock): at for clock, at in dispatch.due.items()},
        spans={renamed(clock): span for clock, span in dispatch.spans.items()},
    )
