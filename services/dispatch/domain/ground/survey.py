"""What can be wrong with areas together: missing parents, what sticks out of its parent, what overlaps.

Nothing is taken over while there is a fault. A sliver of some square metres is none: neighbours that were drawn apart
seldom meet to the centimetre.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import shapely

from services.dispatch.domain.ground.area import BUILDING, Area, Fault, metres_per_degree
from services.dispatch.domain.states import Level
from shared.problems import RuleBroken

_SHOWN = 20
_MOST_FAULTS = 1000  # that are looked for; a territory with so many is wrong as a whole
_AT_ONCE = 32  # shapes that are held against all others

# What one import may have: to check it must not cost more than it is worth. The points of one area count twice over,
# for whether it crosses itself is in the worst case asked of each pair of them.
MOST_FEATURES = 25_000
MOST_POINTS = 500_000
MOST_POINTS_OF_ONE = 10_000
_MOST = {"features": MOST_FEATURES, "points": MOST_POINTS, "points_of_one": MOST_POINTS_OF_ONE}
# How often each of these can stand in a text that has no more.
_SIGNS = ((b"{", 5 * MOST_FEATURES), (b"[", MOST_POINTS + 5 * MOST_FEATURES), (b",", 4 * MOST_POINTS))


class TerritoryFaulty(RuleBroken):
    """The territory has faults; nothing of it was taken over."""


class TooMuchToCheck(RuleBroken):
    """The territory has more in it than can be checked at once; bring it street by street, or with fewer points."""

    status = 413


def must_be_affordable(document: bytes) -> None:
    """Looks at the text alone, before anything is made of it. Raises TooMuchToCheck."""
    for sign, most in _SIGNS:
        found = document.count(sign)
        if found > most:
            raise TooMuchToCheck(f"{found} times {sign.decode()}", most=_MOST)


def must_be_bounded(features: Sequence[Any]) -> None:
    """Raises TooMuchToCheck."""
    if len(features) > MOST_FEATURES:
        raise TooMuchToCheck(f"{len(features)} features", most=_MOST)
    points = [_points_of(feature) for feature in features]
    if max(points, default=0) > MOST_POINTS_OF_ONE:
        raise TooMuchToCheck(f"feature {points.index(max(points)) + 1} has {max(points)} points", most=_MOST)
    if sum(points) > MOST_POINTS:
        raise TooMuchToCheck(f"{sum(points)} points", most=_MOST)


def _points_of(feature: Any) -> int:
    try:
        parts = feature["geometry"]["coordinates"]
        parts = [parts] if feature["geometry"]["type"] == "Polygon" else parts
        return sum(len(ring) for part in parts for ring in part)
    except (TypeError, KeyError):  # a point, nothing, or nonsense, which is found to be a fault
        return 0


def must_be_sound(faults: Sequence[Fault]) -> None:
    """Raises TerritoryFaulty with the first faults, and how many there are."""
    if faults:
        first = [
            {name: value for name, value in fault._asdict().items() if value not in (None, "")}
            for fault in faults[:_SHOWN]
        ]
        one = faults[0]
        raise TerritoryFaulty(f"{one.code}: {one.fault}", faults=first, count=len(faults))


def faults_among(areas: Sequence[Area], *, jurisdiction: str, sliver: float) -> list[Fault]:
    """Everything that does not go together. `sliver`: m² that may overlap or stick out."""
    faults = [
        Fault(code, "twice", f"it stands there {times} times")
        for code, times in Counter(area.code for area in areas).items()
        if times > 1
    ]
    by_code = {area.code: area for area in areas}
    faults += [
        Fault(code, "no_parent", "the area that it lies in is missing", _parent(code))
        for code in by_code
        if "/" in code and _parent(code) not in by_code
    ]
    faults += [
        Fault(code, "foreign", f"the district is {jurisdiction}")
        for code in by_code
        if "/" not in code and code != jurisdiction
    ]
    if jurisdiction not in by_code:
        faults.append(Fault(jurisdiction, "missing", "the district itself is not there"))
    if not any(area.kind == Level.GRID for area in areas):
        faults.append(Fault(jurisdiction, "no_grid", "there must be at least one grid"))
    if faults:
        return faults  # the rest would only say the same again
    to_plane = _plane(by_code[jurisdiction].shape)
    shapes = {area.code: shapely.transform(area.shape, to_plane) for area in areas if area.shape is not None}
    return [*_outside(by_code, shapes, sliver), *_overlaps(by_code, shapes, sliver)]


def _parent(code: str) -> str:
    return code.rpartition("/")[0]


def _plane(district: Any) -> Any:
    _, south, _, north = district.bounds
    metres = metres_per_degree((south + north) / 2)
    return lambda degrees: degrees * metres


def _outside(by_code: Mapping[str, Area], shapes: Mapping[str, Any], sliver: float) -> list[Fault]:
    """What does not lie in the next area above whose shape is known."""
    pairs: list[tuple[str, str]] = []
    for code in shapes:
        above = _parent(code)
        while above and above not in shapes:
            above = _parent(above)
        if above:
            pairs.append((code, above))
    for _, above in pairs:
        shapely.prepare(shapes[above])
    inner = [shapes[code] for code, _ in pairs]
    outer = [shapes[above] for _, above in pairs]
    faults = []
    for pair, covered in zip(pairs, shapely.covers(outer, inner), strict=True):
        if covered:
            continue
        code, above = pair
        if by_code[code].kind == BUILDING:
            faults.append(Fault(code, "outside_parent", "the building does not stand there", above))
            continue
        sticks_out = float(shapely.difference(shapes[code], shapes[above]).area)
        if sticks_out > sliver:
            faults.append(Fault(code, "outside_parent", "it sticks out", above, round(sticks_out, 1)))
    return faults


def _overlaps(by_code: Mapping[str, Area], shapes: Mapping[str, Any], sliver: float) -> list[Fault]:
    """Areas of the same kind that lie upon one another."""
    faults = []
    for kind in (Level.STREET, Level.COMMUNITY, Level.GRID):
        codes = sorted(code for code in shapes if by_code[code].kind == kind)
        if not codes:
            continue
        plane = [shapes[code] for code in codes]
        tree = shapely.STRtree(plane)
        for first in range(0, len(plane), _AT_ONCE):
            pairs = tree.query(plane[first : first + _AT_ONCE], predicate="intersects").T.tolist()
            pairs = [(first + one, other) for one, other in pairs if first + one < other]
            common = shapely.intersection(
                [plane[one] for one, _ in pairs], [plane[other] for _, other in pairs]
            )
            for (one, other), metres in zip(pairs, shapely.area(common).tolist(), strict=True):
                if metres > sliver:
                    faults.append(
                        Fault(codes[one], "overlaps", "both cover it", codes[other], round(metres, 1))
                    )
            if len(faults) > _MOST_FAULTS:
                return faults
    return faults
