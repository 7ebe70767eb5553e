"""Draws the demonstration grids and the outline around them: `python deploy/demo/territory/draw_grids.py`.

No openly licensed polygons of the communities were found, so each community is a plain rectangle at about the right
part of the town, cut into eight grids. Between the communities there are narrow strips that lie in no grid.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
WEST, SOUTH = 120.36, 36.08  # corner of the drawing, WGS-84
CELL = 0.01  # degrees, each community
STRIP = 0.0004  # degrees that a community stays away from the edge of its cell
MARGIN = 0.004  # degrees of the outline around all of it
COLUMNS, ROWS = 4, 2  # of grids in a community; 01 is in the north-west
ORDINALS = (("一", "First"), ("二", "Second"), ("三", "Third"), ("四", "Fourth"),
            ("五", "Fifth"), ("六", "Sixth"), ("七", "Seventh"), ("八", "Eighth"))  # fmt: skip

# From north to south and from west to east.
COMMUNITIES = (
    (("370203027018", "哈尔滨路社区", "Harbin Road Community"),
     ("370203026017", "康平路社区", "Kangping Road Community"),
     ("370203015012", "错埠岭社区", "Cuobuling Community"),
     ("370203015003", "南京路社区", "Nanjing Road Community")),
    (("370203014008", "伊春路社区", "Yichun Road Community"),
     ("370203014010", "连云港路社区", "Lianyungang Road Community"),
     ("370203015005", "伊春二路社区", "Yichun Second Road Community"),
     ("370203015008", "佳木斯路社区", "Jiamusi Road Community")),
    (("370203014006", "金坛路社区", "Jintan Road Community"),
     ("370203014004", "山东路社区", "Shandong Road Community"),
     ("370203013001", "宁夏路社区", "Ningxia Road Community"),
     ("370203015006", "辽阳西路社区", "Liaoyang West Road Community")),
)  # fmt: skip
# What people call a grid besides its number.
KNOWN_AS = {
    "370203014008/06": ("哈尔滨路一带", "around Harbin Road"),
    "370203015005/03": ("辽源路26号一带", "around 26 Liaoyuan Road"),
}


def rectangle(west: float, south: float, east: float, north: float) -> dict[str, Any]:
    """A closed ring, counter-clockwise as RFC 7946 wants it."""
    west, south, east, north = (round(degrees, 5) for degrees in (west, south, east, north))
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def grids() -> list[dict[str, Any]]:
    """Every grid as a GeoJSON feature."""
    drawn = []
    for row, line in enumerate(COMMUNITIES):
        for column, (code, zh, en) in enumerate(line):
            west = WEST + column * CELL + STRIP
            south = SOUTH + (len(COMMUNITIES) - 1 - row) * CELL + STRIP
            width, height = (CELL - 2 * STRIP) / COLUMNS, (CELL - 2 * STRIP) / ROWS
            for place, (ordinal, english) in enumerate(ORDINALS):
                down, right = divmod(place, COLUMNS)
                left, bottom = west + right * width, south + (ROWS - 1 - down) * height
                number = f"{place + 1:02}"
                known = KNOWN_AS.get(f"{code}/{number}")
                drawn.append({
                    "type": "Feature",
                    "properties": {
                        "code": f"{code[:6]}/{code[:9]}/{code}/{number}",
                        "name": {
                            "zh": f"{zh}第{ordinal}网格" + (f"（{known[0]}）" if known else ""),
                            "en": f"{english} grid of {en}" + (f" ({known[1]})" if known else ""),
                        },
                        "demonstration": True,
                    },
                    "geometry": rectangle(left, bottom, left + width, bottom + height),
                })  # fmt: skip
    return drawn


def outline() -> dict[str, Any]:
    """One area around all grids: what the demonstration takes for the jurisdiction."""
    east, north = WEST + len(COMMUNITIES[0]) * CELL, SOUTH + len(COMMUNITIES) * CELL
    return {
        "type": "Feature",
        "properties": {
            "code": "370203",
            "name": {"zh": "示范区域", "en": "Area of the demonstration"},
            "demonstration": True,
        },
        "geometry": rectangle(WEST - MARGIN, SOUTH - MARGIN, east + MARGIN, north + MARGIN),
    }


def collection(features: list[dict[str, Any]]) -> str:
    """A feature collection with one feature on a line, so that a change can be read."""
    lines = ",\n".join(json.dumps(feature, ensure_ascii=False) for feature in features)
    head = '{"type": "FeatureCollection", "note": "Drawn for demonstration. Not official boundaries.",'
    return f'{head} "features": [\n{lines}\n]}}\n'


def main() -> None:
    (HERE / "grids.geojson").write_text(collection(grids()), encoding="utf-8")
    (HERE / "outline.geojson").write_text(collection([outline()]), encoding="utf-8")


if __name__ == "__main__":
    main()
