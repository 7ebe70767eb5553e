"""Who waits for somebody has a clock: a request for more time, delivered work, a promise, what came back, a verdict."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.dispatch.clock import strike
from services.dispatch.domain.clocks.pause import (
    AnswerTimeRequest,
    AskForTime,
    answer_time_request,
    ask_for_time,
)
from services.dispatch.domain.clocks.question import AskResident, ask_resident
from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.ladder.assignment import AssignDispatch, assign
from services.dispatch.domain.ladder.joint import EndWhistle, end_whistle
from services.dispatch.domain.ladder.whistle import AnswerWhistle, BlowWhistle, answer, blow
from services.dispatch.domain.states import Clock, DispatchState, Level
from services.dispatch.domain.supervision.record import Cause
from services.dispatch.domain.worklist import found_by
from services.dispatch.domain.works.checking import CheckWork, check, rework
from services.dispatch.domain.works.closing import CloseDispatch, close
from shared.caller import Caller, Role
from shared.contracts.from_dispatch import EndMovedV1, NextLevelAskedV1, ReminderSentV1, WhistleBlownV1
from shared.contracts.from_evaluation import ReworkRequestedV1
from tests.unit.dispatch.situations import situations
from tests.unit.dispatch.stories import (
    COMMUNITY,
    DISTRICT,
    LIMITS,
    NOW,
    REST,
    SEWAGE,
    STREET,
    clocks,
    heard,
    later,
    only,
    somebody_is_waited_for,
    told,
)

OPEN = [name for name in situations() if name not in ("unknown", "closed", "merged")]
CHECKER = Caller("street-2", Role.STREET, area=STREET.area)


def at_its_end(dispatch: Dispatch, clock: str) -> Dispatch:
    return strike(dispatch, clock, dispatch.due[clock], limits=LIMITS).state


@pytest.mark.parametrize("situation", OPEN)
def test_in_every_open_situation_somebody_is_waited_for(situation: str) -> None:
    assert somebody_is_waited_for(situations()[situation])


@pytest.mark.parametrize("situation", OPEN)
def test_silence_is_never_the_end_of_it(situation: str) -> None:
    """Whatever is struck one after the other, somebody is waited for after each."""
    dispatch = situations()[situation]
    for _ in range(40):
        name = min(dispatch.due, key=lambda name: dispatch.due[name])
        dispatch = at_its_end(dispatch, name)
        assert somebody_is_waited_for(dispatch), f"{name} was the last in {dispatch.state}"


def test_a_request_that_nobody_answers_goes_up_and_is_supervised_at_the_top() -> None:
    asked = situations()["in_handling, time asked"]
    up = strike(asked, "time_request", asked.due["time_request"], limits=LIMITS)
    said = only(up, NextLevelAskedV1)
    assert (said.clock, said.from_level, said.to_level) == ("time_request", "street", "district")
    assert up.state.time_request is not None
    assert up.state.time_request.decided_by is Level.DISTRICT
    assert (up.state.level, up.state.state) == (asked.level, asked.state), "only the request goes up"
    top = strike(up.state, "time_request", up.state.due["time_request"], limits=LIMITS)
    assert top.state.supervised == (Cause.SILENCE,)
    assert top.state.due["time_request"] > up.state.due["time_request"]


@pytest.mark.parametrize("granted", [True, False])
def test_a_request_that_is_answered_is_waited_for_no_more(granted: bool) -> None:
    asked = situations()["in_handling, time asked"]
    said = AnswerTimeRequest(granted=granted, public_note="so")
    answered = answer_time_request(asked, said, by=STREET, at=NOW, limits=LIMITS).state
    assert not {name for name in answered.due if "time_request" in name}
    assert answered.paused is None or "time_request" not in answered.paused.stopped


def test_a_question_stops_the_clock_of_a_request_as_all_others() -> None:
    asked = situations()["in_handling, time asked"]
    question = AskResident(question="which floor?")
    paused = ask_resident(asked, question, by=COMMUNITY, at=NOW, limits=LIMITS).state
    assert clocks(paused) == {"pause"}
    went_on = strike(paused, "pause", later(days=5), limits=LIMITS).state
    assert went_on.due["time_request"] > asked.due["time_request"]


def test_a_request_lapses_when_others_get_the_matter() -> None:
    asked = situations()["in_handling, time asked"]
    whistled = blow(asked, BlowWhistle(), by=COMMUNITY, at=NOW, limits=LIMITS).state
    given = assign(asked, AssignDispatch(to="li"), by=COMMUNITY, at=NOW, limits=LIMITS).state
    for after in (whistled, given):
        assert after.time_requests[-1].lapsed
        assert after.time_request is None
        assert "time_request" not in after.due
    there = answer(whistled, AnswerWhistle(), by=STREET, at=NOW, limits=LIMITS).state
    assert ask_for_time(there, REST, by=STREET, at=NOW, limits=LIMITS).events, "whoever has it now may ask"


@pytest.mark.parametrize("situation", ["to_check", "to_check, by the unit"])
def test_work_that_nobody_checks_is_asked_of_the_level_above(situation: str) -> None:
    waiting, levels = situations()[situation], []
    for _ in range(2):
        up = strike(waiting, "check", waiting.due["check"], limits=LIMITS)
        levels.append(only(up, NextLevelAskedV1).to_level)
        waiting = up.state
    assert levels == ["street", "district"]
    assert waiting.level is Level.COMMUNITY, "who was silent may still check it"
    units = [level.of(waiting.area) for level in (Level.COMMUNITY, Level.DISTRICT)]
    assert found_by(waiting)["waits_for"] == units
    assert at_its_end(waiting, "check").supervised == (Cause.SILENCE,)
    passed = check(waiting, CheckWork(passed=True), by=CHECKER, at=NOW, limits=LIMITS).state
    assert passed.check_level is None


def promising(by: Caller = COMMUNITY, days: int = 3) -> Dispatch:
    said = AnswerWhistle(measures="a pump", deadline=later(days=days))
    return answer(situations()["whistled"], said, by=by, at=NOW, limits=LIMITS).state


def test_a_deadline_that_a_unit_named_is_watched() -> None:
    there = promising()
    assert there.due["deadline"] == later(days=3)
    broken = strike(there, "deadline", later(days=3), limits=LIMITS)
    assert only(broken, WhistleBlownV1).by_silence
    assert broken.state.level is Level.STREET
    assert "deadline" not in broken.state.due


def test_more_time_that_is_granted_moves_what_the_unit_promised() -> None:
    there = promising()
    assert there.close_by is not None
    until = there.close_by + timedelta(days=5)
    asked = ask_for_time(
        there,
        AskForTime(kind="extension", reason="no pump", until=until),
        by=COMMUNITY,
        at=NOW,
        limits=LIMITS,
    ).state
    yes = AnswerTimeRequest(granted=True)
    longer = answer_time_request(asked, yes, by=STREET, at=NOW, limits=LIMITS).state
    assert longer.due["deadline"] == longer.due["close_by"] == until


def test_each_of_several_units_is_held_to_its_deadline() -> None:
    called = situations()["whistled, together"]
    said = AnswerWhistle(measures="a pump", deadline=later(days=2))
    there = answer(called, said, by=SEWAGE, at=NOW, limits=LIMITS).state
    assert not {name for name in there.due if name.startswith("deadline")}, "the others are waited for"
    at_work = end_whistle(
        there, EndWhistle(public_note="enough"), by=COMMUNITY, at=later(days=3), limits=LIMITS
    ).state
    assert at_work.due["deadline/sewage"] == later(days=3), "it has passed meanwhile: at once"
    assert at_its_end(at_work, "deadline/sewage").state is DispatchState.WHISTLED


def again() -> Dispatch:
    wanted = heard(ReworkRequestedV1(reason="leaks", round=1), at=later(days=9))
    return rework(situations()["to_evaluate"], wanted, limits=LIMITS).state


def test_while_residents_have_their_time_no_clock_of_the_unit_runs() -> None:
    watched = situations()["to_check"]
    watched = strike(watched.with_clock(Clock.CLOSE_BY, NOW), "close_by", NOW, limits=LIMITS).state
    watched = at_its_end(watched, "overdue")
    assert watched.overdue
    assert watched.supervision
    waiting = check(watched, CheckWork(passed=True), by=COMMUNITY, at=NOW, limits=LIMITS).state
    assert set(waiting.due) == {"evaluation"}
    assert not waiting.overdue
    back = rework(waiting, heard(ReworkRequestedV1(reason="leaks", round=1), at=later(days=9)), limits=LIMITS)
    assert back.state.due["supervision"] == LIMITS.calendar.after(later(days=9), LIMITS.supervision)
    assert somebody_is_waited_for(back.state)


def test_what_is_done_again_has_a_time_of_its_own_also_the_third_time() -> None:
    for reworks in (0, 1, 2, 3):
        wanted = heard(ReworkRequestedV1(reason="leaks", round=1), at=later(days=9))
        before = situations()["to_evaluate"].but(reworks=reworks)
        decision = rework(before, wanted, limits=LIMITS)
        end = LIMITS.calendar.after(later(days=9), LIMITS.rework)
        assert decision.state.close_by == decision.state.due["close_by"] == end
        assert only(decision, EndMovedV1) == EndMovedV1(close_by=end, cause="rework")


CLOSE_BY = situations()["to_check"].close_by
HALF = CloseDispatch(outcome="partly", public_note="half of it")


@pytest.mark.parametrize(("late", "in_time"), [(timedelta(0), True), (timedelta(seconds=1), False)])
def test_whether_the_unit_was_in_time_is_decided_when_the_check_passes(
    late: timedelta, in_time: bool
) -> None:
    assert CLOSE_BY is not None
    waiting = situations()["to_check"]
    for done in (
        check(waiting, CheckWork(passed=True), by=COMMUNITY, at=CLOSE_BY + late, limits=LIMITS),
        close(waiting, HALF, by=COMMUNITY, at=CLOSE_BY + late, limits=LIMITS),
    ):
        assert done.state.state is DispatchState.TO_EVALUATE
        assert done.state.in_time is in_time


def test_what_was_late_once_stays_late_when_it_is_done_again() -> None:
    late = again().but(in_time=False)
    assert late.close_by is not None
    note = CloseDispatch(outcome="out_of_remit", public_note="a matter of the court", rule="§ 2")
    claimed = late.moved(DispatchState.IN_HANDLING)
    assert close(claimed, note, by=DISTRICT, at=NOW, limits=LIMITS).state.in_time is False


def test_where_nobody_tells_how_the_residents_time_ended_the_level_is_reminded() -> None:
    waiting = situations()["to_evaluate"]
    assert waiting.due["evaluation"] > NOW + LIMITS.window
    reminded = strike(waiting, "evaluation", waiting.due["evaluation"], limits=LIMITS)
    assert only(reminded, ReminderSentV1).clock == "evaluation"
    assert told(reminded) == ["reminder_sent"]
    assert reminded.state.due["evaluation"] > waiting.due["evaluation"]
