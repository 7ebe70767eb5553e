"""What everybody may see of partners: of the whole jurisdiction, whole months that are over, once and for all.

No area below it, no other period and nothing of now is shown beside these, and what is shown of several months is the
sum of what was published of each: whatever anybody adds or takes off is made of cells that may be seen themselves.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import combinations

from services.partners.domain.standing.impact import CATEGORY, FIGURES, OF, OWING
from services.partners.domain.standing.rules import EVENT, Event
from services.partners.domain.standing.score import VERDICTS, Counts

_ALONE = (Event.GIVEN_BACK, Event.LOST)  # a part of nothing that is shown


def published(its: Mapping[str, int], least: int) -> dict[str, int]:
    """Of what happened to a partner in a month and what its work came to, what may be shown; nothing if few judged.

    Each cell, and what is left of a whole without a part of it that is shown, is of none or of `least`; and no verdict
    is that of all. What comes first is shown, and hides what would tell too much beside it.
    """
    counts = counts_of(its)
    said = [counts[event] for event in VERDICTS]
    if sum(said) < least:
        return {}
    shown: list[Event] = [event for event in _ALONE if _enough(least, counts[event])]
    told: list[int] = []  # parts of what follows: so many were judged like this, were accepted, in time, late
    if max(said) < sum(said) and _enough(least, *said):
        shown += VERDICTS
        told += [sum(some) for many in (1, 2, 3) for some in combinations(said, many)]
    whole, on_time, late = (counts[event] for event in (Event.FULFILLED, Event.ON_TIME, Event.LATE))
    if _enough(least, *_left(whole, told)):
        shown.append(Event.FULFILLED)
        told.append(whole)
        if _enough(least, on_time, late, whole - on_time, whole - late, whole - on_time - late):
            shown += (Event.ON_TIME, Event.LATE)
            told += [on_time, late]
    events = {f"{EVENT}{event.value}": counts[event] for event in shown if counts[event]}
    return events | _work(its, told, least)


def counts_of(its: Mapping[str, int]) -> Counts:
    return Counter({event: its.get(f"{EVENT}{event.value}", 0) for event in Event})


def _work(its: Mapping[str, int], told: Iterable[int], least: int) -> dict[str, int]:
    """Money, hours and whatever else of so many orders is shown if enough of these have some."""
    orders = its.get("orders", 0)
    if orders < least or not _enough(least, *_left(orders, told)):
        return {}
    figures = {"orders": orders} | {name: its[name] for name in FIGURES if _is_of_enough(its, name, least)}
    categories = {name: n for name, n in its.items() if name.startswith(CATEGORY)}
    return figures | categories if _enough(least, *categories.values()) else figures


def _is_of_enough(its: Mapping[str, int], name: str, least: int) -> bool:
    having = its.get(f"{OF}{name}", 0)
    if name == "households":  # one of each order at least: what is above that is of those with more
        return name in its and _enough(least, having) and (having > 0 or its[name] == its["orders"])
    if name == "fen_received" and not _enough(least, its.get(f"{OF}{OWING}", 0)):
        return False  # beside what was pledged
    return having >= least


def _left(whole: int, parts: Iterable[int]) -> list[int]:
    """The whole, and what is left of it without each of these."""
    return [whole, *(whole - part for part in parts)]


def _enough(least: int, *cells: int) -> bool:
    return all(n == 0 or abs(n) >= least for n in cells)
