"""It was closed and is not good: who has it again, by when, and what of what was there still counts."""

from __future__ import annotations

import pytest

from services.dispatch.domain.clocks.limits import Limit
from services.dispatch.domain.clocks.pause import AskForTime, ask_for_time
from services.dispatch.domain.counting import counted
from services.dispatch.domain.deliberation.rounds import propose
from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.ground.ground import Ground
from services.dispatch.domain.ground.register import Register
from services.dispatch.domain.ground.staff import Person
from services.dispatch.domain.ladder.referral import AnswerReferral, respond
from services.dispatch.domain.states import Clock, DispatchState
from services.dispatch.domain.supervision.raising import supervise
from services.dispatch.domain.supervision.record import Cause
from services.dispatch.domain.worklist import answers_for, found_by
from services.dispatch.domain.works.call import CallPartners, open_call
from services.dispatch.domain.works.checking import CheckWork, check
from services.dispatch.domain.works.closing import CloseDispatch, close, close_silent
from services.dispatch.domain.works.handling import DeliverWork, deliver
from services.dispatch.domain.works.reopening import reopen
from shared.contracts.from_dispatch import DispatchAssignedV1, DispatchMovedV1, DispatchReopenedV1
from shared.contracts.from_evaluation import EvaluationLapsedV1
from shared.contracts.from_intake import OrderReopenedV1
from shared.entry import Decision
from tests.unit.dispatch.situations import reopened, situations
from tests.unit.dispatch.stories import (
    AREA,
    COMMUNITY,
    DEPARTMENTS,
    DISTRICT,
    LIMITS,
    NEED,
    NEXT_COMMUNITY,
    NOW,
    PROPOSAL,
    RACK,
    REST,
    SEWAGE,
    heard,
    later,
    opened,
    territory,
)

GROUND = Ground(territory())
AGAIN = OrderReopenedV1(number=1, reason="came_back")


def ended(before: Dispatch) -> Dispatch:
    command = CloseDispatch(outcome="not_solved", public_note="it cannot be")
    return close(before, command, by=DISTRICT, at=later(days=1), limits=LIMITS).state


def ended_with_work(handling: Dispatch) -> Dispatch:
    """Done by whoever has it, passed, and evaluated by nobody."""
    done = deliver(handling, DeliverWork(), by=SEWAGE, at=NOW, limits=LIMITS).state
    passed = check(done, CheckWork(passed=True), by=COMMUNITY, at=NOW, limits=LIMITS).state
    return close_silent(passed, heard(EvaluationLapsedV1(round=1))).state


def again(closed: Dispatch, *, ground: Ground = GROUND, number: int = 1) -> Decision[Dispatch]:
    said = heard(AGAIN.model_copy(update={"number": number}), at=later(days=2))
    return reopen(closed, said, ground=ground, limits=LIMITS)


@pytest.mark.parametrize(
    ("situation", "state", "clock"),
    [
        ("received", "received", Clock.DISPATCH),
        ("assigned", "assigned", Clock.HANDLING),
        ("in_handling", "in_handling", Clock.HANDLING),
        ("deadlocked", "in_handling", Clock.HANDLING),
        ("in_deliberation, agreed", "in_handling", Clock.HANDLING),
        ("in_deliberation, discussing", "in_handling", Clock.HANDLING),
        ("in_deliberation, objected", "in_handling", Clock.HANDLING),
        ("in_handling, supervised", "in_handling", Clock.HANDLING),
    ],
)
def test_it_is_back_with_whoever_had_it_last_and_is_waited_for(
    situation: str, state: str, clock: Clock
) -> None:
    before = situations()[situation]
    decision = again(ended(before))
    back = decision.state
    assert back.state == state
    assert back.assigned_to == before.assigned_to
    assert (
        back.due[Clock.CLOSE_BY]
        == back.close_by
        == LIMITS.end(Limit.CLOSE, later(days=2), urgency=back.urgency, category=back.category)
    )
    assert back.due[clock] > later(days=2)
    assert found_by(back)["open"]
    assert found_by(back).get("has") or found_by(back)["waits_for"]
    assert (back.outcome, back.closed_at, back.overdue, back.reopenings) == (None, None, False, 1)
    assert [(one.outcome, one.at) for one in back.endings] == [("not_solved", later(days=1))]
    (told,) = decision.events
    assert isinstance(told, DispatchReopenedV1)
    assert (told.taken, told.close_by) == (state != "received", back.close_by)
    assert told.answer_by == back.due.get(Clock.DISPATCH)
    assert Dispatch.model_validate(back.model_dump()) == back


def test_heard_twice_or_while_it_is_open_it_changes_nothing() -> None:
    back = again(ended(opened())).state
    assert again(back).state is back
    assert again(opened()).state.reopenings == 0
    closed = ended(back)
    assert again(closed).state is closed  # heard before
    assert again(closed, number=2).state.reopenings == 2


def test_nobody_waits_for_what_was_discussed_or_asked_before_the_end() -> None:
    discussing = again(ended(situations()["in_deliberation, discussing"])).state
    assert (discussing.open_round, discussing.bound_round) == (None, None)
    objected = again(ended(situations()["in_deliberation, objected"])).state
    assert (objected.on_notice, objected.bound_round) == (None, None)
    for back in (discussing, objected):
        assert propose(back, PROPOSAL, by=COMMUNITY, at=later(days=3), limits=LIMITS).events
    asked = ask_for_time(situations()["in_handling"], REST, by=COMMUNITY, at=NOW, limits=LIMITS).state
    back = again(ended(asked)).state
    assert back.time_request is None
    more = AskForTime(kind="pause", reason="frost", until=later(days=9))
    assert ask_for_time(back, more, by=COMMUNITY, at=later(days=3), limits=LIMITS).state.time_request


def test_what_was_agreed_and_not_spent_still_holds() -> None:
    before = situations()["in_deliberation, agreed"]
    back = again(ended(before)).state
    assert back.money == before.money
    assert back.bound_round == before.bound_round
    assert open_call(back, NEED, by=COMMUNITY, at=later(days=3), limits=LIMITS).events


def test_what_paid_for_work_that_was_done_is_spent_and_owed_to_nobody() -> None:
    back = situations()["in_handling, reopened after work"]
    assert back.call is not None
    assert (back.call.ended, back.done_by, back.partners_did) == ("accepted", (), False)
    assert (back.money.cost, back.bound_round, back.paid()) == (0, None, 0)
    assert back.payments
    closed = ended(back)
    assert "waits_for" not in found_by(closed)  # no household is to get back what went into the work
    called = open_call(back, RACK, by=COMMUNITY, at=later(days=3), limits=LIMITS).state
    assert (called.state, called.call and called.call.round) == (DispatchState.CALLED, 2)
    funds = CallPartners.model_validate({"lines": [{"name": "more", "kind": "funds", "amount": 500}]})
    assert open_call(back, funds, by=COMMUNITY, at=later(days=3), limits=LIMITS).events
    assert propose(back, PROPOSAL, by=COMMUNITY, at=later(days=3), limits=LIMITS).events


def test_what_was_supervised_can_be_supervised_again_and_the_figures_forget_nothing() -> None:
    before = supervise(situations()["in_handling"], Cause.SILENCE, at=NOW, limits=LIMITS).state
    back = again(ended(before.but(overdue=True))).state
    assert (back.supervised, back.supervision) == ((), None)
    counts = counted(back)
    assert (counts["supervised"], counts["overdue"], counts["closed"]) == (1, 1, 0)
    assert (counts["reopened"], counts["reopenings"]) == (1, 1)
    assert supervise(back, Cause.SILENCE, at=later(days=3), limits=LIMITS).events


def test_where_areas_have_changed_meanwhile_it_is_on_a_list_of_today() -> None:
    """An area that is no more has no unit, and a list that nobody looks at."""
    closed = ended(opened()).but(area="370203/370203999/370203999001/01", territory_version=0)
    decision = again(closed)
    reopening, move = decision.events
    assert isinstance(reopening, DispatchReopenedV1)
    assert isinstance(move, DispatchMovedV1)
    assert decision.state.area == AREA
    assert AREA.rpartition("/")[0] in found_by(decision.state)["areas"]
    assert reopened(ended(opened())).area == AREA


def test_a_limit_that_passed_before_the_end_stays_so() -> None:
    late = situations()["in_handling"].but(close_by=later(hours=1))
    assert counted(again(ended(late)).state)["overdue"] == 1


def test_what_a_department_had_that_is_no_more_the_level_has() -> None:
    """Before (e41bcb1): it was back with the deleted department, and on no living unit's list."""
    yes = AnswerReferral(accepted=True)
    had = respond(situations()["referred"], yes, by=SEWAGE, at=NOW, limits=LIMITS).state
    done = ended_with_work(had)
    there = again(done, ground=Ground(territory(), DEPARTMENTS))
    assert (there.state.handled_by, answers_for(there.state)) == ("sewage", "sewage")
    decision = again(done, ground=Ground(territory(), DEPARTMENTS[1:], former=DEPARTMENTS[:1]))
    back = decision.state
    assert (back.state, back.handled_by) == (DispatchState.IN_HANDLING, COMMUNITY.area)
    assert answers_for(back) == COMMUNITY.area
    assert back.due[Clock.HANDLING] > later(days=2)
    assert [type(one) for one in decision.events] == [DispatchReopenedV1, DispatchAssignedV1]


@pytest.mark.parametrize(
    "register",
    [
        Register(left=["grid-worker-06"]),
        Register([Person(id="grid-worker-06", name="孙", role="grid_worker", area=NEXT_COMMUNITY)]),
        Register([Person(id="grid-worker-06", name="孙", role="resident", area=AREA)]),
    ],
)
def test_what_a_person_had_who_does_not_see_it_any_more_is_received_again(register: Register) -> None:
    """Before (e41bcb1): it was assigned to whoever got 404, and who was there was refused it."""
    closed = ended(situations()["assigned"])
    back = again(closed, ground=GROUND._replace(register=register)).state
    assert (back.state, back.assigned_to) == (DispatchState.RECEIVED, None)
    assert back.due[Clock.DISPATCH] > later(days=2)
    assert answers_for(back) == AREA
    still = Register([Person(id="grid-worker-06", name="孙", role="grid_worker", area=AREA)])
    assert again(closed, ground=GROUND._replace(register=still)).state.assigned_to == "grid-worker-06"
