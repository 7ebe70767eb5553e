"""Whether a limit was kept: judged once of the answer, and of the end as often as it changes."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from services.dispatch.clock import strike
from services.dispatch.domain.clocks.judging import done_in_time, judged
from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.ladder.assignment import AssignDispatch, assign
from services.dispatch.domain.ladder.whistle import AnswerWhistle, BlowWhistle, answer, blow
from services.dispatch.domain.works.closing import CloseDispatch, close, close_withdrawn
from shared.caller import Caller, system
from shared.contracts.from_dispatch import LimitJudgedV1
from shared.contracts.from_intake import OrderWithdrawnV1
from shared.entry import Decision, decided, unchanged
from tests.unit.dispatch.situations import situations
from tests.unit.dispatch.stories import COMMUNITY, GRID_WORKER, LIMITS, NOW, SEWAGE, heard, opened

CLOCK = system("clock")
LIMIT = opened().due["dispatch"]
OVER = LIMIT + timedelta(minutes=1)
HONEST = CloseDispatch(outcome="out_of_remit", public_note="a matter of the court", rule="§ 2")


def judge(
    before: Dispatch, decision: Decision[Dispatch], by: Caller = GRID_WORKER, at: datetime = NOW
) -> tuple[Dispatch, list[tuple[str, bool | None]]]:
    """What is then, and what was told of limits."""
    found = judged(before, decision, by=by, at=at)
    told = [(one.limit, one.in_time) for one in found.events if isinstance(one, LimitJudgedV1)]
    assert found.events[len(told) :] == decision.events, "before all else, and nothing is lost"
    return found.state, told


def taken(at: datetime) -> Decision[Dispatch]:
    return assign(opened(), AssignDispatch(), by=GRID_WORKER, at=at, limits=LIMITS)


@pytest.mark.parametrize(("at", "in_time"), [(NOW, True), (LIMIT, True), (OVER, False)])
def test_who_takes_it_answers_by_the_limit_for_that(at: datetime, in_time: bool) -> None:
    after, told = judge(opened(), taken(at), at=at)
    assert (after.answered_in_time, told) == (in_time, [("answer", in_time)])


def test_an_honest_end_answers_and_one_that_was_withdrawn_does_not() -> None:
    honest = close(opened(), HONEST, by=COMMUNITY, at=NOW, limits=LIMITS)
    assert judge(opened(), honest, COMMUNITY)[1] == [("answer", True)]
    gone = close_withdrawn(opened(), heard(OrderWithdrawnV1()))
    assert judge(opened(), gone, system("intake"))[1] == []


def test_each_who_is_asked_has_a_limit_of_their_own() -> None:
    whistled = blow(opened(), BlowWhistle(), by=GRID_WORKER, at=LIMIT, limits=LIMITS)
    before, told = judge(opened(), whistled, at=LIMIT)
    assert told == [], "a whistle is no answer"
    came = answer(before, AnswerWhistle(), by=COMMUNITY, at=OVER, limits=LIMITS)
    assert judge(before, came, COMMUNITY, OVER)[1] == [("answer", True)]


def test_silence_is_late_as_soon_as_the_clock_strikes_and_stays_so() -> None:
    silent = strike(opened(), "dispatch", LIMIT, limits=LIMITS)
    before, told = judge(opened(), silent, CLOCK, LIMIT)
    assert told == [("answer", False)]
    came = answer(before, AnswerWhistle(), by=COMMUNITY, at=OVER, limits=LIMITS)
    after, told = judge(before, came, COMMUNITY, OVER)
    assert (after.answered_in_time, told) == (False, [])


def test_the_first_of_several_who_are_called_answers() -> None:
    together = situations()["whistled, together"].but(answered_in_time=None)
    one = answer(together, AnswerWhistle(), by=SEWAGE, at=NOW, limits=LIMITS)
    assert judge(together, one, SEWAGE)[1] == [("answer", True)]


@pytest.mark.parametrize(
    "name", ["called", "claimed", "in_handling, refused", "referred, disputed", "deadlocked"]
)
def test_what_was_in_hand_before_is_not_answered_again(name: str) -> None:
    before = situations()[name]
    assert judge(before, decided(before.but(title="x")))[1] == []


def test_what_changes_nothing_stays_the_very_same() -> None:
    it = situations()["assigned"].but(answered_in_time=True)
    decision = unchanged(it)
    assert judged(it, decision, by=GRID_WORKER, at=NOW) is decision


@pytest.mark.parametrize(
    ("situation", "changes", "in_time"),
    [
        ("to_evaluate", {}, True),
        ("to_evaluate", {"in_time": False}, False),
        ("in_handling", {}, None),
        ("in_handling", {"overdue": True}, False),
        ("in_handling", {"in_time": False}, False),  # it was late when its work passed, and is done again
        ("closed", {}, None),
    ],
)
def test_work_is_done_in_time_as_was_decided_when_it_passed_its_check(
    situation: str, changes: dict[str, object], in_time: bool | None
) -> None:
    assert done_in_time(situations()[situation].but(**changes)) is in_time


def test_the_end_is_told_when_it_changes_and_not_of_what_is_closed() -> None:
    working, done = situations()["in_handling"].but(answered_in_time=True), situations()["to_evaluate"]
    late = strike(working, "close_by", working.due["close_by"], limits=LIMITS)
    before, told = judge(working, late, CLOCK)
    assert told == [("close", False)]
    assert judge(before, decided(before.but(overdue=False)))[1] == [("close", None)]
    done = done.but(answered_in_time=True)
    assert judge(situations()["to_check"].but(answered_in_time=True), decided(done))[1] == [("close", True)]
    assert judge(done, decided(done.but(state=working.state)))[1] == [("close", None)]
    ended = close(working, HONEST, by=COMMUNITY, at=NOW, limits=LIMITS)
    assert judge(working, ended, COMMUNITY)[1] == []
