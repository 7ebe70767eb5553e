"""Who stands in for whom, through whom, until when, and what they may do by it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from services.dispatch.domain.duty import must_answer, sees
from services.dispatch.domain.ground.register import CircleOfSubstitutes, Register, must_be_no_circle
from services.dispatch.domain.ground.staff import (
    Away,
    NotOfTheArea,
    Person,
    UnknownPerson,
    must_see_what_lies_in,
    role_of,
)
from services.dispatch.domain.ladder.assignment import AssignDispatch, assign, give, hand_over
from services.dispatch.domain.states import DispatchState, Level
from services.dispatch.domain.works.checking import CheckWork, OwnWork, check
from services.dispatch.queries.reading import within
from shared.caller import Caller, Role
from tests.unit.dispatch.situations import situations
from tests.unit.dispatch.stories import AREA, COMMUNITY, DISTRICT, GRID_WORKER, LIMITS, NEXT_COMMUNITY, NOW

LEAVE = (Away(since=NOW, until=NOW + timedelta(days=2)),)
BACK = NOW + timedelta(days=2)


def person(id: str, *substitutes: str, **more: Any) -> Person:
    usual = {"name": id, "role": "grid_worker", "area": AREA, "substitutes": substitutes}
    return Person(**{"id": id, **usual, **more})


def caller(id: str, role: Role = Role.GRID_WORKER, area: str = NEXT_COMMUNITY) -> Caller:
    return Caller(id, role, area=area)


def instead(id: str, *people: Person, at: datetime = NOW, role: Role = Role.GRID_WORKER) -> list[str | None]:
    return [one.stands_in_for for one in Register(people).acting(caller(id, role), at)[1:]]


A, B, C = (person(id, then, away=LEAVE) for id, then in (("a", "b"), ("b", "c"), ("c", "a")))
LI, ZHAO = person("li"), person("zhao")


@pytest.mark.parametrize(
    ("people", "who", "for_whom"),
    [
        ((person("a", "li"), LI), "li", []),  # nobody is away
        ((person("a", "li", away=LEAVE), LI), "li", ["a"]),
        ((person("a", "zhao", "li", away=LEAVE), LI, ZHAO), "li", []),  # the first one does
        ((person("a", "zhao", "li", away=LEAVE), LI), "li", ["a"]),  # whom nobody knows does not
        ((A, person("b", "li", away=LEAVE), LI), "li", ["a", "b"]),  # through somebody who is away
        ((person("a", "b", "zhao", away=LEAVE), person("b", "li", away=LEAVE), LI, ZHAO), "li", ["b"]),
        ((person("a", "b", "zhao", away=LEAVE), person("b", "li", away=LEAVE), LI, ZHAO), "zhao", ["a"]),
        ((person("a", "li", away=LEAVE),), "li", []),  # who left stands in for nobody
        ((A, B, C), "c", []),  # a circle that was stored before comes to an end
        ((person("a", "li", away=LEAVE, role="building_leader"), LI), "li", []),  # they see no dispatch
    ],
)
def test_the_first_who_is_there_stands_in(people: tuple[Person, ...], who: str, for_whom: list[str]) -> None:
    assert instead(who, *people) == for_whom


def test_it_lasts_from_the_first_moment_up_to_the_last() -> None:
    people = (person("a", "li", away=LEAVE), LI)
    assert instead("li", *people, at=NOW - timedelta(seconds=1)) == []
    assert instead("li", *people, at=BACK - timedelta(seconds=1)) == ["a"]
    assert instead("li", *people, at=BACK) == []


def test_nobody_but_staff_stands_in() -> None:
    assert instead("li", person("a", "li", away=LEAVE), LI, role=Role.DEPARTMENT) == []


@pytest.mark.parametrize(
    ("role", "area", "acts_as"),
    [
        ("grid_worker", AREA, Role.GRID_WORKER),
        ("community", str(COMMUNITY.area), Role.COMMUNITY),
        ("district", "370203", Role.DISTRICT),
        ("district", str(COMMUNITY.area), Role.COMMUNITY),  # a word gives no more than the area
        ("grid_worker", "370203", Role.GRID_WORKER),
        ("branch_secretary", str(COMMUNITY.area), Role.GRID_WORKER),  # a word of their own
        ("building_leader", AREA, None),
        ("operator", "370203", None),
    ],
)
def test_a_role_is_never_above_its_area(role: str, area: str, acts_as: Role | None) -> None:
    assert role_of(person("a", role=role, area=area)) is acts_as


def standing_in(absent: Person = person("grid-worker-06", "li", away=LEAVE)) -> Caller:  # noqa: B008 - frozen
    return Register((absent, LI)).acting(caller("li"), NOW)[1]


def test_who_stands_in_has_the_rights_of_the_absent_one_and_is_named_themselves() -> None:
    had, by = situations()["assigned"], standing_in()
    assert (sees(had, by), must_answer(had, by), by.by.id) == (True, Level.GRID, "li")
    assert not sees(had, caller("li"))
    taken = assign(situations()["received"], AssignDispatch(), by=by, at=NOW, limits=LIMITS).state
    assert taken.assigned_to == "grid-worker-06", "it is theirs when they are back"


def test_nobody_checks_the_work_of_whom_they_stand_in_for() -> None:
    done = situations()["to_check"].but(done_by=("grid-worker-06",), level=Level.GRID)
    with pytest.raises(OwnWork):
        check(done, CheckWork(passed=True), by=standing_in(), at=NOW, limits=LIMITS)


@pytest.mark.parametrize(
    ("found", "refusal"),
    [
        (None, UnknownPerson),
        (person("li", area=NEXT_COMMUNITY), NotOfTheArea),
        (person("li", area=f"{AREA}/12"), NotOfTheArea),
        (person("li", role="building_leader"), NotOfTheArea),
    ],
)
def test_nobody_is_given_what_they_do_not_see(
    found: Person | None, refusal: type[UnknownPerson | NotOfTheArea]
) -> None:
    with pytest.raises(refusal):
        must_see_what_lies_in(AREA, found, "li")
    to_li, received = AssignDispatch(to="li"), situations()["received"]
    with pytest.raises(refusal):
        give(received, to_li, person=found, by=COMMUNITY, at=NOW, limits=LIMITS)
    stored = situations()["assigned"].but(assigned_to="li")  # from before: said again, it is so already
    assert not give(stored, to_li, person=found, by=COMMUNITY, at=NOW, limits=LIMITS).events


def test_who_sees_it_is_given_it_and_who_takes_it_needs_no_register() -> None:
    had = situations()["received"]
    for place in (AREA, str(COMMUNITY.area), "370203"):
        to = person("li", area=place, role="community")
        given = give(had, AssignDispatch(to="li"), person=to, by=COMMUNITY, at=NOW, limits=LIMITS)
        assert given.state.assigned_to == "li"
    taken = give(had, AssignDispatch(), person=None, by=GRID_WORKER, at=NOW, limits=LIMITS)
    assert taken.state.assigned_to == GRID_WORKER.id


@pytest.mark.parametrize("name", sorted(situations()))
def test_whoever_had_it_only_the_hand_changes(name: str) -> None:
    before = situations()[name].but(assigned_to="sun")
    after = hand_over(before, "sun", "li")
    if before.state is DispatchState.CLOSED:
        assert after.state is before
        return
    assert after.state == before.but(assigned_to="li")
    told = "dispatch_assigned" if before.state is DispatchState.ASSIGNED else "work_handed_over"
    assert [event.name for event in after.events] == [told]
    assert hand_over(after.state, "sun", "li").state is after.state


@pytest.mark.parametrize("people", [(person("a", "a"),), (A, B, C), (person("a", "x", "b"), B, C)])
def test_a_circle_is_refused(people: tuple[Person, ...]) -> None:
    with pytest.raises(CircleOfSubstitutes):
        must_be_no_circle(people[0], {one.id: one for one in people[1:]})


def test_a_chain_is_no_circle_nor_is_a_circle_of_others() -> None:
    must_be_no_circle(person("d", "a"), {one.id: one for one in (A, B, C)})
    must_be_no_circle(person("a", "b", "gone"), {"b": B, "c": LI})


def test_lists_hold_what_the_absent_one_would_find_too() -> None:
    li, by = caller("li"), standing_in()
    queue = within(li, None, by)
    assert (queue.area, queue.also) == (NEXT_COMMUNITY, (AREA,))
    assert {"li", NEXT_COMMUNITY, "grid-worker-06", AREA} == set(queue.units)
    assert queue.filter()["find.areas"] == {"$in": [NEXT_COMMUNITY, AREA]}
    assert within(li, AREA, by).area == AREA
    assert within(DISTRICT, None, by).also == (), "what lies in the own area is listed once"
