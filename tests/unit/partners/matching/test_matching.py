"""How well a partner and a call fit, and why."""

from __future__ import annotations

import json
import random
from dataclasses import fields, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.partners.domain.matching.facts import NOTHING, Giver, Load, Point, Stock, Wanted
from services.partners.domain.matching.index import Index
from services.partners.domain.matching.score import (
    WHOLE,
    Match,
    Scale,
    Weights,
    Why,
    fit,
    metres_between,
    rounded,
)
from services.partners.domain.matching.words import WHY, explained, in_short
from services.partners.domain.registry.partner import Partner
from services.partners.domain.registry.resource import Resource, key_of
from services.partners.domain.terms import OfferStep, Terms
from services.partners.settings import Settings
from tests.unit.partners.given import AREA, FIRST, claiming, open_to_partners
from tests.unit.partners.given import partner as numbered
from tests.unit.partners.matching import market

SCALE = Scale()
HERE = Point.at(120.3638, 36.0927)
PIPE = {"kind": "goods", "codes": ("pipe",), "unit": "m", "name": {"zh": "管", "en": "DN110 pipe"}}
MONEY = {"kind": "funds", "unit": "fen", "name": {"zh": "款", "en": "money"}}


def has(what: dict[str, Any], quantity: int, **more: Any) -> Resource:
    return Resource.model_validate({"area": "370203", **what, "quantity": quantity, **more})


def giver(*resources: Resource, **changes: Any) -> Giver:
    return Giver.of(Partner.model_validate(FIRST.model_dump() | {"resources": resources} | changes))


def wanted(*lines: tuple[str, str, int], **how: Any) -> Wanted:
    return replace(Wanted.of(open_to_partners(*lines, **how)), point=HERE)


def matched(one: Giver, need: Wanted, load: Load = NOTHING) -> Match:
    match = fit(one, load, need, SCALE)
    assert isinstance(match, Match), match
    return match


def test_a_partner_that_has_it_is_explained_in_words() -> None:
    one = giver(has(PIPE, 12), seat={"longitude": 120.3638, "latitude": 36.0981})
    load = Load(held=2, satisfied=9, evaluated=10)
    match = matched(one, wanted(("pipe", "goods", 12)), load)
    assert in_short(match).en == "has 12 m of DN110 pipe · 600 m away · satisfied 9 of 10"
    assert in_short(match).zh == "有 12 米管 · 距离 600 米 · 10 次评价中满意 9 次"
    factors = explained(match, SCALE)
    assert [factor.name for factor in factors] == [one.name for one in fields(Weights)]
    assert factors[2].words.en == "holds 2 of at most 10 claims"
    assert all(factor.words.zh and factor.words.en for factor in factors)


def test_what_has_no_english_name_is_called_by_its_own() -> None:
    one = giver(has({**PIPE, "name": {"zh": "管"}}, 12))
    assert in_short(matched(one, wanted(("pipe", "goods", 12)))).en.startswith("has 12 m of 管")


def test_what_is_taken_already_is_not_wanted_any_more() -> None:
    call = claiming(open_to_partners(), FIRST, money=200_000, pipe=12).state
    assert [(part.name, part.missing) for part in Wanted.of(call).parts] == [("money", 400_000)]


def test_a_line_fits_a_resource_of_its_kind_code_and_unit() -> None:
    need = wanted(("pipe", "goods", 12))
    for other in (
        {**PIPE, "codes": ("rack",)},
        {**PIPE, "unit": "piece"},
        {**PIPE, "kind": "data"},
        {**PIPE, "codes": ()},
    ):
        assert fit(giver(has(other, 12)), NOTHING, need, SCALE) is Why.HAS_NOTHING
    assert key_of("goods", "m", "pipe-2") == key_of("goods", "m", "pipe")  # a second line of the same
    assert matched(giver(has(MONEY, 1)), wanted(("gap", "funds", 600_000)))  # money has no code


def test_who_does_not_serve_the_area_or_gives_it_elsewhere_is_no_match() -> None:
    need = wanted(("pipe", "goods", 12))
    elsewhere = "370203/370203015"
    assert fit(giver(has(PIPE, 12), areas=(elsewhere,)), NOTHING, need, SCALE) is Why.NOT_HERE
    assert fit(giver(has(PIPE, 12, area=elsewhere)), NOTHING, need, SCALE) is Why.HAS_NOTHING


def test_what_cannot_be_had_on_the_last_day_it_is_of_use_does_not_count() -> None:
    need = wanted(("pipe", "goods", 12))
    (part,) = need.parts
    one = giver(has(PIPE, 12, begins=date(2026, 3, 2), ends=date(2026, 3, 5)))
    days = {date(2026, 3, 1): False, date(2026, 3, 2): True, date(2026, 3, 5): True, date(2026, 3, 6): False}
    for day, fits in days.items():
        on_that_day = replace(need, parts=(part._replace(latest=day),))
        assert isinstance(fit(one, NOTHING, on_that_day, SCALE), Match) is fits


def test_what_is_over_or_not_there_yet_today_does_not_count() -> None:
    today = date(2026, 3, 2)
    need = wanted(("pipe", "goods", 5)).on(today)
    soon = replace(need, parts=tuple(part._replace(latest=date(2026, 4, 1)) for part in need.parts)).on(today)
    for resource, now, later in (
        (has(PIPE, 5, ends="2026-03-01"), False, False),
        (has(PIPE, 5, ends="2026-03-02"), True, False),
        (has(PIPE, 5, begins="2026-03-03"), False, True),
        (has(PIPE, 5), True, True),
    ):
        fits = [isinstance(fit(giver(resource), NOTHING, one, SCALE), Match) for one in (need, soon)]
        assert fits == [now, later], resource
    late = replace(need, parts=tuple(part._replace(latest=date(2026, 2, 1)) for part in need.parts))
    assert fit(giver(has(PIPE, 5, ends="2026-02-15")), NOTHING, late.on(today), SCALE) is Why.HAS_NOTHING


def test_two_lines_are_not_covered_from_the_same_stock() -> None:
    both = Resource.model_validate(has(PIPE, 12).model_dump() | {"codes": ("pipe", "tube")})
    for other in ("pipe-2", "tube"):
        need = wanted(("pipe", "goods", 8), (other, "goods", 8))
        assert [cover.free for cover in matched(giver(both), need).covers] == [12, 4]
        whole = wanted(("pipe", "goods", 8), (other, "goods", 8), exclusive=True)
        assert fit(giver(both), NOTHING, whole, SCALE) is Why.NOT_WHOLE


def test_what_is_promised_to_others_does_not_count_whatever_it_was_called() -> None:
    one = giver(has({**PIPE, "codes": ("pipe", "tube")}, 12))
    need = wanted(("pipe", "goods", 12))
    half = matched(one, need, Load(taken={"once": {key_of("goods", "m", "tube"): 6}}))
    assert half.worth[0] == WHOLE // 2
    all_of_it = Load(taken={"once": {key_of("goods", "m", "tube"): 6, key_of("goods", "m", "pipe"): 7}})
    assert fit(one, all_of_it, need, SCALE) is Why.HAS_NOTHING


def test_a_call_taken_as_a_whole_needs_a_partner_with_all_of_it() -> None:
    need = wanted(exclusive=True)
    assert fit(giver(has(PIPE, 12)), NOTHING, need, SCALE) is Why.NOT_WHOLE
    assert fit(giver(has(PIPE, 11), has(MONEY, 600_000)), NOTHING, need, SCALE) is Why.NOT_WHOLE
    assert matched(giver(has(PIPE, 12), has(MONEY, 600_000)), need).worth[0] == WHOLE
    assert matched(giver(has(PIPE, 12)), wanted()).worth[0] == WHOLE // 2


def test_who_holds_as_many_claims_as_it_may_is_no_match() -> None:
    need, one = wanted(("pipe", "goods", 1)), giver(has(PIPE, 1))
    assert fit(one, Load(held=10), need, SCALE) is Why.CARRIES_ENOUGH
    assert [matched(one, need, Load(held=n)).worth[2] for n in (0, 5, 9)] == [1000, 500, 100]


def test_a_record_is_drawn_to_the_mean_while_evaluations_are_few() -> None:
    need, one = wanted(("pipe", "goods", 1)), giver(has(PIPE, 1))
    records = ((0, 0), (1, 1), (100, 100), (0, 1), (0, 100))
    worth = [matched(one, need, Load(satisfied=s, evaluated=n)).worth[3] for s, n in records]
    assert worth == [700, 750, 985, 583, 33]


def test_earlier_work_and_what_it_likes_to_do_count() -> None:
    need = wanted(("pipe", "goods", 1))
    one = giver(has(PIPE, 1))
    next_door, far = AREA[:-2] + "07", "370203/370203014/370203014009/06"
    worked = (frozenset({AREA, far}), frozenset({next_door}), frozenset({far}))
    assert [matched(one, need, Load(worked=areas)).worth[4] for areas in worked] == [1000, 500, 0]
    likes = (("sewage_pipe",), (), ("noise",))
    assert [matched(giver(has(PIPE, 1), categories=some), need).worth[5] for some in likes] == [1000, 500, 0]


def test_without_a_place_the_tree_of_areas_says_how_near() -> None:
    need = wanted(("pipe", "goods", 1))
    levels = ["/".join(AREA.split("/")[:depth]) for depth in (1, 2, 3, 4)]
    matches = [matched(giver(has(PIPE, 1), areas=(area,)), need) for area in levels]
    assert [(match.metres, match.worth[1]) for match in matches] == [
        (None, 250),
        (None, 500),
        (None, 750),
        (None, 1000),
    ]


def test_a_degree_of_latitude_is_as_long_as_everywhere() -> None:
    assert metres_between(Point.at(120, 36), Point.at(120, 37)) == pytest.approx(111_195, abs=5)
    assert metres_between(Point.at(0, 0), Point.at(180, 0)) == pytest.approx(20_015_115, abs=50)
    assert metres_between(HERE, HERE) == 0
    assert metres_between(HERE, None) is None


@given(
    st.floats(120.3635, 120.3645, exclude_min=True, exclude_max=True),
    st.floats(36.0925, 36.0935, exclude_min=True, exclude_max=True),
)
def test_no_score_and_no_distance_tells_in_which_house_of_the_block_it_is(lon: float, lat: float) -> None:
    """However a partner moves its seat: what it is ranked by is of the coarse point alone."""
    need = Wanted.of(open_to_partners().but(longitude=lon, latitude=lat))
    assert need.point == Point.at(120.364, 36.093)


def test_distances_are_shown_in_hundreds_of_metres() -> None:
    assert [rounded(metres) for metres in (0, 49, 51, 649, 1234, None)] == [0, 0, 100, 600, 1200, None]


@pytest.mark.parametrize(
    "wrong", [{"near": 1}, {**Weights().by_name, "near": -1}, dict.fromkeys(Weights().by_name, 0), {}]
)
def test_weights_that_make_no_sense_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="weights"):
        Weights.of(wrong)


def test_weights_and_steps_are_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(
        "HEHUO_PARTNERS_WEIGHTS", json.dumps({**dict.fromkeys(Weights().by_name, 0), "near": 2})
    )
    monkeypatch.setenv("HEHUO_PARTNERS_HALF_METRES", "700")
    monkeypatch.setenv("HEHUO_PARTNERS_OFFER_STEPS", '[{"most": 2, "metres": 900, "within": "PT36H"}]')
    scale = Settings().scale()
    assert scale.weights == Weights(covers=0, near=1000, free=0, record=0, earlier=0, willing=0)
    assert (scale.half_metres, scale.held_most) == (700, Terms().held_most)
    assert Settings().terms().offer_steps == (OfferStep(2, 900, timedelta(hours=36)),)
    monkeypatch.setenv("HEHUO_PARTNERS_WEIGHTS", '{"near": 1}')
    with pytest.raises(ValueError, match="weights"):
        Settings().scale()


@given(st.lists(st.floats(0, 1e6), min_size=6, max_size=6).filter(any))
def test_weights_are_brought_to_a_thousand(some: list[float]) -> None:
    names = list(Weights().by_name)
    weights = Weights.of(dict(zip(names, some, strict=True)))
    assert sum(weights.by_name.values()) == WHOLE
    assert min(weights.by_name.values()) >= 0


# ── whatever the partner, whatever the need ──

seeds = st.integers(0, 2**32)


def _some(seed: int) -> tuple[Giver, Load, Wanted]:
    """A partner and a need that fit more often than not."""
    chance = random.Random(seed)
    one, need = Giver.of(market.partner(chance, 0)), market.wanted(chance)
    stock = chance.choice(sorted({stock for some in one.stocks.values() for stock in some}, key=str))
    kind, unit, _ = stock.keys[0].split("|")
    part = need.parts[0]._replace(
        kind=kind, unit=unit, key=stock.keys[0], latest=None, missing=chance.randint(1, 200)
    )
    inside = (
        (stock.within + "370203000/370203000000/01")[: len(AREA)]
        if stock.within.count("/") < 2
        else stock.within[:-1]
    )
    return (
        one,
        market.load(chance, list(one.stocks)),
        replace(need, area=inside, parts=(part, *need.parts[1:])),
    )


@given(seeds)
@settings(max_examples=300)
def test_the_explanation_adds_up_to_the_score(seed: int) -> None:
    one, load, need = _some(seed)
    match = fit(one, load, need, SCALE)
    if isinstance(match, Why):
        assert WHY[match].zh
        return
    factors = explained(match, SCALE)
    assert sum(factor.points for factor in factors) == match.score
    assert all(factor.points == factor.weight * factor.worth for factor in factors)
    assert 0 <= match.score <= WHOLE * WHOLE
    assert all(0 <= worth <= WHOLE for worth in match.worth)
    assert in_short(match).en


def _score(match: Match | Why) -> int:
    return match.score if isinstance(match, Match) else -1


@given(seeds, st.integers(0, 1000))
@settings(max_examples=300)
def test_more_of_a_resource_never_lowers_the_score(seed: int, more: int) -> None:
    one, load, need = _some(seed)

    def larger(stock: Stock) -> Stock:
        return stock._replace(quantity=stock.quantity + more)

    richer = replace(one, stocks={key: tuple(map(larger, some)) for key, some in one.stocks.items()})
    assert _score(fit(richer, load, need, SCALE)) >= _score(fit(one, load, need, SCALE))


@given(seeds, st.floats(0, 1))
@settings(max_examples=300)
def test_being_nearer_never_lowers_the_score(seed: int, part: float) -> None:
    one, load, need = _some(seed)
    if need.point is None or one.seat is None:
        return
    where, seat = need.point, one.seat
    between = Point.at(
        *(
            180
            / 3.141592653589793
            * (getattr(where, axis) + part * (getattr(seat, axis) - getattr(where, axis)))
            for axis in ("longitude", "latitude")
        )
    )
    nearer = replace(one, seat=between)
    assert _score(fit(nearer, load, need, SCALE)) >= _score(fit(one, load, need, SCALE))


@given(seeds)
@settings(max_examples=30, deadline=None)
def test_the_index_finds_exactly_who_fits(seed: int) -> None:
    chance = random.Random(seed)
    partners = {one.id: one for one in (market.partner(chance, n) for n in range(200))}
    load = {id: market.load(chance, list(Giver.of(one).stocks)) for id, one in partners.items()}
    index = Index()
    index.keep(partners)
    at = chance.choice([market.grid(chance), chance.choice(list(partners.values())).areas[0]])
    need = replace(market.wanted(chance), area=at)
    brute = [fit(Giver.of(one), load[id], need, SCALE) for id, one in partners.items()]
    fits = sorted((one for one in brute if isinstance(one, Match)), key=lambda match: match.order)
    assert index.ranked(need, load, SCALE) == fits


def test_the_index_follows_the_roster() -> None:
    index, need = Index(), wanted(("pipe", "goods", 1))
    first, second = (numbered(n).but(resources=(has(PIPE, 1),)) for n in (1, 2))

    def found() -> list[UUID]:
        return [match.partner_id for match in index.ranked(need, {}, SCALE)]

    index.keep({first.id: first, second.id: second})
    assert found() == [first.id, second.id], "of equals, the lower id first"
    index.keep({second.id: second})
    assert found() == [second.id]
    index.keep({first.id: first, second.id: second.but(resources=())})
    assert found() == [first.id]
    assert len(index) == 2
