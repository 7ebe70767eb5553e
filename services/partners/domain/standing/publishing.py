"""What everybody may see of partners: of the whole jurisdiction, whole months that are over, once and for all.

No area below it, no other period and nothing of now is shown beside these, and what is shown of several months is the
sum of what was published of each: whatever anybody adds or takes off is made of cells that may be seen themselves.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from services.partners.domain.standing.impact import CATEGORY, FIGURES
from services.partners.domain.standing.rules import EVENT, Event
from services.partners.domain.standing.score import VERDICTS, Counts

_ALONE = (Event.FULFILLED, Event.GIVEN_BACK, Event.LOST)


def published(its: Mapping[str, int], least: int) -> dict[str, int]:
    """Of what happened to a partner in a month and what its work came to, what may be shown; nothing if few judged.

    Each cell, and what is left of a whole without it, is of none or of `least`; and no verdict is that of all.
    """
    counts = counts_of(its)
    said = [counts[event] for event in VERDICTS]
    if sum(said) < least:
        return {}
    shown: list[Event] = [event for event in _ALONE if _enough(least, counts[event])]
    if max(said) < sum(said) and _enough(least, *said):
        shown += VERDICTS
    whole, on_time, late = (counts[event] for event in (Event.FULFILLED, Event.ON_TIME, Event.LATE))
    if _enough(least, on_time, late, whole - on_time, whole - late, whole - on_time - late):
        shown += (Event.ON_TIME, Event.LATE)
    return {f"{EVENT}{event.value}": counts[event] for event in shown if counts[event]} | _work(its, least)


def counts_of(its: Mapping[str, int]) -> Counts:
    return Counter({event: its.get(f"{EVENT}{event.value}", 0) for event in Event})


def _work(its: Mapping[str, int], least: int) -> dict[str, int]:
    if its.get("orders", 0) < least:
        return {}
    categories = {name: n for name, n in its.items() if name.startswith(CATEGORY)}
    figures = {name: its[name] for name in FIGURES if name in its}
    return figures | categories if _enough(least, *categories.values()) else figures


def _enough(least: int, *cells: int) -> bool:
    return all(n == 0 or abs(n) >= least for n in cells)
