"""Where things are: the grid of a point, the community next to it, the names and the households of an area.

One version of the territory is one object that never changes: whoever reads it while the next one is put in its place
goes on with what it began with. It knows which area came after one that is no more, where that was said.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

import shapely

from services.dispatch.domain.ground.area import BUILDING, Area, Fault, metres_per_degree, read_areas
from services.dispatch.domain.ground.survey import faults_among, must_be_bounded, must_be_sound
from services.dispatch.domain.states import Level
from services.dispatch.domain.words import Name
from shared.caller import above, lies_in
from shared.problems import NotFound, RuleBroken


class Found(NamedTuple):
    """Where a point lies: the area path of its grid, or of the nearest community when it is in no grid.

    `version` is that of the territory it was found in, `community` the public name of the community.
    """

    area: str
    in_no_grid: bool = False
    version: int = 0
    community: str = ""


class OutsideTerritory(NotFound):
    """The place is outside the territory."""


class AreaUnknown(RuleBroken):
    """There is no such area in the territory."""


class Territory:
    """Built once of areas that go together (`surveyed`); a look-up costs some microseconds."""

    def __init__(
        self, areas: Iterable[Area], version: int = 0, successors: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        self.version = version
        self.successors = successors
        self.areas: Mapping[str, Area] = {area.code: area for area in sorted(areas, key=lambda one: one.code)}
        self._households = Counter[str]()
        for area in self.areas.values():
            for code in above(area.code):
                self._households[code] += area.properties.households
        self.grids = tuple(area for area in self.areas.values() if area.kind == Level.GRID)
        self._outline = next(iter(self.areas.values())).shape  # of the district: its path is the shortest
        shapely.prepare(self._outline)
        _, south, _, north = self._outline.bounds
        # A degree of longitude is shorter than one of latitude: without this, "nearest" would not be nearest.
        self._metres = metres_per_degree((south + north) / 2)
        self._tree = shapely.STRtree([shapely.transform(grid.shape, self._to_plane) for grid in self.grids])

    @classmethod
    def surveyed(
        cls, features: Sequence[Any], *, jurisdiction: str, sliver: float, version: int = 0
    ) -> Territory:
        """Of GeoJSON features that nobody has checked. Raises TerritoryFaulty, which names the first faults."""
        areas, faults = read_areas(features)
        must_be_sound(faults or faults_among(areas, jurisdiction=jurisdiction, sliver=sliver))
        return cls(areas, version)

    @classmethod
    def kept(cls, read: Mapping[str, Any], version: int) -> Territory:
        """As `body` wrote it, read again: it was checked before it was kept."""
        areas, faults = read_areas(read["features"])
        assert not faults, "what is kept was checked"
        return cls(areas, version, read.get("successors", {}))

    def body(self) -> bytes:
        """All of it, to be kept."""
        return collection(self.areas.values(), self.successors)

    def with_part(
        self,
        features: Sequence[Any],
        *,
        within: str,
        sliver: float,
        successors: Mapping[str, str] = MappingProxyType({}),
    ) -> Territory:
        """The next version: what lies in `within` is replaced by these features, the rest stays as it is.

        `successors`: which area comes after one that goes. The very same territory when nothing changes.
        Raises TerritoryFaulty, TooMuchToCheck.
        """
        must_be_bounded(features)
        areas, faults = read_areas(features)
        faults += [
            Fault(area.code, "foreign", f"only {within} is replaced")
            for area in areas
            if not lies_in(area.code, within)
        ]
        must_be_sound(faults)
        areas += [area for code, area in self.areas.items() if not lies_in(code, within)]
        must_be_sound(faults_among(areas, jurisdiction=self.code, sliver=sliver))
        if {area.code: area.feature for area in areas} == {
            code: area.feature for code, area in self.areas.items()
        }:
            return self
        return Territory(areas, self.version + 1, self._succeeded(areas, successors))

    def _succeeded(self, areas: Iterable[Area], named: Mapping[str, str]) -> Mapping[str, str]:
        """By area that is no more, the one that came after it; also of those before. Raises TerritoryFaulty."""
        there = {area.code for area in areas}
        gone = {**self.successors, **dict.fromkeys(self.areas)}.keys() - there
        must_be_sound(
            [
                Fault(
                    old, "no_successor", "an area that goes is followed by one of its kind that is there", new
                )
                for old, new in named.items()
                if old not in gone or new not in there or old.count("/") != new.count("/")
            ]
        )
        known = {old: named.get(new, new) for old, new in self.successors.items()} | dict(named)
        return {old: new for old, new in known.items() if old not in there and new in there}

    @property
    def code(self) -> str:
        """Of the district."""
        return next(iter(self.areas))

    def _to_plane(self, degrees: Any) -> Any:
        return degrees * self._metres

    def find(self, longitude: float, latitude: float) -> Found:
        """The grid of a point; on a border the one with the lower code. In no grid: the nearest community."""
        east, north = self._metres
        point = shapely.Point(longitude * east, latitude * north)
        hits = self._tree.query(point, predicate="intersects")
        if len(hits):
            return self.found(self.grids[int(min(hits))].code)
        nearest = self.grids[int(self._tree.nearest(point))]
        return self.found(Level.COMMUNITY.of(nearest.code), in_no_grid=True)

    def found(self, area: str, *, in_no_grid: bool = False) -> Found:
        """An area of this version, which the caller has found."""
        name = self.name_of(Level.COMMUNITY.of(area))
        return Found(area, in_no_grid, self.version, name.zh if name else "")

    def successor_of(self, area: str) -> tuple[str, str] | None:
        """What comes after this area, or after one that it lay in: that one, and this area in it. None: nobody said."""
        for old in reversed(above(area)):
            if (new := self.successors.get(old)) is not None:
                return new, new + area[len(old) :]
        return None

    def find_from(self, area: str, longitude: float, latitude: float) -> Found:
        """Where something is now that lay in this area: by its point; if the area is no more, in its successor.

        There it is in the grid of its point too, else in the one that has the same code, else in the community.
        """
        found = self.find(longitude, latitude)
        named = None if area in self.areas else self.successor_of(area)
        if named is None or (lies_in(found.area, named[0]) and not found.in_no_grid):
            return found
        for code in reversed(above(named[1])):
            kind = self.areas[code].kind if code in self.areas and lies_in(code, named[0]) else None
            if kind in (Level.GRID, Level.COMMUNITY):
                return self.found(code, in_no_grid=kind == Level.COMMUNITY)
        return found

    def locate(self, longitude: float, latitude: float) -> Found:
        """As `find`, for people who ask. Raises OutsideTerritory."""
        if not shapely.intersects_xy(self._outline, longitude, latitude):
            raise OutsideTerritory
        return self.find(longitude, latitude)

    def name_of(self, area: str) -> Name | None:
        """What an area is called; None for one that is not known."""
        found = self.areas.get(area)
        return found.properties.name if found else None

    def under(self, area: str) -> list[Area]:
        """An area and everything below it; everything, when none is named."""
        return [one for one in self.areas.values() if not area or lies_in(one.code, area)]

    def households(self, area: str) -> int:
        """How many households the buildings of an area have together."""
        return self._households[area]

    def geojson(self, area: str, *kinds: str) -> bytes:
        """An area and everything below it as a GeoJSON feature collection; of these kinds, or of all."""
        return collection(one for one in self.under(area) if not kinds or one.kind in kinds)

    def square_metres(self, shape: Any) -> float:
        return float(shapely.transform(shape, self._to_plane).area)

    def summary(self) -> dict[str, int]:
        """How many areas of each kind there are, and how many households."""
        kinds = [one.kind for one in self.areas.values()]
        counted = {f"{kind}s": kinds.count(kind) for kind in (Level.STREET, Level.GRID, BUILDING)}
        return {
            **counted,
            "communities": kinds.count(Level.COMMUNITY),
            "households": self.households(self.code),
        }


def collection(areas: Iterable[Area], successors: Mapping[str, str] = MappingProxyType({})) -> bytes:
    """As a GeoJSON feature collection, WGS-84."""
    features = b",".join(area.feature for area in areas)
    more = b',"successors":' + json.dumps(dict(successors)).encode() if successors else b""
    return b'{"type":"FeatureCollection","features":[' + features + b"]" + more + b"}"
