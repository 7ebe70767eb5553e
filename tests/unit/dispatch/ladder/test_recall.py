"""What was asked of the wrong one is taken back, by whoever asked or a level above, and counts for neither side."""

from __future__ import annotations

import pytest

from services.dispatch.clock import strike
from services.dispatch.domain.counting import counted
from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.duty import NotYourLevel
from services.dispatch.domain.ladder.dispute import RuleOnDispute, rule_on
from services.dispatch.domain.ladder.joint import NotCalled
from services.dispatch.domain.ladder.recall import (
    NothingToRecall,
    RecallReferral,
    RecallWhistle,
    called_off,
    recall_referral,
    recall_whistle,
)
from services.dispatch.domain.ladder.record import Recalled
from services.dispatch.domain.ladder.referral import AnswerReferral, ReferToDepartment, ask, refer, respond
from services.dispatch.domain.ladder.succession import succeed
from services.dispatch.domain.ladder.whistle import AnswerWhistle, answer
from services.dispatch.domain.states import Clock, DispatchState, Level
from services.dispatch.domain.supervision.record import Cause
from services.dispatch.domain.worklist import found_by
from services.dispatch.domain.works.tasks import CancelTask, cancel_task
from shared.caller import Caller
from shared.contracts.from_dispatch import DepartmentSucceededV1, ReferralRecalledV1, WhistleRecalledV1
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
    later,
    only,
    opened,
    told,
)

WRONG = RecallReferral(reason="the wrong one")
OFF = RecallWhistle(reason="not needed")
NO = AnswerReferral(accepted=False, reason="out_of_remit", rule="§ 12")


def by_referral(dispatch: Dispatch, by: Caller = COMMUNITY) -> Decision[Dispatch]:
    return recall_referral(dispatch, WRONG, by=by, at=later(hours=1), limits=LIMITS)


def by_whistle(dispatch: Dispatch, by: Caller, *units: str) -> Decision[Dispatch]:
    command = OFF.model_copy(update={"units": units})
    return recall_whistle(dispatch, command, by=by, at=later(hours=1), limits=LIMITS)


def refused(times: int) -> Dispatch:
    dispatch = situations()["in_handling"]
    for number in range(times):
        asked = ReferToDepartment(department="sewage", public_note=f"please {number}")
        dispatch = refer(dispatch, asked, departments=DEPARTMENTS, by=COMMUNITY, at=NOW, limits=LIMITS).state
        dispatch = respond(dispatch, NO, by=SEWAGE, at=NOW, limits=LIMITS).state
    return dispatch


@pytest.mark.parametrize("situation", ["referred", "referred, disputed", "in_handling, refused"])
def test_a_referral_that_is_taken_back_is_in_no_figure(situation: str) -> None:
    before = situations()[situation]
    decision = by_referral(before)
    back, its = decision.state, counted(decision.state)
    assert (back.state, back.level, back.refusals) == (DispatchState.IN_HANDLING, Level.COMMUNITY, 0)
    assert back.handled_by == COMMUNITY.area
    assert only(decision, ReferralRecalledV1).reason == "the wrong one"
    assert not {"referrals", "refusals", "asked|referral|sewage"} & its.keys()
    assert back.dispute is None
    assert not {Clock.REFERRAL, Clock.DISPUTE} & back.due.keys()
    assert by_referral(back).state is back  # asked again


def test_only_who_asked_or_a_level_above_takes_it_back() -> None:
    with pytest.raises(NotYourLevel):
        by_referral(situations()["referred"], GRID_WORKER)
    assert by_referral(situations()["referred"], STREET).state.level is Level.COMMUNITY
    with pytest.raises(NotYourLevel):
        by_referral(situations()["referred"].but(departments=("sewage",)), SEWAGE)


def test_what_a_rule_sent_the_grid_takes_back() -> None:
    sent = ask(opened(), SEWAGE_OFFICE, by="rule:pipes", note="", at=NOW, limits=LIMITS).state
    with pytest.raises(NotYourLevel):  # nobody knows where it would have begun
        by_referral(sent, GRID_WORKER)
    routed = {"rule": "pipes", "name": "pipes", "version": 1, "why": "", "level": "grid"}
    known = Dispatch.model_validate({**sent.model_dump(), "routed": routed})
    back = by_referral(known, GRID_WORKER).state
    assert (back.level, back.handled_by, back.state) == (Level.GRID, AREA, DispatchState.IN_HANDLING)


@pytest.mark.parametrize("situation", ["in_handling", "assigned"])
def test_where_nobody_was_asked_nothing_is_taken_back(situation: str) -> None:
    with pytest.raises(NothingToRecall):
        by_referral(situations()[situation])


def test_what_a_department_accepted_is_not_taken_back() -> None:
    accepted = respond(
        situations()["referred"], AnswerReferral(accepted=True), by=SEWAGE, at=NOW, limits=LIMITS
    ).state
    with pytest.raises(NothingToRecall):
        by_referral(accepted)


def test_a_refusal_that_is_upheld_counts_for_nobody_and_one_that_is_overruled_does() -> None:
    disputed = situations()["referred, disputed"]
    for upheld, refusals in ((True, 0), (False, 1)):
        ruling = RuleOnDispute(upheld=upheld, public_note="so it is")
        ruled = rule_on(disputed, ruling, by=STREET, at=NOW, limits=LIMITS).state
        assert (ruled.refusals, bool(ruled.referrals[-1].recalled)) == (refusals, upheld)


def test_supervision_that_only_a_rightful_refusal_raised_ends_and_may_be_raised_again() -> None:
    watched = refused(3)
    assert watched.supervised == (Cause.REFUSALS,)
    decision = by_referral(watched)
    assert told(decision) == ["referral_recalled", "supervision_closed"]
    assert (decision.state.refusals, decision.state.supervised, decision.state.supervision) == (2, (), None)
    again = refer(
        decision.state,
        ReferToDepartment(department="sewage"),
        departments=DEPARTMENTS,
        by=COMMUNITY,
        at=NOW,
        limits=LIMITS,
    ).state
    assert respond(again, NO, by=SEWAGE, at=NOW, limits=LIMITS).state.supervised == (Cause.REFUSALS,)


def test_four_refusals_less_one_are_still_three() -> None:
    decision = by_referral(refused(4))
    assert (decision.state.refusals, decision.state.supervised) == (3, (Cause.REFUSALS,))
    assert told(decision) == ["referral_recalled"]


def test_who_blew_the_whistle_has_it_again() -> None:
    decision = by_whistle(situations()["whistled"], GRID_WORKER)
    back = decision.state
    assert (back.state, back.level, back.handled_by) == (DispatchState.IN_HANDLING, Level.GRID, AREA)
    assert (back.whistles, only(decision, WhistleRecalledV1).units) == (0, (COMMUNITY.area,))
    assert "asked|whistle|community" not in counted(back)
    assert Clock.WHISTLE not in back.due
    assert by_whistle(back, GRID_WORKER).state is back


def test_what_silence_carried_on_is_still_the_whistle_of_who_blew_it() -> None:
    whistled = situations()["whistled"]
    climbed = strike(whistled, "whistle", whistled.due["whistle"], limits=LIMITS).state
    assert climbed.level is Level.STREET
    back = by_whistle(climbed, GRID_WORKER).state
    assert (back.level, back.whistles) == (Level.GRID, 1)  # that the community was silent stays so
    assert counted(back)["asked|whistle|community"] == 1
    assert "asked|whistle|street" not in counted(back)


def test_a_whistle_that_nobody_blew_nobody_takes_back() -> None:
    silent = strike(opened(), "dispatch", opened().due["dispatch"], limits=LIMITS).state
    answered = situations()["in_handling"]  # by the community, which then fell silent
    climbed = strike(answered, "handling", answered.due["handling"], limits=LIMITS).state
    for whistled in (silent, climbed):
        assert whistled.state is DispatchState.WHISTLED
        with pytest.raises(NothingToRecall):
            by_whistle(whistled, DISTRICT)


def test_of_several_units_some_are_called_off() -> None:
    together = situations()["whistled, together"]
    decision = by_whistle(together, COMMUNITY, "sewage")
    rest = decision.state
    assert (rest.state, only(decision, WhistleRecalledV1).waiting) == (DispatchState.WHISTLED, 2)
    assert "unit/sewage" not in rest.due
    assert "sewage" not in found_by(rest)["waits_for"]
    assert "asked|whistle|sewage" not in counted(rest)
    with pytest.raises(NotCalled):
        answer(rest, AnswerWhistle(measures="we come"), by=SEWAGE, at=NOW, limits=LIMITS)
    with pytest.raises(NotCalled):
        by_whistle(rest, COMMUNITY, "sewage")
    come = answer(rest, AnswerWhistle(measures="here"), by=STREET, at=NOW, limits=LIMITS).state
    done = by_whistle(come, COMMUNITY).state
    assert (done.state, done.whistles, done.handled_by) == (DispatchState.IN_HANDLING, 2, COMMUNITY.area)
    assert counted(done)["answered|whistle|street"] == 1


def test_all_units_called_off_is_a_whistle_that_never_was() -> None:
    back = by_whistle(situations()["whistled, together"], COMMUNITY).state
    assert (back.state, back.whistles) == (DispatchState.IN_HANDLING, 1)
    assert not [name for name in back.due if name.startswith("unit/")]


@pytest.mark.parametrize(
    ("silent", "whistles", "units"),
    [
        ((), 1, ("sewage", "urban_management", STREET.area)),
        (("sewage",), 2, ("urban_management", STREET.area)),
        (("sewage", "urban_management"), 2, (STREET.area,)),
        (
            (STREET.area,),
            2,
            ("sewage", "urban_management", DISTRICT.area),
        ),  # and the district was called besides
    ],
)
def test_of_a_whistle_that_is_called_off_the_silence_of_some_stays_counted(
    silent: tuple[str, ...], whistles: int, units: tuple[str, ...]
) -> None:
    """As the rules call it off when the matter turns out to be another one's."""
    waits = situations()["whistled, together"]
    for unit in silent:
        waits = strike(waits, f"unit/{unit}", waits.due[f"unit/{unit}"], limits=LIMITS).state
    assert waits.whistle is not None
    note = Recalled(by="rule:lights", at=later(hours=1), reason="another category")
    decision = called_off(waits, waits.whistle, note)
    assert (decision.state.whistles, only(decision, WhistleRecalledV1).units) == (whistles, units)
    its = counted(decision.state)
    assert {name for name in its if name.startswith("missed|")} == {
        f"missed|whistle|{_level(one)}" for one in silent
    }
    assert not [one for one in units if f"asked|whistle|{_level(one)}" in its]


def _level(unit: str) -> str:
    """As figures name it."""
    return {STREET.area: "street", DISTRICT.area: "district"}.get(unit, unit)


def test_a_task_that_is_taken_back_is_in_no_figure() -> None:
    split = situations()["in_handling, split"]
    assert counted(split)["asked|task|370203/370203014"] == 1
    over = cancel_task(split, 1, CancelTask(reason="no need"), by=COMMUNITY, at=NOW).state
    assert "asked|task|370203/370203014" not in counted(over)


def test_a_successor_has_whatever_waits_for_a_department_or_lies_in_its_hands() -> None:
    waits = situations()["referred"]
    accepted = respond(waits, AnswerReferral(accepted=True), by=SEWAGE, at=NOW, limits=LIMITS).state
    together = situations()["whistled, together"]
    for before in (waits, accepted, together):
        decision = succeed(before, "sewage", "water")
        assert only(decision, DepartmentSucceededV1).successor == "water"
        after = decision.state
        found = found_by(after)
        assert "water" in (*found.get("has", ()), *found.get("waits_for", ()))
        assert "sewage" not in (*found.get("has", ()), *found.get("waits_for", ()))
        assert len(after.due) == len(before.due)
        # before (e41bcb1) whoever was of the deleted department went on reading it
        assert "water" in after.departments
        assert "sewage" not in after.departments
        assert succeed(after, "sewage", "water").state is after
    water = Caller("officer-water", SEWAGE.role, department="water")
    handed = succeed(waits.but(bound=("sewage",), lead="sewage"), "sewage", "water").state
    assert (handed.bound, handed.lead) == (("water",), "water")
    handed = succeed(waits, "sewage", "water").state
    assert respond(handed, NO, by=water, at=NOW, limits=LIMITS).state.refusals == 1


@pytest.mark.parametrize("situation", ["closed", "in_handling, refused", "in_handling", "unknown"])
def test_what_does_not_wait_for_it_keeps_what_was(situation: str) -> None:
    dispatch = situations()[situation]
    assert succeed(dispatch, "sewage", "water").state is dispatch
