"""Routing rules: the first one that fits decides, and some can never decide."""

from __future__ import annotations

from datetime import UTC, datetime, time
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.ground.routing import Case, Routing, Rule, Then, case_of, look, repeated
from services.dispatch.domain.ground.shadow import never_match
from services.dispatch.domain.place.amending import amend
from services.dispatch.domain.place.opening import receive
from services.dispatch.domain.states import Clock, DispatchState, Level
from services.dispatch.settings import Settings
from shared.contracts.from_intake import OrderAmendedV1, OrderPlacedV2
from tests.unit.dispatch.stories import AREA, LIMITS, NOW, heard, order, told

GROUND = Settings().first_ground()
COMMUNITY = AREA.rpartition("/")[0]
NIGHT = {"begins": "22:00", "ends": "06:00"}
EVENING = datetime(2026, 3, 2, 23, 0, tzinfo=LIMITS.calendar.zone)  # a Monday


def rule(id: str, then: dict[str, Any] | None = None, **when: Any) -> Rule:
    return Rule.model_validate({"id": id, "name": id, "when": when, "then": then or {}})


def case(**more: Any) -> Case:
    usual = {"category": "noise", "urgency": "general", "area": AREA, "at": EVENING, "workday": True,
             "answers": {"source": "music", "indoors": "yes"}, "workday_before": False}  # fmt: skip
    return Case(**{**usual, **more})


@pytest.mark.parametrize(
    ("when", "fits"),
    [
        ({}, True),
        ({"categories": ["noise", "garbage"]}, True),
        ({"categories": ["garbage"]}, False),
        ({"area": COMMUNITY}, True),
        ({"area": AREA}, True),
        ({"area": "370203/37020301"}, False),  # a prefix of the path, not of the text
        ({"urgencies": ["general"]}, True),
        ({"urgencies": ["urgent", "emergency"]}, False),
        ({"between": NIGHT}, True),
        ({"between": {"begins": "08:00", "ends": "23:00"}}, False),
        ({"workday": True}, True),
        ({"workday": False}, False),
        ({"categories": ["noise"], "workday": False}, False),
        ({"answers": {"source": "music"}}, True),
        ({"answers": {"source": "music", "indoors": "no"}}, False),
        ({"answers": {"not_asked": "yes"}}, False),
    ],
)
def test_a_rule_fits_when_everything_it_says_is_so(when: dict[str, Any], fits: bool) -> None:
    assert (not look(rule("a", **when), case()).not_so) is fits
    assert (Routing((rule("a", **when),), 1).decide(case()) is not None) is fits


def test_the_first_that_fits_decides_and_says_why() -> None:
    rules = (
        rule("never", categories=["garbage"]),
        rule("night", {"level": "street", "unit": "patrol"}, categories=["noise"], between=NIGHT),
        rule("rest"),
    )
    decided = Routing(rules, 7).decide(case())
    assert decided is not None
    assert (decided.rule, decided.version, decided.level, decided.unit) == (
        "night",
        7,
        Level.STREET,
        "patrol",
    )
    assert decided.why == "category noise; 23:00 in 22:00–06:00"


def test_without_a_rule_that_fits_the_grid_has_it() -> None:
    assert Routing().decide(case()) is None
    opened = receive(Dispatch(), heard(order()), ground=GROUND, limits=LIMITS).state
    assert (opened.level, opened.routed) == (Level.GRID, None)


def routed(**then: Any) -> Any:
    ground = GROUND._replace(routing=Routing((rule("pipes", then),), 3))
    return receive(Dispatch(), heard(order()), ground=ground, limits=LIMITS)


def test_a_rule_lets_a_level_begin_and_names_the_unit_that_is_to_take_it() -> None:
    opened = routed(level="street", unit="patrol-1").state
    assert (opened.state, opened.level) == (DispatchState.RECEIVED, Level.STREET)
    assert (opened.routed.rule, opened.routed.unit, opened.routed.version) == ("pipes", "patrol-1", 3)
    assert Clock.DISPATCH in opened.due, "nobody has taken it yet"


def test_a_rule_asks_a_department_at_once_and_its_clock_runs() -> None:
    decision = routed(department="sewage")
    assert told(decision) == ["dispatch_opened", "referral_made"]
    assert (decision.state.state, decision.state.level) == (DispatchState.REFERRED, Level.COMMUNITY)
    assert Clock.REFERRAL in decision.state.due
    assert decision.state.referrals[0].by == "rule:pipes"


def test_a_department_that_is_gone_is_not_asked() -> None:
    decision = routed(department="gone")
    assert told(decision) == ["dispatch_opened"]


def test_a_unit_or_a_department_but_not_both() -> None:
    with pytest.raises(ValidationError):
        Then(unit="patrol", department="sewage")


def test_rules_look_at_local_time_and_the_calendar() -> None:
    friday_night = datetime(2026, 3, 6, 17, 0, tzinfo=UTC)
    found = case_of("noise", "general", AREA, {}, friday_night, LIMITS.calendar)
    assert (found.at.day, found.at.hour, found.workday) == (7, 1, False)
    assert case_of("noise", "general", AREA, {}, NOW, LIMITS.calendar).workday


def test_an_id_stands_there_once() -> None:
    assert repeated([rule("a"), rule("b")]) is None
    assert repeated([rule("a"), rule("b"), rule("a")]) == "a"


@pytest.mark.parametrize(
    ("rules", "never"),
    [
        ([rule("all"), rule("x", categories=["noise"])], {"x": ["all"]}),
        ([rule("x", categories=["noise"]), rule("all")], {}),
        ([rule("a", area=COMMUNITY), rule("b", area=AREA)], {"b": ["a"]}),
        ([rule("a", area=AREA), rule("b", area=COMMUNITY)], {}),
        ([rule("a", workday=True), rule("b", workday=False), rule("c")], {"c": ["a", "b"]}),
        (
            [
                rule("a", between={"begins": "06:00", "ends": "22:00"}),
                rule("b", between={"begins": "21:00", "ends": "07:00"}),
                rule("c", categories=["noise"]),
            ],
            {"c": ["a", "b"]},
        ),
        (
            [
                rule("a", urgencies=["emergency", "urgent"]),
                rule("b", urgencies=["general"], workday=True),
                rule("c", workday=True, categories=["noise"]),
                rule("d", categories=["noise"]),
            ],
            {"c": ["a", "b"]},
        ),
    ],
)
def test_rules_that_others_take_everything_from_are_named(
    rules: list[Rule], never: dict[str, list[str]]
) -> None:
    assert never_match(rules) == never


@pytest.mark.parametrize(
    ("now", "workday", "before", "fits"),
    [
        ("23:00", True, False, True),  # it begins on a workday
        ("23:00", False, True, False),
        ("05:59", False, True, True),  # it began on one
        ("05:59", True, False, False),
        ("06:00", True, True, False),
    ],
)
def test_a_night_asks_for_the_day_that_it_begins_on(
    now: str, workday: bool, before: bool, fits: bool
) -> None:
    at = datetime.combine(EVENING.date(), time.fromisoformat(now), EVENING.tzinfo)
    found = look(
        rule("night", between=NIGHT, workday=True), case(at=at, workday=workday, workday_before=before)
    )
    assert (not found.not_so) is fits


def test_the_day_before_is_looked_up_too() -> None:
    sunday_night = datetime(2026, 3, 2, 2, 0, tzinfo=LIMITS.calendar.zone)  # a Monday
    found = case_of("noise", "general", AREA, {}, sunday_night, LIMITS.calendar)
    assert (found.workday, found.workday_before) == (True, False)
    assert look(rule("night", between=NIGHT, workday=True), found).not_so == ("begun on no workday",)


CATEGORIES, AREAS = ("noise", "garbage", "other"), (AREA, COMMUNITY, "370203/1")
TIMES = (time(0), time(6), time(12), time(22))
a_rule = st.fixed_dictionaries(
    {},
    optional={
        "categories": st.lists(st.sampled_from(CATEGORIES[:2]), min_size=1, max_size=2, unique=True),
        "area": st.sampled_from(AREAS),
        "urgencies": st.lists(st.sampled_from(("emergency", "general")), min_size=1, max_size=2, unique=True),
        "between": st.tuples(st.sampled_from(TIMES), st.sampled_from(TIMES)).map(
            lambda two: {"begins": two[0], "ends": two[1]}
        ),
        "workday": st.booleans(),
        "answers": st.dictionaries(st.sampled_from("ab"), st.sampled_from(("yes", "no")), min_size=1),
    },
)


@given(st.lists(a_rule, max_size=5))
def test_a_rule_is_said_never_to_match_exactly_when_no_order_comes_to_it(whens: list[dict[str, Any]]) -> None:
    rules = [rule(f"r{n}", **when) for n, when in enumerate(whens)]
    routing, reached = Routing(tuple(rules), 1), set()
    areas = (AREA, f"{COMMUNITY}/99", "370203/1", "370203/9")
    said = ("yes", "no", "nothing")
    days = product((True, False), repeat=2)
    for category, area, urgency, hour, (workday, before), a, b in product(
        CATEGORIES, areas, ("emergency", "urgent", "general"), TIMES, days, said, said
    ):
        at = EVENING.replace(hour=hour.hour)
        decided = routing.decide(Case(category, urgency, area, at, workday, {"a": a, "b": b}, before))
        reached.add(decided.rule if decided else "")
    assert set(never_match(rules)) == {one.id for one in rules} - reached


def test_what_was_answered_decides_and_is_shown() -> None:
    answered = OrderPlacedV2(**order().model_dump(), answers={"where": "street"})
    rules = (rule("street", {"level": "street"}, answers={"where": "street"}),)
    ground = GROUND._replace(routing=Routing(rules, 3))
    opened = receive(Dispatch(), heard(answered), ground=ground, limits=LIMITS).state
    assert opened.routed is not None
    assert (opened.routed.rule, opened.routed.why) == ("street", "where answered with street")
    assert opened.answers == {"where": "street"}
    before = receive(Dispatch(), heard(order()), ground=ground, limits=LIMITS).state
    assert before.routed is None, "an order told by the first version has no answers"


def test_what_was_answered_is_about_the_category_it_was_asked_for() -> None:
    answered = OrderPlacedV2(**order().model_dump(), answers={"where": "street"})
    rules = (rule("street", {"level": "street"}, answers={"where": "street"}),)
    ground = GROUND._replace(routing=Routing(rules, 3))
    opened = receive(Dispatch(), heard(answered), ground=ground, limits=LIMITS).state
    amended = OrderAmendedV1(category="noise", place=answered.place, reason="wrong")
    corrected = amend(opened, heard(amended), ground=ground, limits=LIMITS).state
    assert (corrected.routed, corrected.answers) == (None, {})
