"""A command is the same again when the same person says the same words about what is so; else it is as any other.

Before (28d5448): each of these was answered 200, whoever asked and whatever they said, and the words were lost.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any, NamedTuple

import pytest

from services.dispatch.domain.clocks.pause import (
    AskForTime,
    NotPaused,
    Resume,
    TimeAskedAlready,
    ask_for_time,
)
from services.dispatch.domain.clocks.pause import resume as resume_it
from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.duty import NotYourLevel
from services.dispatch.domain.ladder.whistle import AnswerWhistle, answer
from services.dispatch.domain.works.call import WithdrawCall, end_call
from services.dispatch.domain.works.changing import NothingChanges, change
from services.dispatch.domain.works.handling import DeliverWork, deliver
from services.dispatch.domain.works.lead import NameLead, name_lead
from services.dispatch.domain.works.tasks import (
    CancelTask,
    FinishTask,
    GiveTask,
    TaskEnded,
    TaskIn,
    cancel_task,
    finish_task,
    give_task,
)
from shared.caller import Caller
from shared.contracts.from_dispatch import LeadNamedV1, TaskGivenV1
from shared.entry import Decision
from shared.problems import RuleBroken, WrongState
from tests.unit.dispatch.situations import situations
from tests.unit.dispatch.stories import (
    DEPARTMENTS,
    DISTRICT,
    GRID_WORKER,
    LIMITS,
    MORE_CREW,
    NOW,
    later,
    only,
)

Said = Callable[[Dispatch, str, Caller], Decision[Dispatch]]


class Row(NamedTuple):
    situation: str
    said: Said
    other_words: type[RuleBroken]
    somebody_else: type[RuleBroken]


def timed(rule: Callable[..., Decision[Dispatch]], command: Callable[[str], Any]) -> Said:
    return lambda it, words, by: rule(it, command(words), by=by, at=NOW, limits=LIMITS)


def of_task(rule: Callable[..., Decision[Dispatch]], command: Callable[[str], Any]) -> Said:
    return lambda it, words, by: rule(it, 1, command(words), by=by, at=NOW)


def promise(words: str) -> AnswerWhistle:
    return AnswerWhistle(measures="soon", deadline=later(days=len(words)))


def more_time(words: str) -> AskForTime:
    return AskForTime(kind="pause", reason=words, until=later(days=9))


ROWS = {
    "call/withdrawal": Row(
        "called", timed(end_call, lambda words: WithdrawCall(reason=words)), WrongState, WrongState
    ),
    "call/changes": Row(
        "called",
        timed(change, lambda words: MORE_CREW.model_copy(update={"reason": words})),
        NothingChanges,
        NotYourLevel,
    ),
    "delivery": Row(
        "in_handling", timed(deliver, lambda words: DeliverWork(public_note=words)), WrongState, WrongState
    ),
    "resumption": Row(
        "in_handling, paused", timed(resume_it, lambda words: Resume(public_note=words)), NotPaused, NotPaused
    ),
    "time-requests": Row("in_handling", timed(ask_for_time, more_time), TimeAskedAlready, NotYourLevel),
    "whistle/answer": Row("whistled", timed(answer, promise), WrongState, WrongState),
    "tasks/1/result": Row(
        "in_handling, split",
        of_task(finish_task, lambda words: FinishTask(public_note=words)),
        TaskEnded,
        NotYourLevel,
    ),
    "tasks/1/cancellation": Row(
        "in_handling, split",
        of_task(cancel_task, lambda words: CancelTask(reason=words)),
        TaskEnded,
        NotYourLevel,
    ),
}


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_the_same_again_changes_nothing_and_anything_else_is_refused_as_ever(row: Row) -> None:
    once = row.said(situations()[row.situation], "as said", DISTRICT)
    assert once.events
    again = row.said(once.state, "as said", DISTRICT)
    assert (again.state, again.events) == (once.state, ())
    with pytest.raises(row.other_words):
        row.said(once.state, "otherwise", DISTRICT)
    with pytest.raises(row.somebody_else):
        row.said(once.state, "as said", GRID_WORKER)


SIGN = TaskIn(title="a sign", unit="sewage", deadline=later(days=2))
PUMP = TaskIn(title="a pump", unit="sewage", deadline=later(days=3))


def test_a_lead_is_named_again_with_other_words_or_parts_and_none_has_its_part_twice() -> None:
    named = partial(name_lead, departments=DEPARTMENTS, by=DISTRICT, at=NOW, limits=LIMITS)
    first = NameLead(unit="sewage", co_units=(SIGN,), public_note="they know how")
    once = named(situations()["in_handling, supervised"], first).state
    assert named(once, first).state is once
    other = named(once, first.model_copy(update={"public_note": "and nobody else"}))
    assert only(other, LeadNamedV1).note == "and nobody else"
    assert other.state.tasks == once.tasks
    more = named(once, first.model_copy(update={"co_units": (SIGN, PUMP)}))
    assert [one.title for one in more.events if isinstance(one, TaskGivenV1)] == ["a pump"]
    with pytest.raises(NotYourLevel):
        named(once, first, by=GRID_WORKER)


def test_a_part_with_another_deadline_is_another_part() -> None:
    given = partial(give_task, departments=DEPARTMENTS, by=DISTRICT, at=NOW, limits=LIMITS)
    part = GiveTask(title="a sign", unit="sewage", deadline=later(days=2))
    once = given(situations()["in_handling"], part).state
    assert given(once, part).state is once
    later_one = part.model_copy(update={"deadline": part.deadline + timedelta(days=1)})
    assert len(given(once, later_one).state.tasks) == 2
    with pytest.raises(NotYourLevel):
        given(once, part, by=GRID_WORKER)
