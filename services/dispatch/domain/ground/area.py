"""One area or building of the territory, as a GeoJSON feature has it, and what can be wrong with it alone."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, NamedTuple

import shapely
from pydantic import Field, StringConstraints, ValidationError

from services.dispatch.domain.states import Level
from services.dispatch.domain.words import Name
from shared.entry import Kept

BUILDING = "building"

# By the number of codes in the path.
KINDS = (*(level.value for level in reversed(Level)), BUILDING)

_MUST_HAVE = {"district": "an area", "grid": "an area", BUILDING: "a point"}


class Properties(Kept):
    """`code` is the area path; `branch` the grid branch of a grid; `households` those of a building."""

    code: Annotated[str, StringConstraints(pattern=r"^[0-9]{6}(/[0-9]{1,12}){0,4}$")]
    name: Name
    branch: Name | None = None
    households: Annotated[int, Field(ge=0, le=10_000)] = 0
    demonstration: bool = False  # drawn for demonstration, not official


class Fault(NamedTuple):
    """What is wrong with one feature; `other` is the area it does not go together with."""

    code: str
    fault: str
    detail: str = ""
    other: str | None = None
    square_metres: float | None = None


class Area(NamedTuple):
    """`shape` in WGS-84 degrees; None for a street or a community of which only the name is known."""

    properties: Properties
    shape: Any
    feature: bytes  # its GeoJSON

    @property
    def code(self) -> str:
        return self.properties.code

    @property
    def kind(self) -> str:
        return KINDS[self.code.count("/")]


class Wrong(Exception):
    """A feature cannot be taken as it is."""

    def __init__(self, fault: str, detail: str) -> None:
        super().__init__(detail)
        self.fault = fault


def read_areas(features: Sequence[Any]) -> tuple[list[Area], list[Fault]]:
    """Those of the features that are well formed, and what is wrong with the others."""
    areas: list[Area] = []
    faults: list[Fault] = []
    for number, feature in enumerate(features, start=1):
        code = f"feature {number}"
        try:
            properties = Properties.model_validate(feature["properties"])
            code = properties.code
            areas.append(_area(properties, feature["geometry"]))
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False)[0]
            where = "/".join(str(part) for part in first["loc"])
            faults.append(Fault(code, "malformed", f"properties/{where}: {first['msg']}"[:200]))
        except Wrong as wrong:
            faults.append(Fault(code, wrong.fault, str(wrong)))
        except (TypeError, ValueError, KeyError, IndexError, AttributeError):
            faults.append(Fault(code, "malformed", "it is no GeoJSON feature of an area or a point"))
    return areas, faults


def _area(properties: Properties, geometry: Mapping[str, Any] | None) -> Area:
    kind = KINDS[properties.code.count("/")]
    shape = None if geometry is None else _shape(geometry)
    if shape is None:
        if kind in _MUST_HAVE:
            raise Wrong("no_geometry", f"a {kind} needs {_MUST_HAVE[kind]}")
    elif (shape.geom_type == "Point") != (kind == BUILDING):
        raise Wrong("wrong_geometry", "buildings are points, everything else is an area")
    return Area(properties, shape, _encoded(properties, shape))


def _shape(geometry: Mapping[str, Any]) -> Any:
    """Raises Wrong for rings that are not closed or cross themselves, and whatever else Python says of nonsense."""
    kind, coordinates = geometry["type"], geometry["coordinates"]
    if kind == "Point":
        return shapely.Point(_position(coordinates))
    if kind not in ("Polygon", "MultiPolygon"):
        raise Wrong("wrong_geometry", "buildings are points, everything else is an area")
    parts = [_polygon(part) for part in ([coordinates] if kind == "Polygon" else coordinates)]
    shape = parts[0] if kind == "Polygon" else shapely.MultiPolygon(parts)
    if not shape.is_valid:
        why = shapely.is_valid_reason(shape)
        raise Wrong("crosses_itself" if "Self-intersection" in why else "not_simple", why)
    if not shape.area > 0:
        raise Wrong("not_simple", "it has no extent")
    return shape


def _polygon(rings: Iterable[Sequence[Sequence[float]]]) -> Any:
    found = []
    for ring in rings:
        points = [_position(one) for one in ring]
        if len(points) < 4 or points[0] != points[-1]:
            raise Wrong("not_closed", "a ring has at least four positions, and the last is the first")
        found.append(points)
    return shapely.Polygon(found[0], found[1:])


def _position(one: Sequence[float]) -> tuple[float, float]:
    longitude, latitude = one[0], one[1]
    if not (type(longitude) in (int, float) and type(latitude) in (int, float)):
        raise Wrong("malformed", "a position is two numbers, longitude first")
    if not (-180 <= longitude <= 180 and -90 <= latitude <= 90):
        raise Wrong("malformed", "a position is outside the globe; WGS-84 degrees, longitude first")
    return float(longitude), float(latitude)


def _encoded(properties: Properties, shape: Any) -> bytes:
    written = json.dumps(
        properties.model_dump(exclude_defaults=True), ensure_ascii=False, separators=(",", ":")
    )
    geometry = "null" if shape is None else shapely.to_geojson(shape)
    return f'{{"type":"Feature","properties":{written},"geometry":{geometry}}}'.encode()


def metres_per_degree(latitude: float) -> tuple[float, float]:
    """Of longitude and of latitude at this latitude on the WGS-84 ellipsoid."""
    phi = math.radians(latitude)
    east = 111_412.84 * math.cos(phi) - 93.5 * math.cos(3 * phi) + 0.118 * math.cos(5 * phi)
    north = 111_132.92 - 559.82 * math.cos(2 * phi) + 1.175 * math.cos(4 * phi)
    return east, north
