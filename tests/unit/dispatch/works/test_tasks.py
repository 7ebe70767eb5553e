"""A matter that is split: tasks, lead and co-units."""

from __future__ import annotations

import pytest

from services.dispatch.clock import strike
from services.dispatch.domain.clocks.limits import DeadlineOutOfRange
from services.dispatch.domain.dispatch import Dispatch, TasksOpen
from services.dispatch.domain.ladder.referral import CannotRefuse, respond
from services.dispatch.domain.states import DispatchState
from services.dispatch.domain.supervision.raising import supervise
from services.dispatch.domain.supervision.record import Cause
from services.dispatch.domain.works.checking import CheckWork, check
from services.dispatch.domain.works.closing import close_withdrawn
from services.dispatch.domain.works.handling import DeliverWork, deliver
from services.dispatch.domain.works.lead import NameLead, name_lead
from services.dispatch.domain.works.tasks import (
    CancelTask,
    FinishTask,
    GiveTask,
    TaskEnded,
    TooManyTasks,
    cancel_task,
    finish_task,
    give_task,
)
from shared.contracts.from_dispatch import LeadNamedV1, SupervisionRaisedV1, TaskLateV1
from shared.contracts.from_intake.orders import OrderWithdrawnV1
from shared.problems import NotFound
from tests.unit.dispatch.ladder.test_dispute import REFUSAL, asked, refused
from tests.unit.dispatch.situations import situations
from tests.unit.dispatch.stories import (
    COMMUNITY,
    DEPARTMENTS,
    DISTRICT,
    FENCE,
    LIMITS,
    NOW,
    SEWAGE,
    STREET,
    URBAN,
    clocks,
    heard,
    in_community,
    later,
    only,
    told,
)


def test_the_third_refusal_raises_supervision_and_the_lead_that_is_named_cannot_refuse() -> None:
    twice = refused(in_community(), 2)
    assert twice.supervision is None
    third = respond(asked(twice), REFUSAL, by=SEWAGE, at=NOW, limits=LIMITS)
    assert only(third, SupervisionRaisedV1).cause == "refusals"
    command = NameLead(unit="sewage", co_units=(FENCE,))
    decision = name_lead(third.state, command, departments=DEPARTMENTS, by=DISTRICT, at=NOW, limits=LIMITS)
    led = decision.state
    assert told(decision) == ["lead_named", "task_given"]
    assert only(decision, LeadNamedV1).co_units == ("370203/370203014",)
    assert (led.state, led.handled_by, led.lead) == (DispatchState.IN_HANDLING, "sewage", "sewage")
    assert led.supervision is not None
    assert led.supervision.unit == "sewage"
    with pytest.raises(CannotRefuse):
        respond(asked(led), REFUSAL, by=SEWAGE, at=NOW, limits=LIMITS)


def test_the_lead_closes_after_its_co_units() -> None:
    led = name_lead(
        situations()["in_handling, supervised"],
        NameLead(unit="sewage", co_units=(FENCE,)),
        departments=DEPARTMENTS,
        by=DISTRICT,
        at=NOW,
        limits=LIMITS,
    ).state
    with pytest.raises(TasksOpen):
        deliver(led, DeliverWork(), by=SEWAGE, at=NOW, limits=LIMITS)
    ready = finish_task(led, 1, FinishTask(), by=STREET, at=NOW).state
    assert (
        deliver(ready, DeliverWork(), by=SEWAGE, at=NOW, limits=LIMITS).state.state is DispatchState.TO_CHECK
    )


def test_the_word_of_the_lead_is_waited_for_anew() -> None:
    watched = supervise(situations()["deadlocked"], Cause.DEADLOCK, at=NOW, limits=LIMITS).state
    for before in (watched, situations()["in_handling, supervised"]):
        lead = NameLead(unit="sewage")
        led = name_lead(
            before, lead, departments=DEPARTMENTS, by=DISTRICT, at=later(hours=30), limits=LIMITS
        ).state
        assert led.due["handling"] > before.due.get("handling", later(hours=30))


def test_while_partners_have_it_the_lead_answers_for_their_work() -> None:
    watched = supervise(situations()["claimed"], Cause.REWORKS, at=NOW, limits=LIMITS).state
    led = name_lead(
        watched, NameLead(unit="sewage"), departments=DEPARTMENTS, by=DISTRICT, at=NOW, limits=LIMITS
    ).state
    assert (led.state, led.handled_by) == (DispatchState.CLAIMED, "sewage")


def test_a_level_may_lead_too() -> None:
    watched = situations()["in_handling, supervised"]
    led = name_lead(
        watched, NameLead(unit="street"), departments=DEPARTMENTS, by=DISTRICT, at=NOW, limits=LIMITS
    ).state
    assert (led.lead, led.bound, led.departments) == ("370203/370203014", (), ())


def test_a_supervised_deadlock_ends_when_a_lead_is_named() -> None:
    watched = supervise(situations()["deadlocked"], Cause.DEADLOCK, at=NOW, limits=LIMITS).state
    led = name_lead(
        watched, NameLead(unit="sewage"), departments=DEPARTMENTS, by=DISTRICT, at=NOW, limits=LIMITS
    ).state
    assert led.state is DispatchState.IN_HANDLING
    assert "deadlock" not in led.due


def split(dispatch: Dispatch | None = None) -> Dispatch:
    return give_task(
        dispatch or in_community(),
        FENCE.model_copy(update={"unit": "sewage"}),
        departments=DEPARTMENTS,
        by=COMMUNITY,
        at=NOW,
        limits=LIMITS,
    ).state


def test_a_department_sees_and_finishes_its_own_part_only() -> None:
    dispatch = split()
    with pytest.raises(NotFound):
        finish_task(dispatch, 1, FinishTask(), by=URBAN, at=NOW)
    done = finish_task(dispatch, 1, FinishTask(public_note="it stands"), by=SEWAGE, at=NOW).state
    assert (done.tasks[0].ended, done.done_by) == ("done", ("sewage", "officer-sewage"))
    assert clocks(done) == {"handling", "close_by"}
    with pytest.raises(TaskEnded):
        cancel_task(done, 1, CancelTask(reason="no need"), by=COMMUNITY, at=NOW)


def test_a_part_that_is_late_is_noted_and_may_still_be_done() -> None:
    dispatch = split()
    decision = strike(dispatch, "task/1", dispatch.due["task/1"], limits=LIMITS)
    assert only(decision, TaskLateV1).unit == "sewage"
    done = finish_task(decision.state, 1, FinishTask(), by=SEWAGE, at=NOW).state
    assert done.tasks[0].late


def test_work_with_open_parts_neither_is_delivered_nor_passes_its_check() -> None:
    with pytest.raises(TasksOpen):
        deliver(split(), DeliverWork(), by=COMMUNITY, at=NOW, limits=LIMITS)
    delivered = situations()["to_check"].but(tasks=split().tasks)
    with pytest.raises(TasksOpen):
        check(delivered, CheckWork(passed=True), by=COMMUNITY, at=NOW, limits=LIMITS)
    failed = check(
        delivered, CheckWork(passed=False, public_note="leaks"), by=COMMUNITY, at=NOW, limits=LIMITS
    )
    assert failed.state.state is DispatchState.CLAIMED


def test_a_matter_is_split_into_ten_parts_at_most_each_with_a_deadline_ahead() -> None:
    dispatch = in_community()
    for number in range(10):
        part = FENCE.model_copy(update={"title": f"part {number}"})
        dispatch = give_task(
            dispatch, part, departments=DEPARTMENTS, by=COMMUNITY, at=NOW, limits=LIMITS
        ).state
    with pytest.raises(TooManyTasks):
        split(dispatch)
    past = GiveTask(title="late", unit="street", deadline=NOW)
    with pytest.raises(DeadlineOutOfRange):
        give_task(in_community(), past, departments=DEPARTMENTS, by=COMMUNITY, at=NOW, limits=LIMITS)


def test_when_the_order_is_withdrawn_its_open_parts_are_cancelled() -> None:
    closed = close_withdrawn(split(), heard(OrderWithdrawnV1(reason="not any more"))).state
    assert [task.ended for task in closed.tasks] == ["cancelled"]
    assert not closed.due
