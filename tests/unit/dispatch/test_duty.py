"""Who may do what, and what strangers see."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.duty import NotYourLevel, sees
from services.dispatch.domain.ground.department import UnknownDepartment
from services.dispatch.domain.ladder.assignment import AssignDispatch, TakenAlready, assign
from services.dispatch.domain.ladder.referral import NotYourReferral, ReferToDepartment, refer
from services.dispatch.domain.ladder.whistle import AnswerWhistle, answer, blow
from services.dispatch.domain.states import DispatchState, Level
from services.dispatch.domain.supervision.directing import DirectSupervision, direct
from services.dispatch.domain.works.handling import DeliverWork, deliver
from services.dispatch.domain.works.lead import NameLead, name_lead
from services.dispatch.domain.works.tasks import give_task
from shared.caller import Caller, Role, system
from shared.entry import Decision
from shared.problems import NotFound, RuleBroken
from tests.unit.dispatch.situations import commands, situations
from tests.unit.dispatch.stories import (
    AREA,
    COMMUNITY,
    DISTRICT,
    FENCE,
    GRID_WORKER,
    LIMITS,
    NOW,
    SEWAGE,
    STRANGER,
    STREET,
    TOGETHER,
    URBAN,
    Command,
    later,
)
from tests.unit.dispatch.test_moves import LEGAL

ANY_STAFF = {"rounds/1/consents", "rounds/1/objections"}
COLLEAGUE = Caller("grid-worker-06b", Role.GRID_WORKER, area=AREA)
DISTRICTS = ("lead", "supervision", "supervision/result")
HIGHER = {
    "time-requests/answer": "street",
    "referral/dispute/ruling": "street",
    **dict.fromkeys(DISTRICTS, "district"),
}
ONLY_FROM_THE_COMMUNITY_UP = {
    "transfer",
    "whistle, together",
    "tasks",
    "referral",
    "deadlock",
    "rounds",
    "call",
    "closure",
    "closure, duplicate",
    "unbinding",
}


def pairs(by: Caller) -> list[tuple[str, str, Command]]:
    asked = commands(by, officer=by)
    return [(name, situation, asked[name]) for name in LEGAL for situation in LEGAL[name]]


@pytest.mark.parametrize(
    "stranger",
    [
        STRANGER,
        Caller("grid-worker-05", Role.GRID_WORKER, area=AREA[:-1] + "5"),
        Caller("street-elsewhere", Role.STREET, area="370203/37020301"),
        Caller("resident-1", Role.RESIDENT),
        Caller("leader", Role.BUILDING_LEADER, area=AREA),
        Caller("partner", Role.PARTNER, partner="01900000-0000-7000-8000-000000000001"),
        Caller("operator", Role.OPERATOR),
        Caller("nobody", Role.DISTRICT),
        Caller("no-department", Role.DEPARTMENT),
        system("clock"),
    ],
    ids=lambda caller: caller.id,
)
def test_what_is_not_yours_looks_like_what_is_not_there(stranger: Caller) -> None:
    for _, situation, command in pairs(stranger):
        assert not sees(situations()[situation], stranger)
        with pytest.raises(NotFound):
            command(situations()[situation])


def test_every_level_of_the_area_sees_it_and_nobody_sees_what_is_blank() -> None:
    for caller in (GRID_WORKER, COMMUNITY, STREET, DISTRICT):
        assert sees(situations()["received"], caller)
        assert not sees(situations()["unknown"], caller)


def test_a_department_sees_what_it_was_asked_and_nothing_else() -> None:
    assert sees(situations()["referred"], SEWAGE)
    assert not sees(situations()["referred"], URBAN)
    assert not sees(situations()["in_handling"], SEWAGE)


def test_a_lower_level_cannot_do_what_a_higher_one_has_to() -> None:
    for name, situation, command in pairs(GRID_WORKER):
        dispatch = situations()[situation]
        if name == "referral/answer" or (name, situation) == ("whistle/answer", "whistled, together"):
            continue
        own_whistle = (name, situation) == ("whistle/recall", "whistled")  # whoever blew it
        if (
            name in ANY_STAFF
            or own_whistle
            or (dispatch.level is Level.GRID and name not in ONLY_FROM_THE_COMMUNITY_UP)
        ):
            command(dispatch)
            continue
        with pytest.raises(NotYourLevel) as refused:
            command(dispatch)
        above_a_deadlock = name == "closure" and dispatch.deadlock
        least = "street" if above_a_deadlock else HIGHER.get(name, "community")
        assert refused.value.now == {"level": least}


def test_a_street_acts_for_its_community() -> None:
    for name, situation, command in pairs(STREET):
        if name == "referral/answer" or HIGHER.get(name) == "district":
            continue
        if situation == "in_handling, supervised" and name in ("closure", "closure, duplicate"):
            continue  # what is supervised the district closes
        command(situations()[situation])


def test_only_the_department_that_is_asked_answers() -> None:
    both_know = situations()["referred"].but(departments=("sewage", "urban_management"))
    for officer in (URBAN, STREET):
        with pytest.raises(NotYourReferral):
            commands(officer=officer)["referral/answer"](both_know)


def test_a_department_decides_nothing_but_its_own_work() -> None:
    known = {situation: dispatch.but(departments=("sewage",)) for situation, dispatch in situations().items()}
    for name, situation, command in pairs(SEWAGE):
        if name == "referral/answer" or (name, situation) == ("whistle/answer", "whistled, together"):
            continue
        with pytest.raises(RuleBroken) as refused:
            command(known[situation])
        assert isinstance(refused.value, NotYourLevel), name


def test_the_department_that_accepted_says_when_its_work_is_done() -> None:
    accepted = situations()["in_handling"].but(departments=("sewage",), handled_by="sewage")
    done = deliver(accepted, DeliverWork(), by=SEWAGE, at=NOW, limits=LIMITS).state
    assert done.state is DispatchState.TO_CHECK
    assert done.done_by == ("sewage", "officer-sewage")


def test_whoever_takes_it_has_it_at_the_own_level() -> None:
    assert (
        assign(situations()["received"], AssignDispatch(), by=GRID_WORKER, at=NOW, limits=LIMITS).state.level
        is Level.GRID
    )
    assert (
        assign(situations()["received"], AssignDispatch(), by=STREET, at=NOW, limits=LIMITS).state.level
        is Level.STREET
    )


def test_nobody_takes_it_out_of_the_hands_of_the_own_level() -> None:
    with pytest.raises(TakenAlready) as refused:
        assign(situations()["assigned"], AssignDispatch(), by=COLLEAGUE, at=NOW, limits=LIMITS)
    assert refused.value.now == {"assigned_to": "grid-worker-06"}
    with pytest.raises(TakenAlready):
        assign(situations()["assigned"], AssignDispatch(to=COLLEAGUE.id), by=COLLEAGUE, at=NOW, limits=LIMITS)


def test_whoever_has_it_or_a_level_above_gives_it_on() -> None:
    had = situations()["assigned"]
    for giver in (GRID_WORKER, COMMUNITY):
        given = assign(had, AssignDispatch(to=COLLEAGUE.id), by=giver, at=NOW, limits=LIMITS).state
        assert (given.assigned_to, given.level) == (COLLEAGUE.id, Level.GRID)
    assert (
        assign(had, AssignDispatch(), by=COMMUNITY, at=NOW, limits=LIMITS).state.assigned_to == COMMUNITY.id
    )


def test_what_a_unit_has_in_hand_one_of_its_people_may_take() -> None:
    assert (
        assign(
            situations()["in_handling"], AssignDispatch(), by=COMMUNITY, at=NOW, limits=LIMITS
        ).state.assigned_to
        == COMMUNITY.id
    )


def test_whoever_gives_it_to_somebody_leaves_the_level() -> None:
    given = assign(
        situations()["received"], AssignDispatch(to="grid-worker-06"), by=COMMUNITY, at=NOW, limits=LIMITS
    ).state
    assert (given.level, given.assigned_to) == (Level.GRID, "grid-worker-06")


def test_a_street_that_answers_for_the_community_leaves_it_to_the_community() -> None:
    taken = answer(
        situations()["whistled"],
        AnswerWhistle(),
        by=STREET,
        at=situations()["whistled"].due["whistle"],
        limits=LIMITS,
    )
    assert taken.state.level is Level.COMMUNITY


SIGN = FENCE.model_copy(update={"unit": "sewage"})
ABOUT_UNITS: dict[str, tuple[Callable[..., Decision[Dispatch]], Any]] = {
    "whistle": (blow, TOGETHER),
    "referral": (refer, ReferToDepartment(department="sewage")),
    "lead": (name_lead, NameLead(unit="sewage")),
    "co-units": (name_lead, NameLead(unit="street", co_units=(SIGN,))),
    "tasks": (give_task, SIGN),
    "supervision": (direct, DirectSupervision(unit="sewage", measures="a pipe", due=later(days=2))),
}


@pytest.mark.parametrize("asked", ABOUT_UNITS)
def test_whether_there_is_such_a_unit_is_said_only_to_those_who_see_the_dispatch(asked: str) -> None:
    rule, command = ABOUT_UNITS[asked]
    for by, refusal in ((STRANGER, NotFound), (DISTRICT, UnknownDepartment)):
        with pytest.raises(refusal):
            rule(situations()["in_handling"], command, departments=(), by=by, at=NOW, limits=LIMITS)
