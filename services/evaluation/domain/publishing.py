"""What everybody may see of the rates: whole communities and above, whole months that are over, once and for all.

What is published is a tree of areas. Of each, its children that are published are taken off, and what is left over
must be showable too: then whatever anybody adds or takes off is made of these parts, and none tells of a few.
"""

from __future__ import annotations

from collections.abc import Mapping

from services.evaluation.domain.rates import Counts

_COMMUNITY = 3  # codes of an area path: district/street/community

# A whole, and a part of it: what is left over is as good as said.
_PARTS = (
    ("dispatched", "answer_due"),
    ("answer_due", "answered_in_time"),
    ("dispatched", "due"),
    ("due", "closed_in_time"),
    ("dispatched", "evaluated"),
    ("evaluated", "solved"),
    ("evaluated", "satisfied"),
    ("evaluated", "mostly"),
    ("evaluated", "unsatisfied"),
    ("dispatched", "lapsed"),
)
_OWN = frozenset({"withdrawn", "duplicates", "deferred"})  # of no rate: for the staff only
_VERDICTS = ("satisfied", "mostly", "unsatisfied")


def cells(counts: Counts) -> list[int]:
    """All numbers that these counts tell: themselves, and of each whole what is left over without its parts."""
    its = counts.model_dump()
    left = [its[whole] - its[part] for whole, part in _PARTS]
    content = its["satisfied"] + its["mostly"]
    unsaid = its["dispatched"] - its["evaluated"] - its["lapsed"]
    shown = [n for name, n in its.items() if name not in _OWN]
    return [*shown, *left, content - its["solved"], unsaid]


def showable(counts: Counts, least: int) -> bool:
    """Nothing in it is said of fewer than `least` orders, but of none; and no verdict is that of all."""
    said = [getattr(counts, name) for name in _VERDICTS]
    of_all = any(said) and max(said) == sum(said)
    return not of_all and all(n == 0 or n >= least for n in cells(counts))


def is_public(area: str) -> bool:
    """Whole communities, and what they lie in."""
    return area.count("/") < _COMMUNITY


def published(found: Mapping[str, Counts], least: int) -> dict[str, Counts]:
    """Those of these areas that may be shown, all of them or none below one that may not.

    The smallest of the children are held back until what is left over without them may be shown too.
    """
    below: dict[str, list[str]] = {}
    for area in filter(is_public, found):
        below.setdefault(area.rpartition("/")[0], []).append(area)
    shown: dict[str, Counts] = {}
    waiting = [area for area in below.get("", ()) if _something(found[area], least)]
    while waiting:
        area = waiting.pop()
        shown[area] = found[area]
        children = [one for one in below.get(area, ()) if _something(found[one], least)]
        children.sort(key=lambda one: (-(found[one].dispatched or 0), one))
        while children and not showable(_without(found[area], [found[one] for one in children]), least):
            children.pop()
        waiting += children
    unsaid = dict.fromkeys(_OWN)
    return {area: counts.model_copy(update=unsaid) for area, counts in shown.items()}


def _something(counts: Counts, least: int) -> bool:
    return bool(counts.dispatched) and showable(counts, least)


def _without(whole: Counts, parts: list[Counts]) -> Counts:
    left = whole.model_dump()
    for part in parts:
        for name, n in part.model_dump().items():
            left[name] -= n
    return Counts.model_validate(left)
