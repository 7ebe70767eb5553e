"""Pauses, deferrals, extensions, questions to the resident; reminders, silence, and being late."""

from __future__ import annotations

from datetime import datetime, timedelta
from fractions import Fraction

import pytest

from services.dispatch.clock import strike
from services.dispatch.domain.clocks.limits import Limits
from services.dispatch.domain.clocks.pause import (
    AnswerTimeRequest,
    AskForTime,
    NoTimeAsked,
    OwnRequest,
    Resume,
    TimeOutOfRange,
    TooManyDelays,
    answer_time_request,
    ask_for_time,
    resume,
)
from services.dispatch.domain.clocks.question import AskResident, TooManyQuestions, answer_heard, ask_resident
from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.duty import NotYourLevel
from services.dispatch.domain.ladder.assignment import AssignDispatch, assign
from services.dispatch.domain.ladder.referral import AnswerReferral, respond
from services.dispatch.domain.ladder.whistle import AnswerWhistle, answer
from services.dispatch.domain.states import Clock, DispatchState, Level
from services.dispatch.domain.works.closing import close_withdrawn
from services.dispatch.domain.works.handling import ReportHandling, report
from shared.caller import Caller
from shared.contracts.from_dispatch.clocks import (
    DispatchOverdueV1,
    DispatchPausedV1,
    DispatchResumedV1,
    ExtensionGrantedV1,
    MoreTimeAskedV1,
    ReminderSentV1,
)
from shared.contracts.from_dispatch.place import DispatchClosedV1, QuestionAskedV1
from shared.contracts.from_dispatch.supervision import SupervisionRaisedV1
from shared.contracts.from_intake import OrderWithdrawnV1, QuestionAnsweredV1
from shared.entry import Decision
from tests.unit.dispatch.situations import situations
from tests.unit.dispatch.stories import (
    COMMUNITY,
    DISTRICT,
    GRID_WORKER,
    LIMITS,
    NOW,
    REST,
    SEWAGE,
    STREET,
    WORKDAY_15,
    clocks,
    heard,
    later,
    only,
    opened,
    told,
)

HANDLING = situations()["in_handling"]
COLLEAGUE = Caller("community-yichun-2", COMMUNITY.role, area=COMMUNITY.area)
WORKDAY_22 = WORKDAY_15 + timedelta(days=9)  # the seventh workday after the fifteenth


def asked(
    kind: str = "pause", *, days: float = 7, by: Caller = COMMUNITY, on: Dispatch = HANDLING
) -> Dispatch:
    command = AskForTime.model_validate(
        {"kind": kind, "reason": "the part is ordered", "until": later(days=days)}
    )
    return ask_for_time(on, command, by=by, at=NOW, limits=LIMITS).state


def decide(
    dispatch: Dispatch, granted: bool = True, *, by: Caller = STREET, at: datetime = NOW
) -> Decision[Dispatch]:
    return answer_time_request(dispatch, AnswerTimeRequest(granted=granted), by=by, at=at, limits=LIMITS)


# ── who asks, who decides ──────────────────────────────────────────────────────────────────────────────────────────


def test_the_unit_asks_and_the_next_level_decides() -> None:
    decision = ask_for_time(HANDLING, REST, by=COMMUNITY, at=NOW, limits=LIMITS)
    assert only(decision, MoreTimeAskedV1).decided_by == "street"
    decides = {"time_request", "reminder/time_request"}
    assert {name: end for name, end in decision.state.due.items() if name not in decides} == HANDLING.due
    with pytest.raises(NotYourLevel):
        decide(decision.state, by=COLLEAGUE)
    assert decide(decision.state, by=STREET).state.paused
    assert decide(decision.state, by=DISTRICT).state.paused


@pytest.mark.parametrize(
    ("level", "by", "decided_by"),
    [
        (Level.GRID, GRID_WORKER, Level.COMMUNITY),
        (Level.STREET, STREET, Level.DISTRICT),
        (Level.DISTRICT, DISTRICT, Level.DISTRICT),
        (
            Level.COMMUNITY,
            STREET,
            Level.DISTRICT,
        ),  # in the stead of the community, still nobody above oneself
    ],
)
def test_each_level_asks_the_next_one_and_the_district_decides_its_own(
    level: Level, by: Caller, decided_by: Level
) -> None:
    request = asked(by=by, on=HANDLING.but(level=level)).time_request
    assert request is not None
    assert request.decided_by is decided_by


def test_the_district_may_grant_its_own_request() -> None:
    assert decide(asked(by=DISTRICT, on=HANDLING.but(level=Level.DISTRICT)), by=DISTRICT).state.paused


def test_nobody_else_grants_their_own_request() -> None:
    mine = asked(by=GRID_WORKER, on=situations()["assigned"])
    same_person = Caller(GRID_WORKER.id, COMMUNITY.role, area=COMMUNITY.area)
    with pytest.raises(OwnRequest):
        decide(mine, by=same_person)


def test_a_department_asks_the_level_that_referred_it() -> None:
    taken = respond(
        situations()["referred"], AnswerReferral(accepted=True), by=SEWAGE, at=NOW, limits=LIMITS
    ).state
    request = asked(by=SEWAGE, on=taken)
    assert request.time_request is not None
    assert request.time_request.decided_by is Level.COMMUNITY
    assert decide(request, by=COMMUNITY).state.paused


def test_a_refusal_leaves_the_clocks_as_they_are() -> None:
    decision = decide(asked(), granted=False)
    assert told(decision) == ["more_time_refused"]
    assert decision.state.due == HANDLING.due
    with pytest.raises(NoTimeAsked):
        decide(decision.state, granted=True)


@pytest.mark.parametrize(
    ("kind", "days", "possible"),
    [
        ("pause", 30, True),
        ("pause", 31, False),
        ("pause", -1, False),
        ("deferral", 180, True),
        ("extension", 14, False),
    ],
)
def test_how_much_time_can_be_asked_for_is_a_limit(kind: str, days: int, possible: bool) -> None:
    if possible:
        assert asked(kind, days=days).time_request
    else:
        with pytest.raises(TimeOutOfRange):
            asked(kind, days=days)


def test_more_time_is_not_asked_for_without_end() -> None:
    dispatch = HANDLING
    for n in range(LIMITS.delays):
        dispatch = decide(asked(days=1 + n, on=dispatch), granted=False).state
    with pytest.raises(TooManyDelays):
        asked(on=dispatch)


# ── what it does ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_in_a_pause_all_clocks_stand_still_and_it_ends_by_itself() -> None:
    decision = decide(asked())
    assert only(decision, DispatchPausedV1).kind == "pause"
    assert clocks(decision.state) == {"pause"}
    again = strike(decision.state, "pause", later(days=7), limits=LIMITS)
    resumed = only(again, DispatchResumedV1)
    assert (resumed.how, resumed.close_by) == ("time", again.state.close_by)
    assert clocks(again.state) == {"handling", "close_by"}
    assert again.state.close_by == again.state.due["close_by"] == WORKDAY_15 + timedelta(days=7)
    assert again.state.pauses[0].ended == "time"


def test_the_unit_may_go_on_before_the_end() -> None:
    paused = decide(asked()).state
    again = resume(paused, Resume(), by=COMMUNITY, at=later(days=1), limits=LIMITS)
    assert only(again, DispatchResumedV1).how == "resumed"
    assert again.state.close_by == WORKDAY_15 + timedelta(days=1)
    assert strike(again.state, "pause", later(days=7), limits=LIMITS).state is again.state


def test_supervision_watches_on_while_it_is_paused() -> None:
    watched = HANDLING.with_clock(Clock.SUPERVISION, later(days=2))
    assert clocks(decide(asked(on=watched)).state) == {"pause", "supervision"}


def test_an_extension_moves_the_end_and_nothing_else() -> None:
    request = asked("extension", days=30)
    decision = decide(request)
    assert only(decision, ExtensionGrantedV1).close_by == later(days=30)
    assert decision.state.due["close_by"] == decision.state.close_by == later(days=30)
    assert decision.state.due["handling"] == HANDLING.due["handling"]


def test_an_extension_never_takes_time_away() -> None:
    request = asked("extension", days=30)
    moved = request.but(close_by=later(days=40))  # by a pause that came between
    decision = decide(moved)
    assert only(decision, ExtensionGrantedV1).close_by == later(days=40)
    assert decision.state.due["close_by"] == decision.state.close_by == later(days=40)


def test_what_was_extended_is_not_late_any_more() -> None:
    late = strike(asked("extension", days=30), "close_by", WORKDAY_15, limits=LIMITS).state
    assert late.overdue
    granted = decide(late, at=later(days=22)).state
    assert not granted.overdue
    assert "overdue" not in granted.due
    assert "close_by" in granted.due


def test_a_pause_that_would_be_over_already_is_not_granted() -> None:
    with pytest.raises(TimeOutOfRange):
        decide(asked(days=1), at=later(days=2))


def test_who_withdraws_while_it_is_paused_does_not_make_it_late() -> None:
    paused = decide(asked("deferral", days=100)).state
    decision = close_withdrawn(paused, heard(OrderWithdrawnV1(), at=later(days=50)))
    assert only(decision, DispatchClosedV1).in_time
    assert not decision.state.due
    assert decision.state.pauses[0].ended == "closed"


# ── the resident is asked ──────────────────────────────────────────────────────────────────────────────────────────


def question(dispatch: Dispatch = HANDLING) -> Decision[Dispatch]:
    return ask_resident(dispatch, AskResident(question="since when?"), by=COMMUNITY, at=NOW, limits=LIMITS)


def test_a_question_stops_the_clocks_until_the_answer() -> None:
    decision = question()
    assert only(decision, QuestionAskedV1) == QuestionAskedV1(
        number=1, question="since when?", until=later(days=5)
    )
    assert told(decision) == ["question_asked", "dispatch_paused"]
    answered = answer_heard(
        decision.state, heard(QuestionAnsweredV1(number=1), at=later(days=2)), limits=LIMITS
    )
    assert only(answered, DispatchResumedV1).how == "answered"
    assert answered.state.close_by == WORKDAY_15 + timedelta(days=2)


def test_without_an_answer_the_work_goes_on() -> None:
    again = strike(question().state, "pause", later(days=5), limits=LIMITS)
    assert only(again, DispatchResumedV1).how == "time"
    late = answer_heard(again.state, heard(QuestionAnsweredV1(number=1)), limits=LIMITS)
    assert late.state is again.state


def test_an_answer_to_an_earlier_question_does_not_end_the_next_one() -> None:
    first = strike(question().state, "pause", later(days=5), limits=LIMITS).state
    second = question(first).state
    late = answer_heard(second, heard(QuestionAnsweredV1(number=1)), limits=LIMITS)
    assert late.state is second


def test_residents_are_not_asked_without_end() -> None:
    with pytest.raises(TooManyQuestions):
        ask_resident(HANDLING, AskResident(question="why?"), by=COMMUNITY, at=NOW, limits=Limits(questions=0))


# ── reminders, silence, lateness ───────────────────────────────────────────────────────────────────────────────────


def test_a_reminder_comes_before_the_end_of_a_clock() -> None:
    dispatch = opened()
    assert dispatch.due["reminder/dispatch"] == later(hours=18)
    decision = strike(dispatch, "reminder/dispatch", later(hours=18), limits=LIMITS)
    assert only(decision, ReminderSentV1) == ReminderSentV1(
        clock="dispatch", level="grid", ends=later(hours=24)
    )
    assert decision.state.due["dispatch"] == dispatch.due["dispatch"]


def test_a_move_stops_the_reminder_with_its_clock() -> None:
    taken = assign(opened(), AssignDispatch(), by=GRID_WORKER, at=NOW, limits=LIMITS).state
    assert "reminder/dispatch" not in taken.due
    assert "reminder/handling" in taken.due


def test_without_a_share_there_are_no_reminders() -> None:
    started = HANDLING.with_limit(Clock.ROUND, later(days=1), at=NOW, reminder=Fraction(1))
    assert "reminder/round" not in started.due


def test_who_has_it_and_says_nothing_is_whistled_over() -> None:
    taken = situations()["assigned"]
    silent = strike(taken, "handling", taken.due["handling"], limits=LIMITS)
    assert told(silent) == ["whistle_blown"]
    assert silent.state.level is Level.COMMUNITY


def test_who_says_how_it_stands_has_the_time_anew() -> None:
    said = report(
        HANDLING, ReportHandling(public_note="they dig"), by=COMMUNITY, at=later(days=3), limits=LIMITS
    )
    assert told(said) == ["handling_reported"]
    assert said.state.due["handling"] > HANDLING.due["handling"]


def test_silence_of_the_district_is_supervised_and_waited_on() -> None:
    top = HANDLING.but(level=Level.DISTRICT)
    silent = strike(top, "handling", top.due["handling"], limits=LIMITS)
    assert only(silent, SupervisionRaisedV1).cause == "silence"
    assert silent.state.state is DispatchState.IN_HANDLING
    assert silent.state.due["handling"] > top.due["handling"]


OPEN = set(situations()) - {"unknown", "closed", "merged", "in_handling, supervised", "to_evaluate"}


@pytest.mark.parametrize("situation", sorted(OPEN))
def test_what_is_late_is_told_once_then_supervised_and_its_clock_never_stops(situation: str) -> None:
    late = strike(situations()[situation].with_clock(Clock.CLOSE_BY, NOW), "close_by", NOW, limits=LIMITS)
    only(late, DispatchOverdueV1)
    dispatch, at = late.state, late.state.due["overdue"]
    supervised = strike(dispatch, "overdue", at, limits=LIMITS)
    assert told(supervised) == ["supervision_raised"]
    again = strike(supervised.state, "overdue", supervised.state.due["overdue"], limits=LIMITS)
    assert not again.events
    assert again.state.due["overdue"] > supervised.state.due["overdue"]


def test_a_level_that_answers_must_not_fall_silent_afterwards() -> None:
    there = answer(situations()["whistled"], AnswerWhistle(), by=COMMUNITY, at=NOW, limits=LIMITS).state
    assert clocks(there) == {"handling", "close_by"}
