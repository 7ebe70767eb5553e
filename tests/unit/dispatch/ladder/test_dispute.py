"""A refusal is disputed: who decides, and what follows."""

from __future__ import annotations

import pytest

from services.dispatch.clock import strike
from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.ladder.dispute import (
    DisputeRefusal,
    NothingToDispute,
    RuleOnDispute,
    dispute,
    rule_on,
)
from services.dispatch.domain.ladder.referral import (
    AnswerReferral,
    CannotRefuse,
    Disputed,
    ReferToDepartment,
    refer,
    respond,
)
from services.dispatch.domain.ladder.whistle import NobodyAbove
from services.dispatch.domain.states import DispatchState, Level
from services.dispatch.domain.supervision.record import Cause
from shared.contracts.from_dispatch import DisputeRuledV1, RefusalDisputedV1
from tests.unit.dispatch.situations import situations
from tests.unit.dispatch.stories import (
    AREA,
    COMMUNITY,
    DEPARTMENTS,
    DISTRICT,
    LIMITS,
    NOW,
    SEWAGE,
    STREET,
    clocks,
    in_community,
    later,
    only,
    told,
)

REFUSAL = AnswerReferral(accepted=False, reason="out_of_remit", rule="§ 12")


OVERRULED = RuleOnDispute(upheld=False, public_note="they do it")


def asked(dispatch: Dispatch) -> Dispatch:
    command = ReferToDepartment(department="sewage")
    return refer(dispatch, command, departments=DEPARTMENTS, by=DISTRICT, at=NOW, limits=LIMITS).state


def refused(dispatch: Dispatch, times: int = 1) -> Dispatch:
    for _ in range(times):
        dispatch = respond(asked(dispatch), REFUSAL, by=SEWAGE, at=NOW, limits=LIMITS).state
    return dispatch


def test_a_disputed_refusal_waits_for_the_level_above_and_the_department_cannot_answer_again() -> None:
    disputed = situations()["referred, disputed"]
    assert (disputed.state, disputed.level) == (DispatchState.REFERRED, Level.STREET)
    assert clocks(disputed) == {"dispute", "close_by"}
    assert disputed.answer_by == disputed.due["dispute"]
    with pytest.raises(Disputed):
        respond(disputed, AnswerReferral(accepted=True), by=SEWAGE, at=NOW, limits=LIMITS)


def test_who_is_overruled_has_it_and_cannot_refuse_again() -> None:
    decision = rule_on(
        situations()["referred, disputed"], OVERRULED, by=STREET, at=later(hours=1), limits=LIMITS
    )
    assert not only(decision, DisputeRuledV1).upheld
    taken = decision.state
    assert (taken.state, taken.handled_by, taken.level) == (
        DispatchState.IN_HANDLING,
        "sewage",
        Level.COMMUNITY,
    )
    with pytest.raises(CannotRefuse):
        respond(asked(taken), REFUSAL, by=SEWAGE, at=NOW, limits=LIMITS)
    accepted = respond(asked(taken), AnswerReferral(accepted=True), by=SEWAGE, at=NOW, limits=LIMITS)
    assert accepted.state.handled_by == "sewage"


def test_a_refusal_that_is_upheld_is_back_with_who_asked_and_not_disputed_twice() -> None:
    upheld = RuleOnDispute(upheld=True, public_note="they are right")
    back = rule_on(situations()["referred, disputed"], upheld, by=STREET, at=NOW, limits=LIMITS).state
    assert (back.handled_by, back.level, back.bound) == (AREA[:-3], Level.COMMUNITY, ())
    with pytest.raises(NothingToDispute):
        dispute(back, DisputeRefusal(reason="still"), by=COMMUNITY, at=NOW, limits=LIMITS)


@pytest.mark.parametrize("upheld", [True, False])
def test_after_a_ruling_the_word_of_who_has_it_is_waited_for(upheld: bool) -> None:
    ruling = RuleOnDispute(upheld=upheld, public_note="so it is")
    ruled = rule_on(situations()["referred, disputed"], ruling, by=STREET, at=NOW, limits=LIMITS).state
    climbed = strike(ruled, "handling", ruled.due["handling"], limits=LIMITS)
    assert told(climbed) == ["whistle_blown"]


def test_silence_about_a_dispute_climbs_to_the_district_which_may_still_decide() -> None:
    dispatch, heard = situations()["referred, disputed"], []
    for _ in range(2):
        decision = strike(dispatch, "dispute", dispatch.due["dispute"], limits=LIMITS)
        heard += told(decision)
        dispatch = decision.state
    assert heard == ["refusal_disputed", "supervision_raised"]
    assert dispatch.supervised == (Cause.SILENCE,)
    assert rule_on(dispatch, OVERRULED, by=DISTRICT, at=NOW, limits=LIMITS).state.handled_by == "sewage"


def test_silence_about_a_dispute_says_who_decides_next() -> None:
    disputed = situations()["referred, disputed"]
    told_again = only(strike(disputed, "dispute", disputed.due["dispute"], limits=LIMITS), RefusalDisputedV1)
    assert (told_again.to_level, told_again.by_silence) == ("district", True)


def test_the_district_has_nobody_above_to_decide() -> None:
    with pytest.raises(NobodyAbove):
        dispute(
            refused(in_community().but(level=Level.DISTRICT)),
            DisputeRefusal(reason="theirs"),
            by=DISTRICT,
            at=NOW,
            limits=LIMITS,
        )
