"""Where things are: the grid of a point, and what can be wrong with a territory that is brought."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import shape

from services.dispatch.domain.ground.survey import TerritoryFaulty
from services.dispatch.domain.ground.territory import OutsideTerritory, Territory
from services.dispatch.domain.states import Level
from services.dispatch.settings import Settings
from shared.settings import EXAMPLE as DEMO
from tests.unit.dispatch.stories import AREA

TERRITORY = Settings().first_ground().territory
FOLDER = DEMO / "territory"
LIAOYUAN = "370203/370203015/370203015005/03"
COMMUNITY = "370203/370203014/370203014008"


@cache
def document(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / name).read_text(encoding="utf-8"))
    return found


def ring(points: list[list[Any]]) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": [points]}


def square(west: float, south: float, side: float) -> dict[str, Any]:
    east, north = west + side, south + side
    return ring([[west, south], [east, south], [east, north], [west, north], [west, south]])


def feature(code: str, geometry: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    properties = {"code": code, "name": {"zh": "格", "en": "grid"}, **more}
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def district(west: float, south: float, side: float) -> dict[str, Any]:
    return feature("370203", square(west, south, side))


THIRD = f"{COMMUNITY}/03"
OTHER = "370203/370203015/370203015005"
LAND = [
    district(120.3, 36.0, 0.5),
    *(feature(code) for code in ("370203/370203014", COMMUNITY, "370203/370203015", OTHER)),
    feature(f"{COMMUNITY}/01", square(120.36, 36.09, 0.005)),
    feature(f"{COMMUNITY}/02", square(120.365, 36.09, 0.005)),
    feature(f"{OTHER}/01", square(120.40, 36.09, 0.005)),
]


def territory(*features: dict[str, Any]) -> Territory:
    """Of these features, with the streets and communities that they need; or a small land with three grids."""
    needed = [one for one in LAND[1:5] if one not in features] if features else []
    return Territory.surveyed([*(features or LAND), *needed], jurisdiction="370203", sliver=10)


SQUARE = [[120.36, 36.09], [120.37, 36.09], [120.37, 36.10], [120.36, 36.10], [120.36, 36.09]]


def test_both_golden_cases_lie_in_their_grids() -> None:
    assert TERRITORY.find(120.3638, 36.0927)[:3] == (AREA, False, 1)
    assert TERRITORY.find(120.3861, 36.0972)[:3] == (LIAOYUAN, False, 1)
    places = json.loads((DEMO / "people.json").read_text(encoding="utf-8"))["places"]
    for place in places.values():
        assert TERRITORY.find(place["longitude"], place["latitude"])[:3] == (place["area"], False, 1)


@settings(deadline=None)
@given(st.floats(120.356, 120.404), st.floats(36.076, 36.114))
def test_a_point_finds_the_grid_that_holds_it(longitude: float, latitude: float) -> None:
    point = shapely.Point(longitude, latitude)
    features = document("grids.geojson")["features"]
    holding = [one["properties"]["code"] for one in features if shape(one["geometry"]).contains(point)]
    near = [one["properties"]["code"] for one in features if shape(one["geometry"]).distance(point) < 1e-9]
    found = TERRITORY.find(longitude, latitude)
    if holding:
        assert found.area == holding[0]
    elif found.in_no_grid:
        assert found.area in TERRITORY.areas
    else:
        assert found.area in near  # on a border


@settings(deadline=None)
@given(st.floats(-180, 180), st.floats(-90, 90))
def test_any_point_of_the_globe_finds_a_community(longitude: float, latitude: float) -> None:
    assert Level.COMMUNITY.of(TERRITORY.find(longitude, latitude).area) in TERRITORY.areas


def test_nearest_is_measured_on_the_ground_and_not_in_degrees() -> None:
    west = feature(f"{COMMUNITY}/01", square(120.0, 36.0, 0.1))
    north = feature("370203/370203015/370203015005/01", square(120.2, 36.205, 0.095))
    # 0.11 degrees east of the one (9.9 km), 0.105 degrees south of the other (11.7 km)
    assert territory(district(120.0, 36.0, 0.5), west, north).find(120.21, 36.1).area == COMMUNITY


def test_a_point_on_a_border_goes_to_the_lower_code() -> None:
    assert TERRITORY.find(120.3627, 36.0927).area == AREA[:-1] + "5"


def test_outside_the_outline_there_is_nothing_to_locate() -> None:
    with pytest.raises(OutsideTerritory):
        TERRITORY.locate(0, 0)
    assert TERRITORY.locate(120.3638, 36.0927).area == AREA


def test_grids_are_simple_areas_that_do_not_overlap_and_lie_in_the_outline() -> None:
    features = document("grids.geojson")["features"]
    shapes = [shape(one["geometry"]) for one in features]
    around = shape(document("outline.geojson")["features"][0]["geometry"])
    assert all(one.is_valid and around.contains(one) for one in shapes)
    assert shapely.union_all(shapes).area == pytest.approx(sum(one.area for one in shapes))
    assert all(one["properties"]["demonstration"] is True for one in features)
    assert len(features) >= 60
    assert len({one["properties"]["code"][:-3] for one in features}) >= 10


def test_the_drawing_is_what_the_program_draws() -> None:
    from deploy.demo.territory import draw_grids

    drawn = (FOLDER / "grids.geojson").read_text(encoding="utf-8")
    assert drawn == draw_grids.collection(draw_grids.grids())
    outline = (FOLDER / "outline.geojson").read_text(encoding="utf-8")
    assert outline == draw_grids.collection([draw_grids.outline()])


def test_geojson_of_an_area_has_its_grids_and_no_others() -> None:
    community = json.loads(TERRITORY.geojson(COMMUNITY, Level.GRID))
    assert [one["properties"]["code"][-2:] for one in community["features"]] == [f"0{n}" for n in range(1, 9)]
    assert len(json.loads(TERRITORY.geojson("", Level.GRID))["features"]) == 96
    assert len(json.loads(TERRITORY.geojson(AREA))["features"]) == 1
    assert json.loads(TERRITORY.geojson("370203/37"))["features"] == []


def test_areas_have_names() -> None:
    assert (name := TERRITORY.name_of(COMMUNITY)) is not None
    assert name.zh == "伊春路社区居委会"
    assert (name := TERRITORY.name_of(AREA)) is not None
    assert name.en.startswith("Sixth grid")
    assert TERRITORY.name_of("370203/1") is None


def test_a_part_is_replaced_and_the_rest_stays_as_it_is() -> None:
    before = territory()
    wider = [feature(f"{COMMUNITY}/01", square(120.36, 36.09, 0.008)), feature(COMMUNITY)]
    after = before.with_part(wider, within=COMMUNITY, sliver=10)
    assert after.version == before.version + 1
    assert after.find(120.367, 36.093)[:3] == (f"{COMMUNITY}/01", False, after.version)
    assert f"{COMMUNITY}/02" not in after.areas
    assert before.find(120.367, 36.093)[:3] == (f"{COMMUNITY}/02", False, before.version)
    assert OTHER in after.areas


def test_the_same_again_is_no_new_version() -> None:
    before = territory()
    again = json.loads(before.geojson(""))["features"]
    assert before.with_part(list(reversed(again)), within="370203", sliver=10) is before


def test_what_lies_elsewhere_is_no_part() -> None:
    with pytest.raises(TerritoryFaulty) as refused:
        territory().with_part([feature(OTHER)], within=COMMUNITY, sliver=10)
    assert refused.value.now["faults"][0]["fault"] == "foreign"


def test_households_are_counted_by_area() -> None:
    house = feature(f"{COMMUNITY}/01/12", {"type": "Point", "coordinates": [120.361, 36.091]}, households=30)
    with_house = territory(*LAND, house)
    assert [with_house.households(area) for area in (f"{COMMUNITY}/01/12", COMMUNITY, "370203", OTHER)] == [
        30,
        30,
        30,
        0,
    ]
    assert with_house.summary()["buildings"] == 1


HOUSE = f"{COMMUNITY}/01/1"
SELF_CROSSING = [[120.36, 36.09], [120.365, 36.095], [120.365, 36.09], [120.36, 36.095], [120.36, 36.09]]


@pytest.mark.parametrize(
    ("wrong", "fault", "code"),
    [
        ([], "missing", "370203"),
        ([{"type": "Feature"}], "malformed", "feature 1"),
        ([feature("370203/x")], "malformed", "feature 1"),
        ([feature(THIRD)], "no_geometry", THIRD),
        ([feature(THIRD, {"type": "Point", "coordinates": [1, 2]})], "wrong_geometry", THIRD),
        ([feature(THIRD, ring(SQUARE[:-1]))], "not_closed", THIRD),
        ([feature(THIRD, ring([[200, 36], *SQUARE[1:4], [200, 36]]))], "malformed", THIRD),
        ([feature(THIRD, ring([["1", 36], *SQUARE[1:4], ["1", 36]]))], "malformed", THIRD),
        ([feature(THIRD, ring(SELF_CROSSING))], "crosses_itself", THIRD),
        ([feature(THIRD, ring([SQUARE[0], SQUARE[1], SQUARE[0], SQUARE[0]]))], "not_simple", THIRD),
        ([*LAND, LAND[-1]], "twice", LAND[-1]["properties"]["code"]),
        ([*LAND, feature("370203/9/9/01", square(120.38, 36.09, 0.001))], "no_parent", "370203/9/9/01"),
        ([*LAND, feature("370204", square(120.38, 36.09, 0.001))], "foreign", "370204"),
        (LAND[:3], "no_grid", "370203"),
        ([*LAND, feature(THIRD, square(120.999, 36.09, 0.01))], "outside_parent", THIRD),
        ([*LAND, feature(HOUSE, {"type": "Point", "coordinates": [120.37, 36.09]})], "outside_parent", HOUSE),
    ],
)  # fmt: skip
def test_a_fault_is_named_with_its_feature(wrong: list[Any], fault: str, code: str) -> None:
    with pytest.raises(TerritoryFaulty) as refused:
        Territory.surveyed(wrong, jurisdiction="370203", sliver=10)
    first = refused.value.now["faults"][0]
    assert (first["fault"], first["code"]) == (fault, code)


def test_overlaps_name_both_and_how_much() -> None:
    over = feature(THIRD, square(120.3645, 36.0905, 0.001))
    with pytest.raises(TerritoryFaulty) as refused:
        territory(*LAND, over)
    first, second = refused.value.now["faults"]
    assert (first["code"], first["other"]) == (f"{COMMUNITY}/01", THIRD)
    assert (second["code"], second["other"]) == (f"{COMMUNITY}/02", THIRD)
    # a thousandth of a degree each way, half of it here and half there
    assert first["square_metres"] == pytest.approx(90.0 * 110.96 / 2, rel=0.005)
    assert second["square_metres"] == pytest.approx(first["square_metres"], rel=0.005)


def test_a_sliver_is_no_fault() -> None:
    touching = feature(THIRD, square(120.3699999, 36.09, 0.004))
    assert territory(*LAND, touching).version == 0


def test_only_the_first_faults_are_shown_and_all_are_counted() -> None:
    many = [feature(f"{COMMUNITY}/{n}") for n in range(30)]
    with pytest.raises(TerritoryFaulty) as refused:
        Territory.surveyed(many, jurisdiction="370203", sliver=10)
    assert (len(refused.value.now["faults"]), refused.value.now["count"]) == (20, 30)
