"""What of an event each reader is shown: the one place that says so, for the history, the record and whatever comes.

The staff of the area see all of it. A department sees what is named here: a field that nobody has named is hidden, and
a test of the contracts fails until somebody has.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.dispatch.queries.views import HappenedOut
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
HIDDEN = frozenset(
    {"own_of", "households", "original"}
)  # who ordered it; flats that bear a share; another order
COUNTED = frozenset({"round_opened", "round_closed"})  # here `households` is how many there are
_NAMED = frozenset({*STAFF, Role.DEPARTMENT, Role.SYSTEM})  # whose id is one of an office


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
