"""An order gets a grid, and its clocks run from the moment it was placed."""

from __future__ import annotations

import json
from datetime import timedelta
from functools import cache
from typing import Any

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import shape

from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.ladder import DispatchState, Level
from services.dispatch.domain.limits import Limit, Limits, Special
from services.dispatch.domain.territory import OutsideTerritory, Territory
from services.dispatch.reactions.on_order_placed import on_order_placed
from services.dispatch.settings import DEMO, Settings
from shared.contracts.from_dispatch.dispatch_opened import DispatchOpenedV1
from shared.contracts.from_intake.order_placed import Place
from tests.unit.dispatch.stories import AREA, LIMITS, NOW, WORKDAY_15, heard, only, opened, order

TERRITORY = Settings().territory()
FOLDER = DEMO / "territory"
LIAOYUAN = "370203/370203015/370203015005/03"
COMMUNITY = "370203/370203014/370203014008"


@cache
def document(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / name).read_text(encoding="utf-8"))
    return found


def territory(**changes: Any) -> Territory:
    """The demonstration's territory, but for some of its documents."""
    parts = {
        "divisions": document("divisions_370203.json"),
        "grids": document("grids.geojson"),
        "outline": document("outline.geojson"),
        "departments": document("departments.json")["departments"],
    }
    return Territory(**{**parts, **changes})


def grids(*features: dict[str, Any]) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": list(features)}


def grid(code: str, ring: list[list[float]]) -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": {"code": code, "name": {"zh": "格", "en": "grid"}},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }


SQUARE = [[120.36, 36.09], [120.37, 36.09], [120.37, 36.10], [120.36, 36.10], [120.36, 36.09]]


@pytest.mark.parametrize(
    ("urgency", "hours"), [("emergency", 1), ("urgent", 2), ("general", 24), ("odd", 24)]
)
def test_the_dispatch_limit_is_that_of_the_urgency(urgency: str, hours: int) -> None:
    dispatch = opened(urgency=urgency)
    assert dispatch.answer_by == NOW + timedelta(hours=hours)
    assert dispatch.close_by == WORKDAY_15


def test_opening_tells_the_grid_and_the_limits() -> None:
    message = heard(order(urgency="urgent"))
    decision = on_order_placed(Dispatch(), message, territory=TERRITORY, limits=LIMITS)
    assert decision.state.state is DispatchState.RECEIVED
    assert only(decision, DispatchOpenedV1) == DispatchOpenedV1(
        area=AREA,
        category="sewage_pipe",
        urgency="urgent",
        answer_by=NOW + timedelta(hours=2),
        close_by=WORKDAY_15,
    )


def test_a_category_may_have_a_limit_of_its_own() -> None:
    special = Special(limit=Limit.CLOSE, category="sewage_pipe", within=timedelta(days=3))
    limits = Limits(special=(special,))
    decision = on_order_placed(Dispatch(), heard(order()), territory=TERRITORY, limits=limits)
    assert decision.state.close_by == NOW + timedelta(days=3)


def test_an_order_is_opened_once() -> None:
    once = on_order_placed(Dispatch(), heard(order()), territory=TERRITORY, limits=LIMITS).state
    again = on_order_placed(once, heard(order()), territory=TERRITORY, limits=LIMITS)
    assert again.state is once
    assert not again.events


def test_who_it_was_ordered_for_counts_before_who_placed_it() -> None:
    for_her = heard(order(ordered_for="resident-2"))
    assert (
        on_order_placed(Dispatch(), for_her, territory=TERRITORY, limits=LIMITS).state.ordered_by
        == "resident-2"
    )
    own = heard(order())
    assert (
        on_order_placed(Dispatch(), own, territory=TERRITORY, limits=LIMITS).state.ordered_by
        == "resident-harbin-1"
    )


def test_in_no_grid_the_nearest_community_has_it_and_it_is_marked() -> None:
    between = Place(longitude=120.3601, latitude=36.095)
    message = heard(order().model_copy(update={"place": between}))
    decision = on_order_placed(Dispatch(), message, territory=TERRITORY, limits=LIMITS)
    assert (decision.state.area, decision.state.in_no_grid) == (COMMUNITY, True)
    assert decision.state.level is Level.COMMUNITY
    assert only(decision, DispatchOpenedV1).in_no_grid


def test_both_golden_cases_lie_in_their_grids() -> None:
    assert TERRITORY.find(120.3638, 36.0927) == (AREA, False)
    assert TERRITORY.find(120.3861, 36.0972) == (LIAOYUAN, False)
    places = json.loads((DEMO / "people.json").read_text(encoding="utf-8"))["places"]
    for place in places.values():
        assert TERRITORY.find(place["longitude"], place["latitude"]) == (place["area"], False)


@settings(deadline=None)
@given(st.floats(120.356, 120.404), st.floats(36.076, 36.114))
def test_a_point_finds_the_grid_that_holds_it(longitude: float, latitude: float) -> None:
    point = shapely.Point(longitude, latitude)
    features = document("grids.geojson")["features"]
    holding = [one["properties"]["code"] for one in features if shape(one["geometry"]).contains(point)]
    near = [one["properties"]["code"] for one in features if shape(one["geometry"]).distance(point) < 1e-9]
    found = TERRITORY.find(longitude, latitude)
    if holding:
        assert found == (holding[0], False)
    elif found.in_no_grid:
        assert found.area in TERRITORY.names
    else:
        assert found.area in near  # on a border


@settings(deadline=None)
@given(st.floats(-180, 180), st.floats(-90, 90))
def test_any_point_of_the_globe_finds_a_community(longitude: float, latitude: float) -> None:
    assert Level.COMMUNITY.of(TERRITORY.find(longitude, latitude).area) in TERRITORY.names


def test_nearest_is_measured_on_the_ground_and_not_in_degrees() -> None:
    west = grid(
        f"{COMMUNITY}/01", [[120.0, 36.0], [120.1, 36.0], [120.1, 36.1], [120.0, 36.1], [120.0, 36.0]]
    )
    north = grid(
        "370203/370203015/370203015005/01",
        [[120.2, 36.205], [120.3, 36.205], [120.3, 36.3], [120.2, 36.3], [120.2, 36.205]],
    )
    # 0.11 degrees east of the one (9.9 km), 0.105 degrees south of the other (11.7 km)
    assert territory(grids=grids(west, north)).find(120.21, 36.1).area == COMMUNITY


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
    community = json.loads(TERRITORY.geojson(COMMUNITY))
    assert [one["properties"]["code"][-2:] for one in community["features"]] == [f"0{n}" for n in range(1, 9)]
    assert len(json.loads(TERRITORY.geojson(""))["features"]) == 96
    assert len(json.loads(TERRITORY.geojson(AREA))["features"]) == 1
    assert json.loads(TERRITORY.geojson("370203/37"))["features"] == []


def test_areas_have_names() -> None:
    assert (name := TERRITORY.name_of(COMMUNITY)) is not None
    assert name.zh == "伊春路社区居委会"
    assert (name := TERRITORY.name_of(AREA)) is not None
    assert name.en.startswith("Sixth grid")
    assert TERRITORY.name_of("370203/1") is None


@pytest.mark.parametrize(
    "wrong",
    [
        grids(),
        grids(grid(f"{COMMUNITY}/01", SQUARE), grid(f"{COMMUNITY}/01", SQUARE)),
        grids(grid("370203/370203014/370203014999/01", SQUARE)),
        grids(grid(COMMUNITY, SQUARE)),
        grids(grid(f"{COMMUNITY}/01", [SQUARE[0], SQUARE[2], SQUARE[1], SQUARE[3], SQUARE[0]])),
    ],
    ids=["none", "twice", "in no community", "not a grid", "crosses itself"],
)
def test_a_territory_that_cannot_be_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="grid"):
        territory(grids=wrong)
