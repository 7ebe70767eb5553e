"""Where the jurisdiction is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import shapely
from shapely.geometry import shape


class Outline:
    """The outline of the jurisdiction, WGS-84. Prepared once, because every order asks for it."""

    def __init__(self, geojson: Mapping[str, Any]) -> None:
        """Takes a geometry, a Feature or a FeatureCollection; several areas count as one.

        Raises ValueError when it holds no valid area.
        """
        match geojson.get("type"):
            case "FeatureCollection":
                geometries = [feature["geometry"] for feature in geojson["features"]]
            case "Feature":
                geometries = [geojson["geometry"]]
            case _:
                geometries = [geojson]
        self._area = shapely.union_all([shape(geometry) for geometry in geometries])
        if not self._area.is_valid or not self._area.area > 0:
            raise ValueError("the outline is not a valid area")
        shapely.prepare(self._area)

    def holds(self, longitude: float, latitude: float) -> bool:
        """Whether a point lies in it or on its edge."""
        return bool(shapely.intersects_xy(self._area, longitude, latitude))
