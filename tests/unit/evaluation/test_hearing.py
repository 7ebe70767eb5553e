"""What intake and dispatch say: the same facts whatever order they are heard in."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from services.evaluation.domain.evaluation import Evaluation, EvaluationState
from services.evaluation.domain.rates import counted
from shared.contracts import from_dispatch as dispatch
from shared.contracts.from_evaluation.evaluations import EvaluationOpenedV1
from shared.contracts.from_intake import OrderAmendedV2
from shared.contracts.from_intake.orders import Place
from shared.contracts.message import Heard, Message
from shared.contracts.registry import heard_by
from shared.entry import NotYet
from tests.unit.evaluation.given import (
    FROM_DISPATCH,
    NOON,
    PASSED,
    REACTIONS,
    SOLVED,
    WINDOW,
    asked,
    hear,
    heard,
    minute,
    opened,
    placed,
)

SAID: dict[str, list[Heard[Any]]] = {
    "intake": [heard(placed())],
    "dispatch": [heard(one, n=n, at=minute(n)) for n, one in enumerate([*FROM_DISPATCH, SOLVED], 1)],
}


def test_everything_that_evaluation_hears_has_a_reaction() -> None:
    assert set(REACTIONS) == {message for messages in heard_by("evaluation").values() for message in messages}


@pytest.mark.parametrize("late", range(len(SAID["dispatch"]) + 1))
def test_any_mixture_of_the_lists_gives_the_same_evaluation(late: int) -> None:
    """Intake is heard after so many messages of dispatch. What comes too early waits, as it does on the bus."""
    waiting = [*SAID["dispatch"][:late], *SAID["intake"], *SAID["dispatch"][late:]]
    evaluation, events = Evaluation(), list[Message]()
    while waiting:
        message = waiting[0]
        try:
            decision = REACTIONS[type(message.data)](evaluation, message)
        except NotYet:
            message = next(one for one in waiting if one.sender == "intake")
            decision = REACTIONS[type(message.data)](evaluation, message)
        evaluation = decision.state
        events.extend(decision.events)
        waiting.remove(message)
    assert evaluation == hear(asked(), heard(SOLVED, n=8, at=minute(8)))
    assert events == [EvaluationOpenedV1(until=minute(7) + WINDOW, round=1)]


def test_the_first_who_takes_it_in_hand_counts() -> None:
    assert asked().answered_at == minute(2)


def test_only_a_department_that_accepted_counts() -> None:
    assert asked().department == "water_office"


def test_the_category_is_the_one_that_dispatch_gave_it() -> None:
    assert hear(Evaluation(), heard(placed()), heard(opened())).category == "sewage_pipe"
    assert hear(Evaluation(), heard(opened()), heard(placed())).category == "sewage_pipe"


def test_a_check_that_failed_asks_nobody() -> None:
    before = hear(Evaluation(), heard(placed()))
    assert before.state is EvaluationState.WAITING
    assert hear(before, heard(PASSED)).state is EvaluationState.OPEN
    assert hear(before, heard(PASSED)).due == {"window": NOON + WINDOW}


def test_a_message_after_the_end_is_no_fault() -> None:
    closed = hear(Evaluation(), heard(opened()), heard(SOLVED, n=2), heard(placed()))
    for n, message in enumerate([PASSED, SOLVED], 3):
        assert hear(closed, heard(message, n=n)).state is EvaluationState.CLOSED


def test_what_is_paused_is_not_due_until_it_goes_on() -> None:
    paused = hear(
        Evaluation(), heard(dispatch.DispatchPausedV1(kind="deferral", reason="frost", until=minute(9)))
    )
    assert paused.deferred == "deferral"
    again = hear(paused, heard(dispatch.DispatchResumedV1(kind="deferral", how="time", close_by=minute(20))))
    assert (again.deferred, again.close_by) == (None, minute(20))


def test_what_repeats_another_order_counts_as_that_until_it_comes_back() -> None:
    alone = hear(Evaluation(), heard(opened()))
    merged = hear(alone, heard(dispatch.DispatchMergedV1(original=UUID(int=1)), n=2))
    for one in (
        merged,
        hear(merged, heard(dispatch.DispatchClosedV1(outcome="duplicate", in_time=True), n=3)),
    ):
        assert counted(one) == {"duplicate|sewage_pipe|": 1}
    back = dispatch.DispatchUnmergedV1(
        cause="original_ended", level="grid", answer_by=minute(30), close_by=minute(90)
    )
    again = hear(merged, heard(back, n=3))
    assert (again.close_by, counted(again)["dispatched|sewage_pipe|"]) == (minute(90), 1)


def test_an_extension_moves_when_it_is_due() -> None:
    longer = hear(
        Evaluation(), heard(dispatch.ExtensionGrantedV1(reason="the part is ordered", close_by=minute(30)))
    )
    assert longer.close_by == minute(30)


def test_a_corrected_order_counts_for_its_category_urgency_and_limits_whatever_is_heard_first() -> None:
    place = Place(longitude=120.36, latitude=36.09)
    amended = heard(
        OrderAmendedV2(category="public_safety", place=place, reason="so", urgency="emergency"), n=2
    )
    counted = heard(
        dispatch.ClocksRecountedV1(urgency="emergency", answer_by=minute(1), close_by=minute(90)), n=2
    )
    opening = heard(opened(), n=1)
    for order in ([amended, opening, counted], [opening, amended, counted], [opening, counted, amended]):
        it = hear(hear(Evaluation(), heard(placed())), *order)
        assert (it.category, it.urgency, it.answer_by, it.close_by) == (
            "public_safety",
            "emergency",
            minute(1),
            minute(90),
        )


def test_who_had_answered_before_had_answered_by_the_limit_that_was_known() -> None:
    answered = asked()
    counted = dispatch.ClocksRecountedV1(urgency="emergency", answer_by=minute(1), close_by=minute(90))
    it = hear(answered, heard(counted, n=9))
    assert (it.answer_by, it.close_by) == (answered.answer_by, minute(90))


def test_what_a_department_that_is_no_more_had_accepted_counts_for_its_successor() -> None:
    has = asked().but(department="sewage")
    gone = dispatch.DepartmentSucceededV1(department="sewage", successor="water")
    assert hear(has, heard(gone, n=9)).department == "water"
    assert hear(has.but(department="gas"), heard(gone, n=9)).department == "gas"


def test_whether_a_limit_was_kept_is_what_dispatch_says() -> None:
    """However late it was by the times: this service has no limits of its own."""
    answer = dispatch.LimitJudgedV1(limit="answer", in_time=True)
    late, open_again = (dispatch.LimitJudgedV1(limit="close", in_time=it) for it in (False, None))
    it = hear(Evaluation(), heard(opened(answer=1, close=2)), heard(answer, at=minute(90)))
    assert (it.answered_in_time, it.done_in_time) == (True, None)
    assert hear(it, heard(late)).done_in_time is False
    assert hear(it, heard(late), heard(open_again)).done_in_time is None
    ended = hear(it, heard(late), heard(dispatch.DispatchClosedV1(outcome="partly", in_time=True)))
    assert (ended.in_time, ended.done_in_time) == (True, None)
