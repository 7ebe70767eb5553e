"""The two true stories, as far as this list has a part in them."""

from __future__ import annotations

from services.dispatch.bus import reactions
from services.dispatch.clock import strike
from services.dispatch.domain.deliberation.consent import CloseRound, settle
from services.dispatch.domain.deliberation.rounds import propose
from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.ladder.assignment import AssignDispatch, assign
from services.dispatch.domain.ladder.deadlock import DeclareDeadlock, declare
from services.dispatch.domain.ladder.referral import AnswerReferral, ReferToDepartment, refer, respond
from services.dispatch.domain.ladder.whistle import AnswerWhistle, BlowWhistle, answer, blow
from services.dispatch.domain.states import DispatchState
from services.dispatch.domain.works.call import open_call
from services.dispatch.domain.works.checking import CheckWork, check
from services.dispatch.settings import Settings
from shared.caller import By, Caller, Role
from shared.contracts.from_evaluation.evaluations import WorkEvaluatedV1
from shared.contracts.from_intake.orders import OrderPlacedV1, Place
from shared.entry import Decision
from tests.unit.dispatch.stories import (
    ALL_AGREE,
    COMMUNITY,
    DEPARTMENTS,
    GRID_WORKER,
    LIMITS,
    NEED,
    NOW,
    PROPOSAL,
    RACK,
    RESIDENT,
    SEWAGE,
    covered,
    delivered,
    heard,
    order,
    told,
)

GROUND = Settings().first_ground()
REACTIONS = reactions(lambda: GROUND, LIMITS)


class Told:
    """Follows one dispatch and remembers what was told."""

    def __init__(self, message: OrderPlacedV1, by: By) -> None:
        self.names: list[str] = []
        self.now = Dispatch()
        self.then(REACTIONS[OrderPlacedV1](self.now, heard(message, by=by)))

    def then(self, decision: Decision[Dispatch]) -> Dispatch:
        self.names += told(decision)
        self.now = decision.state
        return self.now


def satisfied(by: By) -> WorkEvaluatedV1:
    return WorkEvaluatedV1(verdict="satisfied", result=5, speed=4, manner=5, round=1)


def test_case_a_the_broken_sewage_pipe() -> None:
    story = Told(order(), RESIDENT)
    story.then(blow(story.now, BlowWhistle(), by=GRID_WORKER, at=NOW, limits=LIMITS))
    story.then(
        answer(story.now, AnswerWhistle(measures="we look at it"), by=COMMUNITY, at=NOW, limits=LIMITS)
    )
    command = ReferToDepartment(department="sewage")
    story.then(refer(story.now, command, departments=DEPARTMENTS, by=COMMUNITY, at=NOW, limits=LIMITS))
    refusal = AnswerReferral(accepted=False, reason="out_of_remit", rule="altered by the residents")
    story.then(respond(story.now, refusal, by=SEWAGE, at=NOW, limits=LIMITS))
    stuck = DeclareDeadlock(reason="nobody is responsible")
    story.then(declare(story.now, stuck, by=COMMUNITY, at=NOW, limits=LIMITS))
    story.then(propose(story.now, PROPOSAL, by=COMMUNITY, at=NOW, limits=LIMITS))
    story.then(settle(story.now, 1, CloseRound(), by=COMMUNITY, at=NOW, limits=LIMITS))
    story.then(propose(story.now, PROPOSAL, by=COMMUNITY, at=NOW, limits=LIMITS))
    story.then(settle(story.now, 2, ALL_AGREE, by=COMMUNITY, at=NOW, limits=LIMITS))
    assert story.now.money.shares == 0
    story.then(strike(story.now, "notice", story.now.due["notice"], limits=LIMITS))
    assert (story.now.money.shares, story.now.money.gap) == (120_001, 739_999)
    story.then(open_call(story.now, NEED, by=COMMUNITY, at=NOW, limits=LIMITS))
    story.now = covered(story.now)
    assert story.now.money.gap == 0
    story.now = delivered(story.now)
    story.then(check(story.now, CheckWork(passed=True), by=COMMUNITY, at=NOW, limits=LIMITS))
    story.then(REACTIONS[WorkEvaluatedV1](story.now, heard(satisfied(RESIDENT), by=RESIDENT)))
    assert story.names == [
        "dispatch_opened",
        "whistle_blown",
        "whistle_answered",
        "referral_made",
        "referral_answered",
        "deadlock_declared",
        "round_opened",
        "round_closed",
        "round_opened",
        "round_closed",
        "notice_opened",
        "notice_closed",
        "partners_called",
        "work_checked",
        "dispatch_closed",
    ]
    money = story.now.money
    assert (money.cost, money.shares, money.pledged, money.gap) == (860_000, 120_001, 739_999, 0)
    assert story.now.outcome == "solved"


def test_case_b_the_drying_rack() -> None:
    leader = By("building_leader", "building-leader-26")
    secretary = Caller("community-yichun-2", Role.COMMUNITY, area="370203/370203015/370203015005")
    place = Place(longitude=120.3861, latitude=36.0972, address="辽源路26号")
    message = order(category="drying_rack").model_copy(update={"place": place})
    story = Told(message, leader)
    story.then(assign(story.now, AssignDispatch(), by=secretary, at=NOW, limits=LIMITS))
    story.then(open_call(story.now, RACK, by=secretary, at=NOW, limits=LIMITS))
    story.now = delivered(covered(story.now))
    story.then(check(story.now, CheckWork(passed=True), by=secretary, at=NOW, limits=LIMITS))
    story.then(REACTIONS[WorkEvaluatedV1](story.now, heard(satisfied(leader), by=leader)))
    assert story.names == [
        "dispatch_opened",
        "dispatch_assigned",
        "partners_called",
        "work_checked",
        "dispatch_closed",
    ]
    assert story.now.state is DispatchState.CLOSED
    assert story.now.money.cost == 0
