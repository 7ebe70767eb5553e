"""Where things are: the grid of a point, the community next to it, and the departments outside the ladder."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import shapely
from shapely.geometry import shape

from services.dispatch.domain.department import Department, Name
from services.dispatch.domain.ladder import Level
from services.dispatch.domain.opening import Found
from shared.problems import NotFound


class OutsideTerritory(NotFound):
    """The place is outside the territory."""


class Grid(NamedTuple):
    """One grid as the territory has it. `feature` is its GeoJSON, encoded once."""

    code: str
    name: Name
    feature: bytes


class Territory:
    """Built once from GeoJSON and never changed: a look-up costs some microseconds."""

    def __init__(
        self,
        divisions: Mapping[str, Any],
        grids: Mapping[str, Any],
        outline: Mapping[str, Any],
        departments: Sequence[Mapping[str, Any]],
    ) -> None:
        """Raises ValueError for grids that are no simple areas, lie in no known community, or stand there twice."""
        self.names = _names(divisions)
        self.departments = tuple(Department.model_validate(one) for one in departments)
        features = sorted(grids["features"], key=lambda feature: str(feature["properties"]["code"]))
        if not features:
            raise ValueError("a territory needs at least one grid")
        shapes = [shape(feature["geometry"]) for feature in features]
        self.grids = tuple(
            _grid(feature, area, self.names) for feature, area in zip(features, shapes, strict=True)
        )
        codes = [grid.code for grid in self.grids]
        if len(set(codes)) < len(codes):
            raise ValueError("a grid stands there twice")
        self._outline = shapely.union_all([shape(feature["geometry"]) for feature in outline["features"]])
        shapely.prepare(self._outline)
        _, south, _, north = self._outline.bounds
        # A degree of longitude is shorter than one of latitude: without this, "nearest" would not be nearest.
        self._shorter = math.cos(math.radians((south + north) / 2))
        self._tree = shapely.STRtree([shapely.transform(area, self._to_plane) for area in shapes])

    def _to_plane(self, degrees: Any) -> Any:
        return degrees * (self._shorter, 1.0)

    def find(self, longitude: float, latitude: float) -> Found:
        """The grid of a point; on a border the one with the lower code. In no grid: the nearest community."""
        point = shapely.Point(longitude * self._shorter, latitude)
        hits = self._tree.query(point, predicate="intersects")
        if len(hits):
            return Found(self.grids[int(min(hits))].code)
        nearest = self.grids[int(self._tree.nearest(point))]
        return Found(Level.COMMUNITY.of(nearest.code), in_no_grid=True)

    def locate(self, longitude: float, latitude: float) -> Found:
        """As `find`, for people who ask. Raises OutsideTerritory."""
        if not shapely.intersects_xy(self._outline, longitude, latitude):
            raise OutsideTerritory
        return self.find(longitude, latitude)

    def name_of(self, area: str) -> Name | None:
        """What an area is called; None for one that is not known."""
        return self.names.get(area) or next((grid.name for grid in self.grids if grid.code == area), None)

    def geojson(self, area: str) -> bytes:
        """The grids of an area and below (of all, when it is empty), as a GeoJSON feature collection."""
        wanted = b",".join(
            grid.feature for grid in self.grids if not area or f"{grid.code}/".startswith(f"{area}/")
        )
        return b'{"type":"FeatureCollection","features":[' + wanted + b"]}"


def _names(divisions: Mapping[str, Any]) -> dict[str, Name]:
    """What districts, streets and communities are called, by their path. The source has Chinese names only."""
    district = divisions["district"]
    names = {district["code"]: Name(zh=district["name"], en="")}
    for street in divisions["streets"]:
        path = f"{district['code']}/{street['code']}"
        names[path] = Name(zh=street["name"], en="")
        for community in street["communities"]:
            names[f"{path}/{community['code']}"] = Name(zh=community["name"], en="")
    return names


def _grid(feature: Mapping[str, Any], area: Any, names: Mapping[str, Name]) -> Grid:
    code = str(feature["properties"]["code"])
    if code.count("/") != len(Level) - 1 or Level.COMMUNITY.of(code) not in names:
        raise ValueError(f"grid {code} lies in no community that is known")
    if area.geom_type not in ("Polygon", "MultiPolygon") or not area.is_valid or not area.area > 0:
        raise ValueError(f"grid {code} is no simple area")
    text = json.dumps(feature, ensure_ascii=False, separators=(",", ":"))
    return Grid(code, Name.model_validate(feature["properties"]["name"]), text.encode())
