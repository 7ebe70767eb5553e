"""What each caller is shown, and the data that intake starts with."""

from __future__ import annotations

from uuid import UUID

import pytest

from services.intake.domain.category import Category, Urgency, by_code
from services.intake.domain.outline import Outline
from services.intake.queries import OrderOut
from services.intake.settings import Settings
from shared.caller import Caller, Role
from shared.entry import Entry
from tests.unit.intake.given import (
    COMMUNITY,
    DISTRICT,
    ELSEWHERE,
    LEADER,
    NEIGHBOUR,
    RESIDENT,
    golden_a,
    hear,
    told,
)
from tests.unit.intake.given import placed as place_one

PUBLIC = Caller("", Role.RESIDENT)
PARTNER = Caller("p-1", Role.PARTNER, area="370203", partner="x")
FRESH = place_one(LEADER, ordered_for="r-li", contact={"name": "李四", "phone": "13812345678"})
OPENED = hear(FRESH, *told(*golden_a()[:1])["dispatch"])


@pytest.mark.parametrize("caller", [RESIDENT, LEADER, COMMUNITY, DISTRICT])
def test_owners_and_staff_of_the_area_see_all_of_it(caller: Caller) -> None:
    assert OPENED.is_seen_by(caller)
    shown = OrderOut.of(Entry(UUID(int=1), OPENED), caller)
    assert shown.contact is not None
    assert shown.text is not None
    assert shown.ordered_for == "r-li"


@pytest.mark.parametrize("caller", [NEIGHBOUR, ELSEWHERE, PUBLIC, PARTNER])
def test_others_see_nothing_of_it(caller: Caller) -> None:
    assert not OPENED.is_seen_by(caller)
    shown = OrderOut.of(Entry(UUID(int=1), OPENED), caller).model_dump_json()
    for secret in ("李四", "13812345678", "r-li", "l-26"):
        assert secret not in shown


def test_before_the_grid_is_found_only_the_district_watches() -> None:
    assert FRESH.is_seen_by(DISTRICT)
    assert not FRESH.is_seen_by(COMMUNITY)


def test_the_categories_of_the_demonstration_can_be_read() -> None:
    categories = Settings().categories()
    assert len(categories) >= 12
    assert {"sewage_pipe", "drying_rack", "other"} <= set(categories)


def test_a_category_that_is_there_twice_is_a_mistake() -> None:
    twice = Category(code="noise", zh="噪声", en="Noise", family="environment", urgency=Urgency.GENERAL)
    with pytest.raises(ValueError, match="twice"):
        by_code([twice, twice])


@pytest.mark.parametrize(
    "geojson",
    [
        {"type": "FeatureCollection", "features": []},
        {"type": "Point", "coordinates": [120, 36]},
        {"type": "Feature", "geometry": {"type": "LineString", "coordinates": [[0, 0], [1, 1]]}},
    ],
)
def test_an_outline_without_an_area_is_refused_at_start(geojson: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="outline"):
        Outline(geojson)
