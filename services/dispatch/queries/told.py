"""What of an event each reader is shown: the one place that says so, for the history, the record and whatever comes.

The staff of the area see all of it. A department sees what is named here: a field that nobody has named is hidden, and
a test of the contracts fails until somebody has. What speaks of households it is shown neither here nor of a round.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import BaseModel

from shared.caller import STAFF, Caller, Role

SHOWN = frozenset({
    "absent", "accepted", "agreed", "allocation", "amount", "answer_by", "area", "binds", "by_silence",
    "calls", "category", "cause", "change", "clock", "close_by", "co_units", "consenting", "contacted", "cost",
    "deadline", "decided_by", "department", "done_by", "due", "ended", "ends", "exclusive", "from_area",
    "from_level", "gap", "how", "in_no_grid", "in_time", "kind", "late", "latest", "latitude", "level",
    "limit", "lines", "longitude", "measures", "name", "note", "number", "objections", "offer", "offered_to",
    "outcome", "partners", "passed", "proposal", "question", "reason", "refusals", "result", "reworks",
    "round", "rule", "shares", "stands", "subsidies", "successor", "taken", "text", "title",
    "to", "to_level", "unit", "units", "until", "upheld", "urgency", "waiting",
})  # fmt: skip
# Who discussed and who objects, what was said, and the papers: by the name of the field, and what stands there instead.
OF_HOUSEHOLDS: Mapping[str, Any] = {"households": None, "household": None, "minutes": "", "documents": []}
HIDDEN = frozenset({"own_of", "original", *OF_HOUSEHOLDS})  # also who ordered it, and another order
COUNTED = frozenset({"round_opened", "round_closed"})  # here `households` is how many there are
_NAMED = frozenset({*STAFF, Role.DEPARTMENT, Role.SYSTEM})  # whose id is one of an office


class ByOut(BaseModel):
    """`id` of staff, departments and the system; of anybody else it is for the staff of the area."""

    role: str
    id: str | None


class HappenedOut(BaseModel):
    """One thing that happened, as it was told to the other services. `by` did it, for whom they stood in for.

    A department is not shown all of `data`.
    """

    n: int
    type: str
    at: datetime
    by: ByOut
    stands_in_for: str | None = None  # id of who was away, whose role `by` has
    data: dict[str, Any]


def of_households(caller: Caller, kind: type[BaseModel]) -> Mapping[str, Any]:
    """What this caller is shown instead of what such a form says of households."""
    if caller.role in STAFF:
        return {}
    return {name: instead for name, instead in OF_HOUSEHOLDS.items() if name in kind.model_fields}


def happened_for(event: Mapping[str, Any], caller: Caller) -> HappenedOut:
    """One event of a history, as this caller may read it."""
    happened = HappenedOut.model_validate(event)
    if caller.role in STAFF:
        return happened
    by, counted = happened.by, happened.type.partition(".")[0] in COUNTED
    shown = SHOWN | {"households"} if counted else SHOWN
    hidden = {} if by.role in _NAMED else {"id": None}
    return happened.model_copy(
        update={"data": _shown(happened.data, shown), "by": by.model_copy(update=hidden)}
    )


def _shown(data: Any, names: frozenset[str]) -> Any:
    """Parts of parts are named alike."""
    if isinstance(data, Mapping):
        return {name: _shown(value, names) for name, value in data.items() if name in names}
    return [_shown(one, names) for one in data] if isinstance(data, list) else data
