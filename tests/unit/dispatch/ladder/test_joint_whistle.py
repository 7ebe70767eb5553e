"""A joint whistle calls several units at once; each answers for itself, and who is silent is climbed over."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pydantic import ValidationError

from services.dispatch.clock import strike
from services.dispatch.domain.clocks.limits import DeadlineOutOfRange, Limits
from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.duty import NotYourLevel
from services.dispatch.domain.ground.unit import Unit, find_units
from services.dispatch.domain.ladder.assignment import AssignDispatch, assign
from services.dispatch.domain.ladder.joint import (
    AnsweredAlready,
    EndWhistle,
    LevelNotAbove,
    NotCalled,
    end_whistle,
)
from services.dispatch.domain.ladder.record import WhistledUnit
from services.dispatch.domain.ladder.whistle import AnswerWhistle, BlowWhistle, answer, blow
from services.dispatch.domain.states import DispatchState, Level
from services.dispatch.domain.supervision.record import Cause
from shared.caller import Caller, Role
from shared.contracts.from_dispatch.ladder import (
    JointWhistleBlownV1,
    WhistleAnsweredV2,
    WhistleBlownV1,
    WhistleEndedV1,
)
from shared.entry import Decision
from tests.unit.dispatch.situations import situations
from tests.unit.dispatch.stories import (
    AREA,
    COMMUNITY,
    DEPARTMENTS,
    DISTRICT,
    GRID_WORKER,
    LIMITS,
    NOW,
    SEWAGE,
    SEWAGE_OFFICE,
    STREET,
    TOGETHER,
    URBAN,
    clocks,
    in_community,
    later,
    only,
    opened,
    told,
)


def called() -> Dispatch:
    return situations()["whistled, together"]


def units(dispatch: Dispatch) -> tuple[WhistledUnit, ...]:
    assert dispatch.whistle is not None
    return dispatch.whistle.units


def said(dispatch: Dispatch, by: Caller, measures: str = "we come") -> Decision[Dispatch]:
    return answer(dispatch, AnswerWhistle(measures=measures), by=by, at=later(hours=1), limits=LIMITS)


def silent(dispatch: Dispatch, unit: str) -> Decision[Dispatch]:
    return strike(dispatch, f"unit/{unit}", dispatch.due[f"unit/{unit}"], limits=LIMITS)


def test_several_units_are_called_each_with_its_own_clock_and_the_caller_stays_answerable() -> None:
    quick = SEWAGE_OFFICE.model_copy(update={"answer_limit": timedelta(hours=4)})
    decision = blow(
        in_community(), TOGETHER, departments=(quick, *DEPARTMENTS[1:]), by=COMMUNITY, at=NOW, limits=LIMITS
    )
    next_workday = later(days=1, hours=8, minutes=30)
    assert [(one.unit, one.answer_by) for one in only(decision, JointWhistleBlownV1).units] == [
        ("sewage", later(hours=4)),
        ("urban_management", next_workday),
        ("370203/370203014", next_workday),
    ]
    assert decision.state.level is Level.COMMUNITY
    assert decision.state.answer_by == later(hours=4)
    assert set(decision.state.departments) == {"sewage", "urban_management"}


def test_it_is_answered_when_everybody_has_answered() -> None:
    dispatch, waiting = called(), []
    for by in (URBAN, STREET, SEWAGE):
        decision = said(dispatch, by)
        waiting.append(only(decision, WhistleAnsweredV2).waiting)
        dispatch = decision.state
    assert waiting == [2, 1, 0]
    assert dispatch.state is DispatchState.IN_HANDLING
    assert dispatch.handled_by == AREA[:-3]
    assert clocks(dispatch) == {"handling", "close_by"}


def test_an_answer_says_what_until_when_and_who_was_contacted() -> None:
    command = AnswerWhistle(measures="a pump", contacted="branch secretary", deadline=later(days=2))
    decision = answer(called(), command, by=SEWAGE, at=later(hours=1), limits=LIMITS)
    assert only(decision, WhistleAnsweredV2) == WhistleAnsweredV2(
        unit="sewage",
        level=None,
        measures="a pump",
        contacted="branch secretary",
        deadline=later(days=2),
        waiting=2,
    )
    report = units(decision.state)[0].report
    assert report is not None
    assert (report.by, report.at, report.deadline) == ("officer-sewage", later(hours=1), later(days=2))


@pytest.mark.parametrize("days", [-1, 0, 91])
def test_a_deadline_is_in_the_future_and_not_for_ever(days: int) -> None:
    for dispatch, by in ((called(), SEWAGE), (situations()["whistled"], COMMUNITY)):
        with pytest.raises(DeadlineOutOfRange):
            answer(dispatch, AnswerWhistle(deadline=later(days=days)), by=by, at=NOW, limits=LIMITS)


def test_a_unit_that_was_not_called_cannot_answer_and_one_that_was_only_once() -> None:
    water = Caller("officer-water", Role.DEPARTMENT, department="water")
    with pytest.raises(NotCalled):
        said(called().but(departments=("water",)), water)
    with pytest.raises(NotCalled):
        said(called(), GRID_WORKER)
    answered = said(called(), SEWAGE).state
    assert said(answered, SEWAGE).state is answered
    with pytest.raises(AnsweredAlready):
        said(answered, SEWAGE, "something else")


def test_the_district_may_answer_for_the_street() -> None:
    decision = said(called(), DISTRICT)
    assert only(decision, WhistleAnsweredV2).unit == "370203/370203014"


def test_over_a_silent_department_the_level_above_the_caller_is_called_too_unless_it_was() -> None:
    only_departments = blow(
        in_community(),
        TOGETHER.model_copy(update={"units": TOGETHER.units[:2]}),
        departments=DEPARTMENTS,
        by=COMMUNITY,
        at=NOW,
        limits=LIMITS,
    ).state
    decision = silent(only_departments, "sewage")
    blown = only(decision, WhistleBlownV1)
    assert (blown.from_level, blown.to_level, blown.by_silence) == ("community", "street", True)
    assert clocks(decision.state) == {"unit/urban_management", "unit/370203/370203014", "close_by"}
    again = silent(decision.state, "urban_management")
    assert not again.events
    assert again.state.state is DispatchState.WHISTLED
    assert [one.silent for one in units(again.state)] == [True, True, False]


def test_silence_of_everybody_climbs_to_the_district_and_raises_supervision() -> None:
    dispatch, heard = called(), []
    for unit in ("sewage", "urban_management", "370203/370203014", "370203"):
        decision = silent(dispatch, unit)
        heard += told(decision)
        dispatch = decision.state
    assert heard == ["whistle_blown", "supervision_raised", "whistle_ended"]
    assert dispatch.supervised == (Cause.SILENCE,)
    assert (dispatch.state, dispatch.handled_by) == (DispatchState.IN_HANDLING, AREA[:-3])
    assert len(units(dispatch)) == 4
    assert all(one.silent for one in units(dispatch))


def test_who_was_silent_may_still_come_while_others_are_waited_for() -> None:
    decision = said(silent(called(), "sewage").state, SEWAGE)
    assert only(decision, WhistleAnsweredV2).unit == "sewage"
    assert units(decision.state)[0].silent


def test_the_level_that_called_goes_on_without_the_rest() -> None:
    dispatch = said(called(), SEWAGE).state
    decision = end_whistle(
        dispatch, EndWhistle(public_note="it is urgent"), by=COMMUNITY, at=later(hours=2), limits=LIMITS
    )
    assert only(decision, WhistleEndedV1) == WhistleEndedV1(
        level="community", absent=("urban_management", "370203/370203014"), note="it is urgent"
    )
    assert decision.state.state is DispatchState.IN_HANDLING
    with pytest.raises(NotYourLevel):
        end_whistle(dispatch, EndWhistle(public_note="it is urgent"), by=GRID_WORKER, at=NOW, limits=LIMITS)


def test_a_clock_of_a_unit_that_has_answered_finds_nothing_to_do() -> None:
    answered = said(called(), SEWAGE).state.with_clock("unit/sewage", NOW)
    assert not strike(answered, "unit/sewage", NOW, limits=LIMITS).events


def test_departments_are_called_by_communities_and_levels_only_from_below() -> None:
    taken = assign(opened(), AssignDispatch(), by=GRID_WORKER, at=NOW, limits=LIMITS).state
    with pytest.raises(NotYourLevel):
        blow(
            taken,
            TOGETHER.model_copy(update={"units": ("sewage",)}),
            departments=DEPARTMENTS,
            by=GRID_WORKER,
            at=NOW,
            limits=LIMITS,
        )
    for level in (Level.GRID, Level.COMMUNITY):
        with pytest.raises(LevelNotAbove):
            blow(
                in_community(), BlowWhistle(kind="joint", units=(level,)), by=COMMUNITY, at=NOW, limits=LIMITS
            )


def test_units_are_named_by_their_level_or_as_departments() -> None:
    assert find_units(("street", "sewage"), (SEWAGE_OFFICE,), AREA) == (
        Unit("370203/370203014", Level.STREET),
        Unit("sewage"),
    )
    for body in ({"kind": "resident", "units": ["sewage"]}, {"kind": "joint", "units": ["street", "street"]}):
        with pytest.raises(ValidationError):
            BlowWhistle.model_validate(body)


def test_the_record_keeps_the_whistles_of_each_level_and_not_for_ever() -> None:
    limits = Limits(whistles_kept=2)
    dispatch = opened()
    for _ in range(4):
        below = dispatch.but(level=Level.GRID)
        whistled = blow(below, BlowWhistle(), by=DISTRICT, at=NOW, limits=limits).state
        dispatch = answer(whistled, AnswerWhistle(), by=COMMUNITY, at=NOW, limits=limits).state
    street = blow(dispatch, BlowWhistle(), by=DISTRICT, at=NOW, limits=limits).state
    assert [one.to_level for one in street.earlier_whistles] == [Level.COMMUNITY] * 2
    assert street.whistle is not None
    assert street.whistle.to_level is Level.STREET
    assert street.whistles == 5
