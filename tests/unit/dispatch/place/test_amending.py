"""The place or the category was corrected: the grid is found again, and the rules decide again."""

from __future__ import annotations

from typing import Any

import pytest

from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.ground.routing import Routing, Rule
from services.dispatch.domain.ladder.assignment import AssignDispatch, assign
from services.dispatch.domain.place.amending import amend
from services.dispatch.domain.states import Clock, DispatchState, Level
from services.dispatch.settings import Settings
from shared.contracts.from_dispatch.place import DispatchMovedV1
from shared.contracts.from_intake.orders import OrderAmendedV1, Place
from shared.entry import Decision, NotYet
from tests.unit.dispatch.situations import situations
from tests.unit.dispatch.stories import (
    AREA,
    GRID_WORKER,
    LIMITS,
    NOW,
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


def test_a_correction_waits_for_the_order_and_changes_nothing_that_is_closed() -> None:
    with pytest.raises(NotYet):
        corrected(Dispatch(), LIAOYUAN)
    closed = situations()["closed"]
    assert corrected(closed, LIAOYUAN).state is closed
