"""How a dispatch ends: each outcome has its conditions and its reason."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from services.dispatch.domain.closing import (
    CloseDispatch,
    NothingWasDone,
    NotYoursToSay,
    UnderSupervision,
    UnknownOriginal,
    close,
    close_evaluated,
    close_silent,
)
from services.dispatch.domain.dispatch import TasksOpen
from services.dispatch.domain.ladder import DispatchState
from services.dispatch.domain.work import OwnWork, rework
from shared.contracts.from_dispatch.dispatch_closed import DispatchClosedV1
from shared.contracts.from_dispatch.work_checked import WorkCheckedV1
from tests.unit.dispatch.stories import (
    COMMUNITY,
    DISTRICT,
    LIMITS,
    NOW,
    ORDER,
    RESIDENT,
    STREET,
    later,
    only,
    opened,
    situations,
    told,
)

PARTLY = CloseDispatch(outcome="partly", note="the pipe, not the pavement")
DUPLICATE = CloseDispatch(outcome="duplicate", note="the same pipe", duplicate_of=ORDER)


@pytest.mark.parametrize(
    "body",
    [
        {"outcome": "fine"},
        {"outcome": "partly", "note": " "},
        {"outcome": "out_of_remit"},
        {"outcome": "not_solved", "rule": "§ 2"},
        {"outcome": "duplicate"},
        {"outcome": "partly", "duplicate_of": str(ORDER)},
    ],
)
def test_an_outcome_without_what_belongs_to_it_is_malformed(body: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        CloseDispatch.model_validate({"note": "done", **body})


@pytest.mark.parametrize("outcome", ["solved", "withdrawn"])
def test_a_unit_cannot_say_by_itself_that_it_is_solved_or_withdrawn(outcome: str) -> None:
    command = CloseDispatch.model_validate({"outcome": outcome, "note": "done"})
    with pytest.raises(NotYoursToSay):
        close(situations()["in_handling"], command, by=DISTRICT, at=NOW)


def test_an_honest_outcome_is_told_with_its_note_and_the_rule_it_rests_on() -> None:
    command = CloseDispatch(outcome="out_of_remit", note="a matter of the court", rule="§ 2")
    decision = close(situations()["deadlocked"], command, by=COMMUNITY, at=later(days=15))
    assert only(decision, DispatchClosedV1) == DispatchClosedV1(
        outcome="out_of_remit", in_time=True, note="a matter of the court (§ 2)"
    )


def test_solved_in_part_is_put_to_the_residents_and_closed_so_when_they_are_content() -> None:
    decision = close(situations()["to_check"], PARTLY, by=COMMUNITY, at=NOW)
    assert decision.state.state is DispatchState.TO_EVALUATE
    checked = only(decision, WorkCheckedV1)
    assert (checked.passed, checked.partners) == (True, True)
    ends = [
        close_evaluated(decision.state, by=RESIDENT.id, verdict="mostly", at=NOW),
        close_silent(decision.state, at=NOW),
    ]
    assert [only(end, DispatchClosedV1).outcome for end in ends] == ["partly", "partly"]
    again = rework(decision.state, at=NOW, limits=LIMITS).state
    assert (again.state, again.partly) == (DispatchState.CLAIMED, False)


def test_in_part_is_only_what_something_was_done_about_and_not_by_whoever_says_so() -> None:
    with pytest.raises(NothingWasDone):
        close(situations()["in_handling"], PARTLY, by=COMMUNITY, at=NOW)
    with pytest.raises(OwnWork):
        close(situations()["to_check, by the unit"], PARTLY, by=COMMUNITY, at=NOW)
    tried = situations()["in_handling"].but(done_by=("370203/370203014/370203014008",), partners_did=True)
    decision = close(tried, PARTLY, by=STREET, at=NOW)
    assert not only(decision, WorkCheckedV1).partners
    assert rework(decision.state, at=NOW, limits=LIMITS).state.state is DispatchState.IN_HANDLING


def test_a_duplicate_names_another_order_that_is_worked_on() -> None:
    gone = opened().but(outcome="duplicate")
    for original in (None, gone):
        with pytest.raises(UnknownOriginal):
            close(situations()["in_handling"], DUPLICATE, original=original, by=COMMUNITY, at=NOW)
    decision = close(situations()["in_handling"], DUPLICATE, original=opened(), by=COMMUNITY, at=NOW)
    assert decision.state.duplicate_of == str(ORDER)
    assert told(decision) == ["dispatch_closed"]


def test_what_is_supervised_only_the_district_closes_and_the_supervision_ends_with_it() -> None:
    watched = situations()["in_handling, supervised"]
    command = CloseDispatch(outcome="not_solved", note="it cannot be")
    with pytest.raises(UnderSupervision):
        close(watched, command, by=STREET, at=NOW)
    closed = close(watched, command, by=DISTRICT, at=NOW).state
    assert closed.supervision is None
    assert closed.supervisions[0].result == "not_solved"


def test_with_open_tasks_it_is_not_closed() -> None:
    with pytest.raises(TasksOpen):
        close(
            situations()["in_handling, split"],
            CloseDispatch(outcome="not_solved", note="no"),
            by=DISTRICT,
            at=NOW,
        )
