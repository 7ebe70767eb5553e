"""A department accepts, refuses with a reason, or is silent."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pydantic import ValidationError

from services.dispatch.clock import strike
from services.dispatch.domain.clocks.limits import Limits
from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.ground.department import UnknownDepartment, find_department
from services.dispatch.domain.ladder.referral import (
    AnswerReferral,
    ReferToDepartment,
    TooManyReferrals,
    refer,
    respond,
)
from services.dispatch.domain.states import DispatchState, Level
from services.dispatch.domain.supervision.record import Cause
from shared.contracts.from_dispatch.clocks import ReminderSentV1
from shared.contracts.from_dispatch.ladder import ReferralAnsweredV1, ReferralMadeV1, WhistleBlownV1
from shared.contracts.from_dispatch.supervision import SupervisionRaisedV1
from shared.entry import Decision
from tests.unit.dispatch.situations import situations
from tests.unit.dispatch.stories import (
    AREA,
    COMMUNITY,
    DEPARTMENTS,
    DISTRICT,
    LIMITS,
    NOW,
    SEWAGE,
    SEWAGE_OFFICE,
    WORKDAY_1,
    clocks,
    in_community,
    later,
    only,
    opened,
    told,
)

REFUSAL = AnswerReferral(accepted=False, reason="out_of_remit", rule="residents altered the pipe, § 12")


def referred(dispatch: Dispatch, limits: Limits = LIMITS) -> Decision[Dispatch]:
    command = ReferToDepartment(department="sewage")
    return refer(dispatch, command, departments=DEPARTMENTS, by=DISTRICT, at=NOW, limits=limits)


def answered(dispatch: Dispatch, command: AnswerReferral) -> Decision[Dispatch]:
    return respond(dispatch, command, by=SEWAGE, at=later(hours=2), limits=LIMITS)


def test_a_referral_has_the_answer_limit_of_the_urgency() -> None:
    decision = referred(in_community(opened(urgency="urgent")))
    assert only(decision, ReferralMadeV1).answer_by == NOW + timedelta(hours=2)
    assert decision.state.departments == ("sewage",)


def test_a_department_may_promise_to_answer_sooner_but_never_later() -> None:
    for limit, answer_by in ((timedelta(hours=4), later(hours=4)), (timedelta(days=9), WORKDAY_1)):
        office = SEWAGE_OFFICE.model_copy(update={"answer_limit": limit})
        command = ReferToDepartment(department="sewage")
        decision = refer(in_community(), command, departments=(office,), by=COMMUNITY, at=NOW, limits=LIMITS)
        assert decision.state.answer_by == answer_by


def test_a_department_that_accepts_has_it() -> None:
    decision = answered(situations()["referred"], AnswerReferral(accepted=True))
    assert decision.state.state is DispatchState.IN_HANDLING
    assert decision.state.handled_by == "sewage"
    assert decision.state.refusals == 0


def test_a_refusal_names_its_reason_and_its_rule_and_is_counted() -> None:
    decision = answered(situations()["referred"], REFUSAL)
    assert only(decision, ReferralAnsweredV1) == ReferralAnsweredV1(
        department="sewage",
        accepted=False,
        reason="out_of_remit",
        rule="residents altered the pipe, § 12",
        refusals=1,
    )
    assert decision.state.handled_by == AREA[:-3]
    assert decision.state.referrals[-1].reason == "out_of_remit"


@pytest.mark.parametrize(
    "body",
    [
        {"accepted": False},
        {"accepted": False, "reason": "out_of_remit"},
        {"accepted": False, "rule": "§ 12"},
        {"accepted": True, "reason": "out_of_remit"},
        {"accepted": True, "rule": "§ 12"},
        {"accepted": False, "reason": "Out of remit!", "rule": "§ 12"},
    ],
)
def test_an_answer_that_gives_no_proper_reason_is_malformed(body: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        AnswerReferral.model_validate(body)


def test_the_third_refusal_raises_supervision_and_a_fourth_does_not_again() -> None:
    dispatch, raised = in_community(), []
    for _ in range(4):
        decision = answered(referred(dispatch).state, REFUSAL)
        raised.append(told(decision))
        dispatch = decision.state
    assert raised == [
        ["referral_answered"],
        ["referral_answered"],
        ["referral_answered", "supervision_raised"],
        ["referral_answered"],
    ]
    assert (dispatch.refusals, dispatch.supervised) == (4, (Cause.REFUSALS,))


def test_a_silent_department_is_whistled_over() -> None:
    decision = strike(situations()["referred"], "referral", later(days=1), limits=LIMITS)
    blown = only(decision, WhistleBlownV1)
    assert (blown.from_level, blown.to_level, blown.by_silence) == ("community", "street", True)
    assert decision.state.referrals[-1].silent
    assert decision.state.state is DispatchState.WHISTLED


def test_a_department_that_leaves_the_district_without_an_answer_is_supervised() -> None:
    at_the_top = referred(in_community().but(level=Level.DISTRICT)).state
    decision = strike(at_the_top, "referral", later(days=1), limits=LIMITS)
    assert only(decision, SupervisionRaisedV1).cause == "silence"
    assert decision.state.state is DispatchState.IN_HANDLING
    assert decision.state.handled_by == "370203"


def test_of_a_department_that_is_silent_again_everybody_hears_that_it_is_not_asked_any_more() -> None:
    supervised = in_community().but(level=Level.DISTRICT, supervised=(Cause.SILENCE,))
    decision = strike(referred(supervised).state, "referral", later(days=1), limits=LIMITS)
    told = only(decision, ReminderSentV1)  # intake takes it out of the department's hands by this
    assert (told.clock, told.level, told.ends) == ("handling", "district", decision.state.due["handling"])


def test_a_department_that_answers_in_time_stops_its_clock() -> None:
    state = answered(situations()["referred"], REFUSAL).state
    assert clocks(state) == {"handling", "close_by"}


def test_departments_are_asked_often_but_not_for_ever() -> None:
    limits = Limits(referrals=1)
    dispatch = answered(referred(in_community(), limits).state, REFUSAL).state
    with pytest.raises(TooManyReferrals):
        referred(dispatch, limits)


def test_a_department_nobody_knows_cannot_be_asked() -> None:
    assert find_department((SEWAGE_OFFICE,), "sewage") is SEWAGE_OFFICE
    with pytest.raises(UnknownDepartment):
        find_department((SEWAGE_OFFICE,), "railway")
