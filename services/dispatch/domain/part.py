"""What a department has to do with a dispatch: it has a part now, or had one until an event, or never had any.

With a part it reads what the work needs. When the part is over it reads what it needs to answer for what it did: its
own part, and what was told until then. A refusal ends the part; who is overruled has it again, and reads all since.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.ladder.record import Whistle
from services.dispatch.domain.worklist import found_by, is_with
from shared.caller import Caller

# Of the dispatch itself, whoever had a part in it goes on reading this.
KEPT = frozenset({
    "state", "level", "area", "in_no_grid", "territory_version", "title", "kind", "category", "urgency", "longitude",
    "latitude", "opened_at", "close_by", "closed_at", "outcome",
})  # fmt: skip
BLANK = Dispatch()


class Part(NamedTuple):
    """`until`: the number of the last event that it reads."""

    now: bool
    until: float


def part_of(dispatch: Dispatch, department: str | None) -> Part | None:
    """None: it was never asked, or by mistake."""
    if department is None or department not in dispatch.departments:
        return None
    if is_with(found_by(dispatch), department):
        return Part(now=True, until=math.inf)
    return Part(now=False, until=dispatch.read_until.get(department, 0))


def parts_ended(before: Dispatch, after: Dispatch, last: int) -> Dispatch:
    """The same; whose part is over with what was decided reads until its `last` event."""
    if after is before or not after.departments:
        return after
    had, has = found_by(before), found_by(after)
    known = before.departments
    over = {
        one: last
        for one in after.departments
        if not is_with(has, one) and (one not in known or is_with(had, one))
    }
    return after.but(read_until={**after.read_until, **over}) if over else after


def with_officer(dispatch: Dispatch, by: Caller) -> Dispatch:
    """The same; for which department this officer acted is known, and so what to call them."""
    if by.department is None or dispatch.officers.get(by.id) == by.department:
        return dispatch
    return dispatch.but(officers={**dispatch.officers, by.id: by.department})


def own_part(dispatch: Dispatch, department: str) -> Dispatch:
    """What is left of it for a department whose part is over; of all else it is blank."""
    whistles = tuple(
        _called(one, department)
        for one in (*dispatch.earlier_whistles, *([dispatch.whistle] if dispatch.whistle else ()))
        if any(unit.unit == department for unit in one.units)
    )
    referrals = tuple(one for one in dispatch.referrals if one.department == department)
    return BLANK.but(
        **{name: getattr(dispatch, name) for name in KEPT},
        departments=(department,),
        referrals=referrals,
        refusals=sum(one.accepted is False and one.recalled is None for one in referrals),
        tasks=tuple(one for one in dispatch.tasks if one.unit == department),
        whistle=whistles[-1] if whistles else None,
        earlier_whistles=whistles[:-1],
        whistles=len(whistles),
        supervisions=tuple(one for one in dispatch.supervisions if one.unit == department),
        bound=tuple(one for one in dispatch.bound if one == department),
        done_by=tuple(one for one in dispatch.done_by if one == department),
    )


def _called(whistle: Whistle, department: str) -> Whistle:
    """With its own answer; how it ended is the matter of who called."""
    own = tuple(one for one in whistle.units if one.unit == department)
    return whistle.but(
        units=own,
        answered_by=None,
        answered_at=None,
        measures="",
        contacted="",
        deadline=None,
    )
