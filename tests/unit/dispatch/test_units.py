"""Disputed refusals, lead and co-units, tasks, and the district's supervision."""

from __future__ import annotations

import pytest

from services.dispatch.clock import strike
from services.dispatch.domain.closing import close_withdrawn
from services.dispatch.domain.dispatch import Dispatch, TasksOpen
from services.dispatch.domain.dispute import (
    DisputeRefusal,
    NothingToDispute,
    RuleOnDispute,
    dispute,
    rule_on,
)
from services.dispatch.domain.ends import DeadlineOutOfRange
from services.dispatch.domain.ladder import DispatchState, Level
from services.dispatch.domain.lead import NameLead, name_lead
from services.dispatch.domain.limits import Limits
from services.dispatch.domain.record import Cause
from services.dispatch.domain.referral import (
    AnswerReferral,
    CannotRefuse,
    Disputed,
    ReferToDepartment,
    refer,
    respond,
)
from services.dispatch.domain.supervision import (
    CloseSupervision,
    DirectSupervision,
    NotSupervised,
    close_supervision,
    direct,
    supervise,
)
from services.dispatch.domain.tasks import (
    CancelTask,
    FinishTask,
    GiveTask,
    TaskEnded,
    TooManyTasks,
    cancel_task,
    finish_task,
    give_task,
)
from services.dispatch.domain.unit import Unit
from services.dispatch.domain.whistle import NobodyAbove
from services.dispatch.domain.work import CheckWork, DeliverWork, check, deliver
from shared.contracts.from_dispatch.dispute_ruled import DisputeRuledV1
from shared.contracts.from_dispatch.lead_named import LeadNamedV1
from shared.contracts.from_dispatch.refusal_disputed import RefusalDisputedV1
from shared.contracts.from_dispatch.supervision_overdue import SupervisionOverdueV1
from shared.contracts.from_dispatch.supervision_raised import SupervisionRaisedV1
from shared.contracts.from_dispatch.task_late import TaskLateV1
from shared.problems import NotFound
from tests.unit.dispatch.stories import (
    AREA,
    COMMUNITY,
    DISTRICT,
    FENCE,
    LIMITS,
    NOW,
    SEWAGE,
    SEWAGE_OFFICE,
    STREET,
    STREET_UNIT,
    URBAN,
    clocks,
    in_community,
    later,
    only,
    situations,
    told,
)

REFUSAL = AnswerReferral(accepted=False, reason="out_of_remit", rule="§ 12")
OVERRULED = RuleOnDispute(upheld=False, note="they do it")


def asked(dispatch: Dispatch) -> Dispatch:
    command = ReferToDepartment(department="sewage")
    return refer(dispatch, command, department=SEWAGE_OFFICE, by=DISTRICT, at=NOW, limits=LIMITS).state


def refused(dispatch: Dispatch, times: int = 1) -> Dispatch:
    for _ in range(times):
        dispatch = respond(asked(dispatch), REFUSAL, by=SEWAGE, at=NOW, limits=LIMITS).state
    return dispatch


# ── disputes


def test_a_disputed_refusal_waits_for_the_level_above_and_the_department_cannot_answer_again() -> None:
    disputed = situations()["referred, disputed"]
    assert (disputed.state, disputed.level) == (DispatchState.REFERRED, Level.STREET)
    assert clocks(disputed) == {"dispute", "close_by"}
    assert disputed.answer_by == disputed.due["dispute"]
    with pytest.raises(Disputed):
        respond(disputed, AnswerReferral(accepted=True), by=SEWAGE, at=NOW, limits=LIMITS)


def test_who_is_overruled_has_it_and_cannot_refuse_again() -> None:
    decision = rule_on(
        situations()["referred, disputed"], OVERRULED, by=STREET, at=later(hours=1), limits=LIMITS
    )
    assert not only(decision, DisputeRuledV1).upheld
    taken = decision.state
    assert (taken.state, taken.handled_by, taken.level) == (
        DispatchState.IN_HANDLING,
        "sewage",
        Level.COMMUNITY,
    )
    with pytest.raises(CannotRefuse):
        respond(asked(taken), REFUSAL, by=SEWAGE, at=NOW, limits=LIMITS)
    accepted = respond(asked(taken), AnswerReferral(accepted=True), by=SEWAGE, at=NOW, limits=LIMITS)
    assert accepted.state.handled_by == "sewage"


def test_a_refusal_that_is_upheld_is_back_with_who_asked_and_not_disputed_twice() -> None:
    upheld = RuleOnDispute(upheld=True, note="they are right")
    back = rule_on(situations()["referred, disputed"], upheld, by=STREET, at=NOW, limits=LIMITS).state
    assert (back.handled_by, back.level, back.bound) == (AREA[:-3], Level.COMMUNITY, ())
    with pytest.raises(NothingToDispute):
        dispute(back, DisputeRefusal(reason="still"), by=COMMUNITY, at=NOW, limits=LIMITS)


@pytest.mark.parametrize("upheld", [True, False])
def test_after_a_ruling_the_word_of_who_has_it_is_waited_for(upheld: bool) -> None:
    ruling = RuleOnDispute(upheld=upheld, note="so it is")
    ruled = rule_on(situations()["referred, disputed"], ruling, by=STREET, at=NOW, limits=LIMITS).state
    climbed = strike(ruled, "handling", ruled.due["handling"], limits=LIMITS)
    assert told(climbed) == ["whistle_blown"]


def test_silence_about_a_dispute_climbs_to_the_district_which_may_still_decide() -> None:
    dispatch, heard = situations()["referred, disputed"], []
    for _ in range(2):
        decision = strike(dispatch, "dispute", dispatch.due["dispute"], limits=LIMITS)
        heard += told(decision)
        dispatch = decision.state
    assert heard == ["refusal_disputed", "supervision_raised"]
    assert dispatch.supervised == (Cause.SILENCE,)
    assert rule_on(dispatch, OVERRULED, by=DISTRICT, at=NOW, limits=LIMITS).state.handled_by == "sewage"


def test_silence_about_a_dispute_says_who_decides_next() -> None:
    disputed = situations()["referred, disputed"]
    told_again = only(strike(disputed, "dispute", disputed.due["dispute"], limits=LIMITS), RefusalDisputedV1)
    assert (told_again.to_level, told_again.by_silence) == ("district", True)


def test_the_district_has_nobody_above_to_decide() -> None:
    with pytest.raises(NobodyAbove):
        dispute(
            refused(in_community().but(level=Level.DISTRICT)),
            DisputeRefusal(reason="theirs"),
            by=DISTRICT,
            at=NOW,
            limits=LIMITS,
        )


# ── lead and co-units


def test_the_third_refusal_raises_supervision_and_the_lead_that_is_named_cannot_refuse() -> None:
    twice = refused(in_community(), 2)
    assert twice.supervision is None
    third = respond(asked(twice), REFUSAL, by=SEWAGE, at=NOW, limits=LIMITS)
    assert only(third, SupervisionRaisedV1).cause == "refusals"
    command = NameLead(unit="sewage", co_units=(FENCE,))
    decision = name_lead(
        third.state, command, Unit("sewage"), (STREET_UNIT,), by=DISTRICT, at=NOW, limits=LIMITS
    )
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
        Unit("sewage"),
        (STREET_UNIT,),
        by=DISTRICT,
        at=NOW,
        limits=LIMITS,
    ).state
    with pytest.raises(TasksOpen):
        deliver(led, DeliverWork(), by=SEWAGE)
    ready = finish_task(led, 1, FinishTask(), by=STREET, at=NOW).state
    assert deliver(ready, DeliverWork(), by=SEWAGE).state.state is DispatchState.TO_CHECK


def test_the_word_of_the_lead_is_waited_for_anew() -> None:
    watched = supervise(situations()["deadlocked"], Cause.DEADLOCK, at=NOW, limits=LIMITS).state
    for before in (watched, situations()["in_handling, supervised"]):
        lead = NameLead(unit="sewage")
        led = name_lead(before, lead, Unit("sewage"), by=DISTRICT, at=later(hours=30), limits=LIMITS).state
        assert led.due["handling"] > before.due.get("handling", later(hours=30))


def test_while_partners_have_it_the_lead_answers_for_their_work() -> None:
    watched = supervise(situations()["claimed"], Cause.REWORKS, at=NOW, limits=LIMITS).state
    led = name_lead(
        watched, NameLead(unit="sewage"), Unit("sewage"), by=DISTRICT, at=NOW, limits=LIMITS
    ).state
    assert (led.state, led.handled_by) == (DispatchState.CLAIMED, "sewage")


def test_a_level_may_lead_too() -> None:
    watched = situations()["in_handling, supervised"]
    led = name_lead(watched, NameLead(unit="street"), STREET_UNIT, by=DISTRICT, at=NOW, limits=LIMITS).state
    assert (led.lead, led.bound, led.departments) == ("370203/370203014", (), ())


def test_a_supervised_deadlock_ends_when_a_lead_is_named() -> None:
    watched = supervise(situations()["deadlocked"], Cause.DEADLOCK, at=NOW, limits=LIMITS).state
    led = name_lead(
        watched, NameLead(unit="sewage"), Unit("sewage"), by=DISTRICT, at=NOW, limits=LIMITS
    ).state
    assert led.state is DispatchState.IN_HANDLING
    assert "deadlock" not in led.due


# ── tasks


def split(dispatch: Dispatch | None = None) -> Dispatch:
    return give_task(
        dispatch or in_community(), FENCE, Unit("sewage"), by=COMMUNITY, at=NOW, limits=LIMITS
    ).state


def test_a_department_sees_and_finishes_its_own_part_only() -> None:
    dispatch = split()
    with pytest.raises(NotFound):
        finish_task(dispatch, 1, FinishTask(), by=URBAN, at=NOW)
    done = finish_task(dispatch, 1, FinishTask(note="it stands"), by=SEWAGE, at=NOW).state
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
        deliver(split(), DeliverWork(), by=COMMUNITY)
    delivered = situations()["to_check"].but(tasks=split().tasks)
    with pytest.raises(TasksOpen):
        check(delivered, CheckWork(passed=True), by=COMMUNITY, at=NOW, limits=LIMITS)
    failed = check(delivered, CheckWork(passed=False, note="leaks"), by=COMMUNITY, at=NOW, limits=LIMITS)
    assert failed.state.state is DispatchState.CLAIMED


def test_a_matter_is_split_into_ten_parts_at_most_each_with_a_deadline_ahead() -> None:
    dispatch = in_community()
    for number in range(10):
        part = FENCE.model_copy(update={"title": f"part {number}"})
        dispatch = give_task(dispatch, part, STREET_UNIT, by=COMMUNITY, at=NOW, limits=LIMITS).state
    with pytest.raises(TooManyTasks):
        split(dispatch)
    past = GiveTask(title="late", unit="street", deadline=NOW)
    with pytest.raises(DeadlineOutOfRange):
        give_task(in_community(), past, STREET_UNIT, by=COMMUNITY, at=NOW, limits=LIMITS)


def test_when_the_order_is_withdrawn_its_open_parts_are_cancelled() -> None:
    closed = close_withdrawn(split(), "not any more", at=NOW).state
    assert [task.ended for task in closed.tasks] == ["cancelled"]
    assert not closed.due


# ── supervision


def test_the_district_directs_a_unit_until_a_day_and_late_is_shown_in_the_register() -> None:
    command = DirectSupervision(unit="sewage", measures="a new pipe", due=later(days=2))
    watched = situations()["in_handling, supervised"]
    directed = direct(watched, command, Unit("sewage"), by=DISTRICT, at=NOW, limits=LIMITS).state
    assert directed.due["supervision"] == later(days=2)
    assert directed.departments == ("sewage",)
    decision = strike(directed, "supervision", later(days=2), limits=LIMITS)
    assert only(decision, SupervisionOverdueV1).unit == "sewage"
    assert decision.state.supervision is not None
    assert decision.state.supervision.overdue


def test_the_district_closes_the_supervision_with_a_result_and_another_cause_opens_a_new_one() -> None:
    watched = situations()["in_handling, supervised"]
    more = supervise(watched, Cause.REFUSALS, at=NOW, limits=LIMITS).state
    assert [one.causes for one in more.supervisions] == [(Cause.SILENCE, Cause.REFUSALS)]
    closed = close_supervision(more, CloseSupervision(result="it goes on"), by=DISTRICT, at=NOW).state
    assert "supervision" not in closed.due
    with pytest.raises(NotSupervised):
        close_supervision(closed, CloseSupervision(result="again"), by=DISTRICT, at=NOW)
    again = supervise(closed, Cause.REWORKS, at=NOW, limits=Limits()).state
    assert [one.is_open for one in again.supervisions] == [False, True]
