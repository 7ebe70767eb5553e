"""Settings, what each caller sees, what the store keeps, and the form of requests."""

from __future__ import annotations

import json
from datetime import timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import bson
import pytest
from bson.codec_options import CodecOptions
from pydantic import ValidationError

from services.dispatch.app import app
from services.dispatch.domain.clocks.limits import Limit, Special
from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.ladder.assignment import AssignDispatch
from services.dispatch.domain.ladder.deadlock import DeclareDeadlock
from services.dispatch.domain.ladder.whistle import BlowWhistle
from services.dispatch.domain.states import DispatchState, Level
from services.dispatch.domain.works.call import LineIn
from services.dispatch.queries.ground import located
from services.dispatch.queries.reading import within
from services.dispatch.queries.views import DispatchOut
from services.dispatch.settings import Settings
from services.dispatch.store import Queue
from shared.calendar import Workdays
from shared.caller import Caller, Role
from shared.entry import Entry
from shared.http import document
from shared.problems import NotFound
from shared.settings import EXAMPLE as DEMO
from tests.unit.dispatch.situations import commands, situations
from tests.unit.dispatch.stories import AREA, COMMUNITY, DISTRICT, ORDER, SEWAGE


def seen(situation: str, caller: Caller, **also: Any) -> dict[str, Any]:
    out = DispatchOut.of(Entry(ORDER, situations()[situation].but(**also)), caller)
    found: dict[str, Any] = json.loads(out.model_dump_json())
    return found


@pytest.mark.parametrize("situation", situations())
def test_what_is_kept_comes_back_as_it_was(situation: str) -> None:
    dispatch = situations()[situation]
    codec: CodecOptions[dict[str, Any]] = CodecOptions(tz_aware=True, uuid_representation=4)
    kept = bson.decode(bson.encode({"state": dispatch.model_dump()}, codec_options=codec), codec)
    assert Dispatch.model_validate(kept["state"]) == dispatch


def test_the_record_shows_the_money_and_what_is_claimed_of_each_line() -> None:
    record = seen("claimed", COMMUNITY)
    assert record["money"] == {
        "cost": 860_000,
        "shares": 120_001,
        "subsidies": 0,
        "pledged": 739_999,
        "gap": 0,
        "collected": 0,
    }
    assert [(line["amount"], line["claimed"]) for line in record["call"]["lines"]] == [
        (739_999, 739_999),
        (2, 2),
    ]
    household = record["rounds"][0]["households"][0]
    assert (household["id"], household["share"], household["consent"]) == ("1-101", 30_001, "yes")


def test_a_department_sees_how_many_consented_and_not_who() -> None:
    record = seen("in_deliberation, agreed", SEWAGE, departments=("sewage",), handled_by="sewage")
    assert (record["rounds"][0]["taking_part"], record["rounds"][0]["consenting"]) == (4, 4)
    assert record["rounds"][0]["households"] is None


def test_every_clock_is_shown_with_its_end() -> None:
    record = seen("whistled", COMMUNITY)
    assert set(record["clocks"]) == {"whistle", "reminder/whistle", "close_by", "reminder/close_by"}
    assert record["answer_by"] == record["clocks"]["whistle"]


def test_the_queue_is_bounded_by_the_own_area() -> None:
    assert within(COMMUNITY, None).area == COMMUNITY.area
    assert within(COMMUNITY, AREA).area == AREA
    assert within(DISTRICT, AREA).area == AREA
    for area in ("370203", "370203/370203014", AREA[:-3] + "0"):
        with pytest.raises(NotFound):
            within(COMMUNITY, area)
    with pytest.raises(NotFound):
        within(Caller("odd", Role.STREET), None)


def test_a_department_lists_what_it_was_asked() -> None:
    assert within(SEWAGE, None).filter()["state.departments"] == "sewage"
    with pytest.raises(NotFound):
        within(Caller("odd", Role.DEPARTMENT), None)


def test_filters_reach_the_store_as_plain_values() -> None:
    queue = Queue(
        area="370203", state=DispatchState.CALLED, level=Level.GRID, category="noise", overdue=False
    )
    assert queue.filter() == {
        "find.areas": "370203",
        "state.state": "called",
        "state.level": "grid",
        "state.category": "noise",
        "state.overdue": False,
    }


def test_departments_and_places_are_named() -> None:
    ground = Settings().first_ground()
    assert [one.id for one in ground.departments] == ["sewage", "urban_management"]
    found = located(ground.territory, 120.3638, 36.0927)
    assert (found.area, found.in_no_grid) == (AREA, False)
    assert found.name is not None
    assert "哈尔滨路" in found.name.zh


def test_every_limit_is_a_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    for knob, value in {
        "TAKE_URGENT": "5",
        "ANSWER_GENERAL": "PT30M",
        "CLOSE": "P3D",
        "SPECIAL_LIMITS": '[{"limit": "close", "category": "elevator", "within": "30 workdays"}]',
        "DEADLOCK": "1.5",
        "QUORUM": "3/4",
        "THRESHOLD": "0.5",
        "STRIKES": "2",
    }.items():
        monkeypatch.setenv(f"HEHUO_DISPATCH_{knob}", value)
    limits = Settings().limits()
    assert limits.usual[Limit.TAKE]["urgent"] == timedelta(seconds=5)
    assert limits.usual[Limit.ANSWER]["general"] == timedelta(minutes=30)
    assert limits.usual[Limit.CLOSE]["general"] == timedelta(days=3)
    assert limits.special == (Special(limit=Limit.CLOSE, category="elevator", within=Workdays(30)),)
    assert limits.deadlock == timedelta(seconds=1.5)
    assert (limits.quorum, limits.threshold, limits.strikes) == (Fraction(3, 4), Fraction(1, 2), 2)


@pytest.mark.parametrize(
    ("knob", "value"), [("CLOSE", "-1"), ("QUORUM", "3/2"), ("QUORUM", "0"), ("STRIKES", "0")]
)
def test_a_limit_that_makes_no_sense_is_refused(
    monkeypatch: pytest.MonkeyPatch, knob: str, value: str
) -> None:
    monkeypatch.setenv(f"HEHUO_DISPATCH_{knob}", value)
    with pytest.raises(ValidationError):
        Settings()


def test_a_territory_that_is_not_there_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"HEHUO_DISPATCH_TERRITORY.*No such file"):
        Settings(dispatch_territory=tmp_path).first_ground()


@pytest.mark.parametrize(
    "to", ["", "a b", "$ne", "x" * 65, "名字", "13812345678", "tel:0532-88886666", {"$ne": None}]
)
def test_who_it_is_given_to_is_an_id(to: object) -> None:
    with pytest.raises(ValidationError):
        AssignDispatch.model_validate({"to": to})


def test_nothing_connects_when_it_is_built_and_every_route_says_its_refusals() -> None:
    found = document(app())
    paths = found["paths"].items()
    decisions = [path for path, methods in paths if "post" in methods and "{order_id}" in path]
    walked = {name.partition(",")[0].replace("/1/", "/{number}/") for name in commands()}
    assert {path.partition("/{order_id}/")[2] for path in decisions} == walked
    for path in decisions:
        said = json.dumps(found["paths"][path]["post"]["responses"])
        assert "`wrong-state`" in said
        assert "`not-found`" in said


def test_the_people_of_the_demonstration_have_the_scope_of_their_role() -> None:
    people = json.loads((DEMO / "people.json").read_text(encoding="utf-8"))["people"]
    ground = Settings().first_ground()
    areas = set(ground.territory.areas)
    departments = {one.id for one in ground.departments}
    assert len({one["id"] for one in people}) == len(people)
    assert {"resident", "building_leader", "grid_worker", "community", "street", "district", "department"} < {
        one["role"] for one in people
    }
    for one in people:
        scope = one["scope"]
        assert Role(one["role"])
        assert scope.get("area", "370203") in areas
        assert scope.get("department", "sewage") in departments
        assert one["name"]["zh"]
        assert one["name"]["en"]


def test_numbers_of_people_are_masked_before_anything_is_kept() -> None:
    assert BlowWhistle(public_note="call 138 1234 5678").public_note == "call ***"
    assert DeclareDeadlock(reason="ask a.b@c.cn").reason == "ask ***"
    assert LineIn(name="rack", kind="goods", amount=1, text="id 370203199001011234").text == "id ***"
