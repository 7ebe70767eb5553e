"""A large territory, made up: 5,000 grids in 500 communities of 20 streets, as GeoJSON."""

from __future__ import annotations

from typing import Any

DISTRICT = "370203"
WEST, SOUTH, EAST, NORTH = 120.356, 36.076, 120.404, 36.114
STREETS, COMMUNITIES, GRIDS = 20, 25, 10  # each in the one above
_ROWS, _COLUMNS = 50, 100


def land(shift: float = 0.0, houses: bool = False) -> dict[str, Any]:
    """Rectangles that fill the district of the demonstration. `shift` moves the borders between columns east, by so
    much of a column's width: another version of the same territory. `houses`: a building in every grid."""
    width, height = (EAST - WEST) / _COLUMNS, (NORTH - SOUTH) / _ROWS
    features = [_feature(DISTRICT, "区", _box(WEST, SOUTH, EAST, NORTH))]
    edges = [WEST, *(WEST + (column + shift) * width for column in range(1, _COLUMNS)), EAST]
    for street in range(1, STREETS + 1):
        features.append(_feature(f"{DISTRICT}/{street:03}", f"第{street}街道"))
        features += [
            _feature(f"{DISTRICT}/{street:03}/{community:03}", f"第{community}社区")
            for community in range(1, COMMUNITIES + 1)
        ]
    for row in range(_ROWS):
        for column in range(_COLUMNS):
            code, south = code_at(row, column), SOUTH + row * height
            box = _box(edges[column], south, edges[column + 1], SOUTH + (row + 1) * height)
            features.append(_feature(code, f"{row}行{column}列"))
            features[-1]["geometry"] = box
            if houses:
                middle = [(edges[column] + edges[column + 1]) / 2, south + height / 2]
                building = _feature(f"{code}/1", "楼", {"type": "Point", "coordinates": middle})
                building["properties"]["households"] = 24
                features.append(building)
    return {"type": "FeatureCollection", "features": features}


def code_at(row: int, column: int) -> str:
    """The grid in a row and a column: ten columns of a row make a community."""
    community = row * (_COLUMNS // GRIDS) + column // GRIDS
    street, within = divmod(community, COMMUNITIES)
    return f"{DISTRICT}/{street + 1:03}/{within + 1:03}/{column % GRIDS + 1:02}"


def grid_at(longitude: float, latitude: float, shift: float = 0.0) -> str:
    """By arithmetic, so that a look-up can be checked: which grid has the point in the version with this shift."""
    row = min(_ROWS - 1, int((latitude - SOUTH) / (NORTH - SOUTH) * _ROWS))
    across = (longitude - WEST) / (EAST - WEST) * _COLUMNS
    column = min(_COLUMNS - 1, max(0, int(across - shift) if across >= shift else 0))
    return code_at(row, column)


def _feature(code: str, name: str, geometry: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"type": "Feature", "properties": {"code": code, "name": {"zh": name}}, "geometry": geometry}


def _box(west: float, south: float, east: float, north: float) -> dict[str, Any]:
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}
