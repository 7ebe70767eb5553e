"""Areas that go: what comes after them, what would lie nowhere, and how much is checked at all."""

from __future__ import annotations

import json
from typing import Any

import pytest

from services.dispatch.domain.ground.leaving import OrdersStandInTheWay, Standing, left_behind, outermost
from services.dispatch.domain.ground.routing import Rule, When
from services.dispatch.domain.ground.staff import Person
from services.dispatch.domain.ground.survey import (
    MOST_FEATURES,
    MOST_POINTS_OF_ONE,
    TerritoryFaulty,
    TooMuchToCheck,
    must_be_affordable,
    must_be_bounded,
)
from services.dispatch.domain.ground.territory import Found, Territory
from tests.unit.dispatch.ground.test_territory import COMMUNITY, LAND, OTHER, feature, square, territory

STREET = "370203/370203014"
NEW = f"{STREET}/370203014999"
MIDDLE = (120.3625, 36.0925)  # of the first grid
FIRST = f"{COMMUNITY}/01"


def after(*features: dict[str, Any], **successors: str) -> Territory:
    """The small land, in which the first community is replaced by these."""
    kept = [one for one in LAND if not one["properties"]["code"].startswith(COMMUNITY)]
    named = {old.replace("_", "/"): new for old, new in successors.items()}
    return territory().with_part([*kept, *features], within="370203", sliver=10, successors=named)


def renamed(*grids: dict[str, Any]) -> Territory:
    kept = [one for one in LAND if not one["properties"]["code"].startswith(COMMUNITY)]
    return territory().with_part(
        [*kept, feature(NEW), *grids], within="370203", sliver=10, successors={COMMUNITY: NEW}
    )


FAR = square(120.45, 36.2, 0.005)
SAME = square(120.36, 36.09, 0.005)


@pytest.mark.parametrize(
    ("now", "found"),
    [
        (renamed(feature(f"{NEW}/07", SAME)), Found(f"{NEW}/07", version=1)),  # by its point
        (renamed(feature(f"{NEW}/01", FAR)), Found(f"{NEW}/01", version=1)),  # by the same code below
        (renamed(feature(f"{NEW}/02", FAR)), Found(NEW, in_no_grid=True, version=1)),  # in the community
        (renamed(feature(f"{OTHER}/09", SAME), feature(f"{NEW}/01", FAR)), Found(f"{NEW}/01", version=1)),
        (after(feature(f"{OTHER}/09", SAME)), Found(f"{OTHER}/09", version=1)),  # nobody named one
    ],
)
def test_what_lay_in_an_area_that_is_gone_is_found_in_what_comes_after_it(
    now: Territory, found: Found
) -> None:
    for one in (now, Territory.kept(json.loads(now.body()), now.version)):
        assert one.find_from(FIRST, *MIDDLE)._replace(community="") == found


def test_who_came_after_is_remembered_until_the_area_is_there_again() -> None:
    once = renamed(feature(f"{NEW}/01", SAME))
    features = [json.loads(one.feature) for one in once.areas.values()]
    twice = json.loads(json.dumps(features).replace(NEW, f"{STREET}/370203014888"))
    later = once.with_part(twice, within="370203", sliver=10, successors={NEW: f"{STREET}/370203014888"})
    assert later.find_from(FIRST, *MIDDLE).area == f"{STREET}/370203014888/01"
    back = later.with_part(LAND, within="370203", sliver=10)
    assert COMMUNITY not in back.successors


@pytest.mark.parametrize(
    "named", [{COMMUNITY: f"{STREET}/1"}, {OTHER: NEW}, {COMMUNITY: STREET}, {"nonsense": NEW}]
)
def test_a_successor_is_of_the_same_kind_and_there_and_what_it_follows_is_not(named: dict[str, str]) -> None:
    kept = [one for one in LAND if not one["properties"]["code"].startswith(COMMUNITY)]
    with pytest.raises(TerritoryFaulty):
        territory().with_part([*kept, feature(NEW)], within="370203", sliver=10, successors=named)


def test_only_the_outermost_of_what_goes_is_named() -> None:
    assert outermost(territory(), after(feature(NEW))) == [COMMUNITY]
    assert outermost(territory(), territory()) == []


def test_orders_that_would_lie_nowhere_stand_in_the_way() -> None:
    where: dict[str, Any] = {"longitude": MIDDLE[0], "latitude": MIDDLE[1]}
    standing = Standing()
    for state in ("whistled", "closed", "closed"):
        standing.note(after(feature(NEW)), area=FIRST, state=state, **where)
    standing.note(after(feature(NEW)), area=COMMUNITY, state="received", in_no_grid=True, **where)
    standing.note(renamed(), area=FIRST, state="received", **where)
    standing.note(after(feature(f"{OTHER}/09", SAME)), area=FIRST, state="received", **where)
    with pytest.raises(OrdersStandInTheWay) as refused:
        standing.must_be_none()
    assert refused.value.now == {"areas": {FIRST: {"whistled": 1, "closed": 2}}, "count": 3}
    Standing().must_be_none()


def test_who_still_names_an_area_that_is_gone_is_named() -> None:
    people = [Person(id=id, name=id, role="worker", area=area) for id, area in (("a", FIRST), ("b", OTHER))]
    rules = [
        Rule(id="r", name="r", when=When(area=FIRST)),
        Rule(id="s", name="s"),
        Rule(id="t", name="t", when=When(area=OTHER)),
    ]
    left = left_behind([COMMUNITY], people, rules)
    assert (left.areas, left.staff, left.rules) == ((COMMUNITY,), ("a",), ("r",))


@pytest.mark.parametrize("nonsense", [b"1,", b"[],", b"{},"])
def test_what_has_too_many_signs_is_not_even_read(nonsense: bytes) -> None:
    with pytest.raises(TooMuchToCheck):
        must_be_affordable(nonsense * 2_500_000)
    must_be_affordable(nonsense * 100_000)


def test_features_and_their_points_are_bounded() -> None:
    ring = [[120.36, 36.09]] * (MOST_POINTS_OF_ONE + 1)
    for features in (
        [feature(FIRST, {"type": "Polygon", "coordinates": [ring]})],
        [feature(FIRST, {"type": "MultiPolygon", "coordinates": [[ring[: len(ring) // 2 + 1]]] * 2})],
        [feature(FIRST, {"type": "Polygon", "coordinates": [ring[1:]]})] * 51,
        [1] * (MOST_FEATURES + 1),
    ):
        with pytest.raises(TooMuchToCheck):
            must_be_bounded(features)
    must_be_bounded([feature(FIRST, {"type": "Polygon", "coordinates": [ring[1:]]}), 1, None, {}])
