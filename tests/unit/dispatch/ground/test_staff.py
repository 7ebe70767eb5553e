"""Who is on duty where, who stands in, and who looks after whom."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from services.dispatch.domain.duty import NotYourLevel
from services.dispatch.domain.ground.span import Between
from services.dispatch.domain.ground.staff import (
    Away,
    Hours,
    Person,
    PutPerson,
    must_govern,
    must_manage,
    on_duty,
    role_of,
)
from shared.caller import Caller, Role
from shared.problems import NotFound
from tests.unit.dispatch.stories import AREA, COMMUNITY, DISTRICT, GRID_WORKER, STRANGER, STREET

MORNING = Hours(days=(1, 2, 3, 4, 5), between=Between(begins=time(8), ends=time(12)))
NIGHT = Hours(days=(5,), between=Between(begins=time(22), ends=time(6)))


def at(text: str) -> datetime:
    """Local time; the second of March 2026 is a Monday."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Shanghai"))


def person(id: str, *duty: Hours, **more: Any) -> Person:
    return Person(id=id, name=id, role="grid_worker", area=AREA, duty=duty, **more)


def there(local: datetime, *people: Person) -> list[tuple[str, str | None]]:
    known = {one.id: one for one in people}
    return [
        (one.person.id, one.stands_in_for)
        for one in on_duty(people, known, at=local.astimezone(UTC), local=local)
    ]


@pytest.mark.parametrize(
    ("when", "holds"),
    [
        ("2026-03-02T08:00", True),
        ("2026-03-02T11:59", True),
        ("2026-03-02T12:00", False),
        ("2026-03-02T07:59", False),
        ("2026-03-07T09:00", False),  # Saturday
    ],
)
def test_duty_is_from_the_one_minute_up_to_the_other(when: str, holds: bool) -> None:
    assert MORNING.hold(at(when)) is holds


@pytest.mark.parametrize(
    ("when", "holds"),
    [
        ("2026-03-06T22:00", True),  # Friday
        ("2026-03-07T05:59", True),
        ("2026-03-07T06:00", False),
        ("2026-03-06T05:00", False),
        ("2026-03-07T23:00", False),
    ],
)
def test_a_night_counts_to_the_day_that_it_begins_on(when: str, holds: bool) -> None:
    assert NIGHT.hold(at(when)) is holds


def test_who_is_away_is_stood_in_for_by_the_first_who_is_not() -> None:
    leave = Away(since=at("2026-03-01T00:00"), until=at("2026-03-03T00:00"))
    sun = person("sun", MORNING, away=(leave,), substitutes=("nobody", "zhao", "li"))
    zhao, li = person("zhao", away=(leave,)), person("li")
    assert there(at("2026-03-02T09:00"), sun, zhao, li) == [("li", "sun")]
    assert there(at("2026-03-03T09:00"), sun, zhao, li) == [("sun", None)]
    assert there(at("2026-03-02T13:00"), sun, zhao, li) == []


def test_where_everybody_is_away_nobody_is_there() -> None:
    leave = Away(since=at("2026-03-01T00:00"), until=at("2026-03-03T00:00"))
    assert there(at("2026-03-02T09:00"), person("sun", MORNING, away=(leave,), substitutes=("li",))) == []


@pytest.mark.parametrize(
    ("by", "area"),
    [
        (GRID_WORKER, f"{AREA}/12"),
        (COMMUNITY, AREA),
        (STREET, AREA),
        (STREET, COMMUNITY.area),
        (DISTRICT, AREA),
        (DISTRICT, "370203"),
    ],
)
def test_the_level_above_looks_after_its_people(by: Caller, area: str) -> None:
    must_manage(by, area)


@pytest.mark.parametrize(("by", "area"), [(GRID_WORKER, AREA), (COMMUNITY, COMMUNITY.area)])
def test_nobody_looks_after_their_own_level(by: Caller, area: str) -> None:
    with pytest.raises(NotYourLevel):
        must_manage(by, area)


def test_people_of_another_area_are_not_there_for_a_stranger() -> None:
    with pytest.raises(NotFound):
        must_manage(STRANGER, AREA)


@pytest.mark.parametrize("by", [GRID_WORKER, COMMUNITY, STREET])
def test_what_holds_for_all_is_the_districts(by: Caller) -> None:
    must_govern(DISTRICT, "370203")
    with pytest.raises(NotYourLevel):
        must_govern(by, "370203")
    with pytest.raises(NotYourLevel):
        must_govern(DISTRICT, "370204")


@pytest.mark.parametrize(
    "wrong",
    [
        {"days": [], "between": {"begins": "08:00", "ends": "12:00"}},
        {"days": [0], "between": {"begins": "08:00", "ends": "12:00"}},
        {"days": [8], "between": {"begins": "08:00", "ends": "12:00"}},
        {"days": [1], "between": {"begins": "24:00", "ends": "08:00"}},
        {"days": [1], "between": {"begins": "25:00", "ends": "08:00"}},
        {"days": [1], "between": {"begins": "08:00+08:00", "ends": "12:00"}},
    ],
)
def test_hours_that_make_no_sense_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Hours.model_validate(wrong)


def test_an_absence_that_was_kept_before_may_be_of_any_age_and_is_read() -> None:
    known = person("sun").model_dump() | {
        "away": [{"since": "0001-01-01T00:00Z", "until": "9999-12-31T23:59Z"}]
    }
    assert Person.model_validate(known).is_away(at("2026-03-02T09:00"))
    with pytest.raises(ValidationError, match="the year must be"):
        PutPerson.model_validate({name: known[name] for name in PutPerson.model_fields})


def test_nobody_is_put_above_the_level_of_their_area_and_who_was_is_read() -> None:
    for role, area in (("street", COMMUNITY.area), ("district", STREET.area), ("community", AREA)):
        put = {"name": "sun", "role": role, "area": area}
        with pytest.raises(ValidationError, match=f"a {role} is above this area"):
            PutPerson.model_validate(put)
        assert role_of(Person.model_validate({"id": "sun", **put})) is not Role(role)
    for role, area in (("street", STREET.area), ("grid_worker", "370203"), ("branch_secretary", AREA)):
        PutPerson.model_validate({"name": "sun", "role": role, "area": area})


def test_an_absence_ends_after_it_begins() -> None:
    with pytest.raises(ValidationError):
        Away(since=at("2026-03-02T09:00"), until=at("2026-03-02T09:00"))
