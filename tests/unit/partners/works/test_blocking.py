"""On the spot, kept from the work, and going on: a blocked claim has no clock but the end of its block."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from pydantic import ValidationError

from services.partners.domain.call import Call
from services.partners.domain.claims.refusals import AlreadyDelivered, DisplacedHolder
from services.partners.domain.states import CallState
from services.partners.domain.works.blocking import BlockWork, ResumeWork, SurveySite, block, resume, survey
from services.partners.domain.works.refusals import BlockedAlready, BlockTooLong, NotBlocked
from services.partners.domain.works.working import SubmitPlan, plan
from shared.contracts.from_partners import TakeoverEndedV1, WorkBlockedV1, WorkResumedV1, WorkSurveyedV1
from shared.entry import Decision
from shared.problems import WrongState
from tests.unit.partners.claims.test_hands import ASKED, FIRSTS, asking_for, covered, stale, wait
from tests.unit.partners.given import (
    FIRST,
    LATER,
    SECOND,
    TERMS,
    call_in,
    claiming,
    delivering,
    held_by,
    open_to_partners,
    planning,
    releasing,
    reporting,
)

SOON = LATER + timedelta(days=2)
PHOTO = "a" * 64


def blocking(
    call: Call, *, until: datetime = SOON, reason: str = "the water is not shut off", at: datetime = LATER
) -> Decision[Call]:
    held = held_by(call, FIRST)
    command = BlockWork(reason=reason, until=until, epoch=held.epoch)
    return block(call, held.claim_id, command, partner_id=FIRST.id, at=at, terms=TERMS)


def resuming(call: Call, at: datetime = LATER) -> Decision[Call]:
    held = held_by(call, FIRST)
    command = ResumeWork(epoch=held.epoch)
    return resume(call, held.claim_id, command, partner_id=FIRST.id, at=at, terms=TERMS)


def surveying(call: Call, note: str = "rusted through") -> Decision[Call]:
    held = held_by(call, FIRST)
    command = SurveySite(public_note=note, photos=(PHOTO,), epoch=held.epoch)
    return survey(call, held.claim_id, command, partner_id=FIRST.id, at=LATER, terms=TERMS)


def test_what_was_found_on_the_spot_is_told_and_what_is_due_stays_due() -> None:
    decision = surveying(covered())
    (told,) = decision.events
    assert isinstance(told, WorkSurveyedV1)
    assert (told.note, told.photos) == ("rusted through", 1)
    assert decision.state.due == covered().due
    assert surveying(decision.state).state is decision.state
    assert len(held_by(surveying(decision.state, "and the wall").state, FIRST).surveys) == 2


def test_numbers_of_persons_do_not_leave_with_what_was_found() -> None:
    (told,) = surveying(covered(), "ask 13812345678").events
    assert isinstance(told, WorkSurveyedV1)
    assert told.note == "ask ***"


def test_the_clock_of_blocked_work_stands_still_until_the_block_ends() -> None:
    decision = blocking(planning(covered(), FIRST).state)
    (told,) = decision.events
    assert isinstance(told, WorkBlockedV1)
    assert told.until == SOON == decision.state.due[FIRSTS]
    assert held_by(decision.state, FIRST).due is None
    assert blocking(decision.state).state is decision.state

    after = wait(decision.state)
    assert [type(one) for one in after.events] == [WorkResumedV1]
    held = held_by(after.state, FIRST)
    assert (held.block, held.waits_for) == (None, "progress")
    assert held.due is not None
    assert held.due > SOON


def test_who_goes_on_has_its_whole_time_again() -> None:
    then = LATER + timedelta(days=1)
    decision = resuming(blocking(covered()).state, then)
    assert [type(one) for one in decision.events] == [WorkResumedV1]
    assert held_by(decision.state, FIRST).due == TERMS.calendar.after(then, TERMS.plan_within)
    assert resuming(decision.state, then).state is decision.state


@pytest.mark.parametrize("act", [reporting, delivering])
def test_who_reports_is_kept_from_nothing(act: Callable[..., Decision[Call]]) -> None:
    decision = act(blocking(covered()).state, FIRST)
    assert WorkResumedV1 in [type(one) for one in decision.events]
    assert held_by(decision.state, FIRST).block is None


def test_a_plan_does_not_end_a_block() -> None:
    assert held_by(planning(blocking(covered()).state, FIRST).state, FIRST).block is not None


def test_who_is_blocked_was_heard_of() -> None:
    asked = asking_for(stale(covered()), SECOND).state
    decision = blocking(asked)
    assert TakeoverEndedV1 in [type(one) for one in decision.events]
    assert ASKED not in decision.state.due
    assert held_by(decision.state, FIRST).stale_at is None


@pytest.mark.parametrize("until", [LATER, LATER + TERMS.block_most + timedelta(seconds=1)])
def test_a_block_ends_in_the_future_and_lasts_no_longer_than_it_may(until: datetime) -> None:
    with pytest.raises(BlockTooLong):
        blocking(covered(), until=until)


def test_all_blocks_together_last_no_longer_than_one_may() -> None:
    half = LATER + TERMS.block_most / 2
    once = resuming(blocking(covered(), until=half).state, half).state
    rest = half + TERMS.block_most / 2
    with pytest.raises(BlockTooLong):
        blocking(once, until=rest + timedelta(seconds=1), at=half)
    assert blocking(once, until=rest, at=half).events


def test_one_block_at_a_time_and_only_what_is_blocked_goes_on() -> None:
    with pytest.raises(BlockedAlready):
        blocking(blocking(covered()).state, reason="it rains")
    with pytest.raises(NotBlocked):
        resuming(covered())


@pytest.mark.parametrize("act", [blocking, resuming, surveying])
def test_only_who_holds_it_says_so(act: Callable[[Call], Decision[Call]]) -> None:
    with pytest.raises(DisplacedHolder):
        act(releasing(covered(), FIRST).state)
    with pytest.raises(WrongState):
        act(call_in(CallState.ACCEPTED))


@pytest.mark.parametrize("act", [blocking, surveying])
def test_delivered_work_is_not_blocked(act: Callable[[Call], Decision[Call]]) -> None:
    shared = claiming(claiming(open_to_partners(), FIRST, pipe=12).state, SECOND, money=600_000).state
    with pytest.raises(AlreadyDelivered):
        act(delivering(shared, FIRST).state)
    with pytest.raises(WrongState):
        act(call_in(CallState.DELIVERED))


def test_a_plan_has_steps_within_its_dates_people_and_documents() -> None:
    call = covered()
    held = held_by(call, FIRST)
    body = {
        "plan": "dig, lay",
        "starts": "2026-03-03",
        "ends": "2026-03-09",
        "people": 4,
        "epoch": held.epoch,
    }
    steps = [{"text": "dig, ask 13812345678", "ends": "2026-03-05"}, {"text": "lay", "ends": "2026-03-09"}]
    command = SubmitPlan.model_validate({**body, "steps": steps, "documents": [PHOTO]})
    after = plan(call, held.claim_id, command, partner_id=FIRST.id, person="li", at=LATER, terms=TERMS).state
    kept = held_by(after, FIRST).plan
    assert kept is not None
    assert [(step.text, step.ends) for step in kept.steps] == [
        ("dig, ask ***", date(2026, 3, 5)),
        ("lay", date(2026, 3, 9)),
    ]
    assert (kept.people, kept.documents) == (4, (PHOTO,))
    assert (
        plan(after, held.claim_id, command, partner_id=FIRST.id, person="li", at=SOON, terms=TERMS).state
        is after
    )
    with pytest.raises(ValidationError):
        SubmitPlan.model_validate({**body, "steps": [{"text": "late", "ends": "2026-03-10"}]})
