"""Where things are: the grid of a point, the community next to it, the names and the households of an area.

One version of the territory is one object that never changes: whoever reads it while the next one is put in its place
goes on with what it began with.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import shapely

from services.dispatch.domain.ground.area import BUILDING, Area, Fault, metres_per_degree, read_areas
from services.dispatch.domain.ground.survey import faults_among, must_be_sound
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

    def __init__(self, areas: Iterable[Area], version: int = 0) -> None:
        self.version = version
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

    def with_part(self, features: Sequence[Any], *, within: str, sliver: float) -> Territory:
        """The next version: what lies in `within` is replaced by these features, the rest stays as it is.

        The very same territory when that changes nothing. Raises TerritoryFaulty.
        """
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
        return Territory(areas, self.version + 1)

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


def collection(areas: Iterable[Area]) -> bytes:
    """As a GeoJSON feature collection, WGS-84."""
    features = b",".join(area.feature for area in areas)
    return b'{"type":"FeatureCollection","features":[' + features + b"]}"
