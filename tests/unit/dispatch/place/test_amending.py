"""The place or the category was corrected: the grid is found again, and the rules decide again."""

from __future__ import annotations

from typing import Any

import pytest

from services.dispatch.domain.clocks.limits import Limits
from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.ground.routing import Routing, Rule
from services.dispatch.domain.ladder.assignment import AssignDispatch, assign
from services.dispatch.domain.ladder.referral import AnswerReferral, respond
from services.dispatch.domain.ladder.whistle import AnswerWhistle, answer
from services.dispatch.domain.place.amending import amend
from services.dispatch.domain.states import Clock, DispatchState, Level
from services.dispatch.domain.worklist import found_by
from services.dispatch.settings import Settings
from shared.contracts.from_dispatch.place import AreaSucceededV1, DispatchMovedV1
from shared.contracts.from_dispatch.works import CallCorrectedV1
from shared.contracts.from_intake.orders import OrderAmendedV1, OrderAmendedV2, Place
from shared.entry import Decision, NotYet
from tests.unit.dispatch.situations import reopened, situations
from tests.unit.dispatch.stories import (
    AREA,
    GRID_WORKER,
    LIMITS,
    NOW,
    SEWAGE,
    STREET,
    heard,
    in_community,
    later,
    only,
    opened,
    told,
)

GROUND = Settings().first_ground()
HERE = Place(longitude=120.3638, latitude=36.0927, address="哈尔滨路")
LIAOYUAN = Place(longitude=120.3861, latitude=36.0972, address="辽源路26号")
THERE = "370203/370203015/370203015005/03"


def corrected(
    dispatch: Dispatch, place: Place = HERE, category: str = "sewage_pipe", *rules: dict[str, Any]
) -> Decision[Dispatch]:
    message = OrderAmendedV1(category=category, place=place, reason="it is over there")
    ground = GROUND._replace(routing=Routing(tuple(Rule.model_validate(one) for one in rules), 4))
    return amend(dispatch, heard(message, at=later(hours=3)), ground=ground, limits=LIMITS)


def test_a_corrected_place_is_found_in_its_grid() -> None:
    taken = assign(opened(), AssignDispatch(), by=GRID_WORKER, at=NOW, limits=LIMITS).state
    decision = corrected(taken, LIAOYUAN)
    moved = decision.state
    assert (moved.area, moved.state, moved.address) == (THERE, DispatchState.RECEIVED, "辽源路26号")
    assert (only(decision, DispatchMovedV1).cause, moved.due[Clock.DISPATCH]) == ("amended", later(hours=24))


def test_within_its_grid_whoever_has_it_keeps_it() -> None:
    taken = assign(opened(), AssignDispatch(), by=GRID_WORKER, at=NOW, limits=LIMITS).state
    decision = corrected(taken, HERE, "street_light")
    assert (decision.state.assigned_to, decision.state.category) == (GRID_WORKER.id, "street_light")
    assert not decision.events


STREET_RULE = {
    "id": "lights",
    "name": "lights",
    "when": {"categories": ["street_light"]},
    "then": {"level": "street"},
}


def test_a_corrected_category_is_decided_by_the_rules_again_while_nobody_has_it() -> None:
    decision = corrected(opened(), HERE, "street_light", STREET_RULE)
    assert (decision.state.level, decision.state.area) == (Level.STREET, AREA)
    assert decision.state.routed is not None
    assert (decision.state.routed.rule, decision.state.routed.version) == ("lights", 4)
    assert only(decision, DispatchMovedV1).level == "street"
    back = corrected(decision.state, HERE, "sewage_pipe", STREET_RULE).state
    assert (back.level, back.routed) == (Level.GRID, None)


def test_a_rule_may_ask_a_department_then() -> None:
    rule = {**STREET_RULE, "then": {"department": "sewage"}}
    decision = corrected(opened(), LIAOYUAN, "street_light", rule)
    assert told(decision) == ["dispatch_moved", "referral_made"]
    assert decision.state.state is DispatchState.REFERRED


def test_what_the_community_handles_no_rule_takes_from_it() -> None:
    decision = corrected(in_community(), HERE, "street_light", STREET_RULE)
    assert (decision.state.state, decision.state.level) == (DispatchState.IN_HANDLING, Level.COMMUNITY)


def test_a_correction_waits_for_the_order() -> None:
    with pytest.raises(NotYet):
        corrected(Dispatch(), LIAOYUAN)


def test_of_what_has_ended_meanwhile_the_facts_are_kept_and_it_is_opened_again_where_it_lies() -> None:
    """Before (e41bcb1): the correction was acknowledged and lost: figures by category differed for ever."""
    closed = situations()["closed"].but(assigned_to="sun")
    decision = corrected(closed, LIAOYUAN, "street_light")
    there = decision.state
    assert (there.category, there.area, there.address) == ("street_light", THERE, "辽源路26号")
    assert (there.state, there.due, there.outcome) == (DispatchState.CLOSED, {}, closed.outcome)
    assert only(decision, AreaSucceededV1).from_area == AREA
    back = reopened(there)
    assert (back.area, back.handled_by, back.assigned_to) == (THERE, THERE.rpartition("/")[0], None)
    assert THERE in found_by(back)["areas"]
    same_place = corrected(closed, HERE, "street_light")
    assert (same_place.state.category, same_place.events) == ("street_light", ())


# ── what nobody has answered


PIPES = {
    "id": "pipes",
    "name": "pipes",
    "when": {"categories": ["sewage_pipe"]},
    "then": {"department": "sewage"},
}
LIGHTS = {**STREET_RULE, "then": {"department": "urban_management"}}


def again(
    dispatch: Dispatch,
    *rules: dict[str, Any],
    at: float = 3,
    place: Place = HERE,
    limits: Limits = LIMITS,
    **said: Any,
) -> Decision[Dispatch]:
    fields = {"category": dispatch.category, "urgency": dispatch.urgency, "reason": "so", **said}
    ground = GROUND._replace(routing=Routing(tuple(Rule.model_validate(one) for one in rules), 4))
    message = OrderAmendedV2(place=place, **fields)
    return amend(dispatch, heard(message, at=later(hours=at)), ground=ground, limits=limits)


def sent() -> Dispatch:
    """A rule asked the department of sewage."""
    return again(opened(), PIPES, urgency="general").state


def test_what_a_rule_sent_is_taken_back_and_sent_again() -> None:
    decision = again(sent(), PIPES, LIGHTS, category="street_light")
    assert told(decision)[0] == "referral_recalled"
    assert told(decision)[-1] == "referral_made"
    wrong, right = decision.state.referrals
    assert (wrong.department, right.department) == ("sewage", "urban_management")
    assert wrong.recalled is not None
    assert wrong.recalled.by == "rule:lights"
    nowhere = again(sent(), PIPES, category="noise").state
    assert (nowhere.state, nowhere.level) == (DispatchState.RECEIVED, Level.GRID)
    assert nowhere.due[Clock.DISPATCH] == later(hours=24)


def test_what_the_rules_would_send_there_again_stays_there_also_elsewhere() -> None:
    moved = again(sent(), PIPES, place=LIAOYUAN).state
    assert (moved.state, moved.area, len(moved.referrals)) == (DispatchState.REFERRED, THERE, 1)


def test_a_refusal_is_excused_only_by_rules_that_would_not_send_it_there() -> None:
    no = AnswerReferral(accepted=False, reason="out_of_remit", rule="§ 12")
    refused = respond(sent(), no, by=SEWAGE, at=later(hours=4), limits=LIMITS).state
    assert again(refused, PIPES, urgency="urgent").state.refusals == 1
    assert again(refused, PIPES, category="noise").state.refusals == 0
    by_person = situations()["in_handling, refused"]
    assert again(by_person, PIPES, category="noise").state.refusals == 1  # who asked says it, or nobody


def test_what_a_person_asked_stays_unless_the_rules_name_somebody_else() -> None:
    for situation in ("whistled", "whistled, together", "referred"):
        waits = situations()[situation]
        assert again(waits, category="noise").state.state is waits.state
        decision = again(waits, LIGHTS, category="street_light")
        assert decision.state.referrals[-1].department == "urban_management"
        assert told(decision)[0] in ("whistle_recalled", "referral_recalled")
        elsewhere = again(waits, place=LIAOYUAN).state
        assert (elsewhere.state, elsewhere.area) == (DispatchState.RECEIVED, THERE)
    come = answer(
        situations()["whistled, together"], AnswerWhistle(measures="here"), by=STREET, at=NOW, limits=LIMITS
    ).state
    assert again(come, LIGHTS, category="street_light").state.state is DispatchState.WHISTLED


# ── what partners were called for


BESIDE = Place(longitude=120.3641, latitude=36.0928)


@pytest.mark.parametrize("situation", [name for name, one in situations().items() if one.call])
@pytest.mark.parametrize(
    "said", [{"category": "noise"}, {"urgency": "urgent"}, {"place": BESIDE}, {"place": LIAOYUAN}]
)
def test_partners_who_were_called_hear_what_it_is_by_now(situation: str, said: dict[str, Any]) -> None:
    before = situations()[situation]
    here = Place(longitude=before.longitude, latitude=before.latitude, address="another name")
    decision = again(before, **{"place": here, **said})
    after = decision.state
    assert after.call == before.call
    assert only(decision, CallCorrectedV1) == CallCorrectedV1.of(after) != CallCorrectedV1.of(before)
    assert "call_corrected" not in told(again(before, place=here))  # an address is nothing that partners see


def test_a_call_to_come_says_itself_what_it_is_about() -> None:
    assert "call_corrected" not in told(again(in_community(), category="noise", place=LIAOYUAN))


def test_partners_hear_it_also_when_the_rules_decide_anew() -> None:
    called_before = situations()["received"].but(call=situations()["called"].call)
    decision = again(called_before, LIGHTS, category="street_light")
    assert decision.state.state is DispatchState.REFERRED
    assert only(decision, CallCorrectedV1).category == "street_light"
