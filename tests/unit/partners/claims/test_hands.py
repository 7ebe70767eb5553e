"""Claims whose partner keeps silent, and that others ask for."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from pydantic import ValidationError

from services.partners.domain.call import UNTIL as CLOCK
from services.partners.domain.call import Call
from services.partners.domain.claims.claimant import Claimant
from services.partners.domain.claims.refusals import (
    AlreadyDelivered,
    CoolingDown,
    DisplacedHolder,
    HoldsTooMany,
    NoTakeover,
    NotStale,
    OwnClaim,
    TakeoverWaits,
)
from services.partners.domain.claims.reserve import carried
from services.partners.domain.claims.takeover import (
    Able,
    AnswerTakeover,
    AskTakeover,
    answer,
    anybody,
    ask_for,
    withdraw_request,
)
from services.partners.domain.registry.partner import Partner
from services.partners.domain.states import CallState, ClaimState, Ending
from services.partners.domain.terms import Terms
from shared.contracts.from_partners.calls import CallCoveredV1
from shared.contracts.from_partners.claims import (
    ClaimMadeV1,
    ClaimReleasedV1,
    ClaimRemindedV1,
    ClaimStaleV1,
    TakeoverAskedV1,
    TakeoverEndedV1,
)
from shared.entry import Decision
from shared.problems import NotFound, WrongState
from tests.unit.partners.claims.test_lead import forcing
from tests.unit.partners.given import (
    AREA,
    FIRST,
    LATER,
    ORDER,
    SECOND,
    TERMS,
    THIRD,
    back_to_work,
    call_in,
    changing,
    claiming,
    delivering,
    held_by,
    open_to_partners,
    planning,
    releasing,
    reporting,
    strike,
    taking_all,
)

FIRSTS = "claim/1"  # the clock of the first claim of a call
ASKED = "takeover/1"


def wait(call: Call, clock: str = FIRSTS) -> Decision[Call]:
    """Until that clock strikes."""
    return strike(call, clock, call.due[clock])


def stale(call: Call) -> Call:
    """Nothing is heard of the first claim: reminded, then stale."""
    return wait(wait(call).state).state


def asking_for(
    call: Call, by: Partner, *, at: datetime | None = None, terms: Terms = TERMS
) -> Decision[Call]:
    at = at or held_by(call, FIRST).stale_at or LATER
    claim_id = held_by(call, FIRST).claim_id
    return ask_for(
        call, claim_id, AskTakeover(reason="we can"), by=Claimant(by, person="zhao"), at=at, terms=terms
    )


def answering(
    call: Call, *, agreed: bool, reason: str = "we begin tomorrow", able: Able = anybody
) -> Decision[Call]:
    held = held_by(call, FIRST)
    command = AnswerTakeover(agreed=agreed, reason=reason, epoch=held.epoch)
    return answer(call, held.claim_id, command, partner_id=FIRST.id, at=LATER, terms=TERMS, able=able)


def giving_up(call: Call, by: Partner) -> Decision[Call]:
    claim_id = held_by(call, FIRST).claim_id
    return withdraw_request(call, claim_id, partner_id=by.id, at=LATER, terms=TERMS)


def covered() -> Call:
    return call_in(CallState.COVERED)


# ------------------------------------------------------------ silence


def test_a_claim_waits_for_its_plan_and_its_end_is_shown() -> None:
    held = held_by(covered(), FIRST)
    assert (held.waits_for, held.due) == ("plan", TERMS.calendar.after(LATER, TERMS.plan_within))


def test_a_partner_is_reminded_once_before_its_time_is_over() -> None:
    call = covered()
    assert call.due[FIRSTS] == TERMS.calendar.after(LATER, TERMS.plan_within) - TERMS.remind_before
    decision = wait(call)
    (told,) = decision.events
    assert isinstance(told, ClaimRemindedV1)
    assert (told.waits_for, told.ends) == ("plan", TERMS.calendar.after(LATER, TERMS.plan_within))
    assert decision.state.due[FIRSTS] == TERMS.calendar.after(LATER, TERMS.plan_within)
    assert not strike(decision.state, FIRSTS, call.due[FIRSTS]).events


def test_without_a_plan_the_claim_is_stale_and_then_goes_back_to_the_call() -> None:
    reminded = wait(covered()).state
    decision = wait(reminded)
    (told,) = decision.events
    assert isinstance(told, ClaimStaleV1)
    assert held_by(decision.state, FIRST).stale_at == TERMS.calendar.after(LATER, TERMS.plan_within)
    assert decision.state.state is CallState.COVERED
    assert not strike(decision.state, FIRSTS, TERMS.calendar.after(LATER, TERMS.plan_within)).events

    back = wait(decision.state)
    (released,) = back.events
    assert isinstance(released, ClaimReleasedV1)
    assert (released.reason, released.reopened, released.gap) == ("no plan in time", True, 600_000)
    assert held_by(back.state, FIRST).ending is Ending.TAKEN_BACK
    assert back.state.state is CallState.OPEN
    assert set(back.state.due) == {CLOCK}


def test_a_plan_in_time_sets_the_clock_of_progress() -> None:
    call = planning(covered(), FIRST).state
    held = held_by(call, FIRST)
    assert held.plan is not None
    begins = datetime.combine(held.plan.starts, datetime.min.time(), LATER.tzinfo)
    assert (held.waits_for, held.due) == (
        "progress",
        begins + timedelta(days=7),
    )  # the plan ends that day, too
    reported = reporting(call, FIRST).state
    assert held_by(reported, FIRST).due == begins + timedelta(days=7)


def test_progress_is_due_again_some_days_after_the_last_word() -> None:
    terms = Terms(progress_every=timedelta(days=2))
    call = planning(covered(), FIRST).state
    stale_at = strike(call, FIRSTS, call.due[FIRSTS], terms=terms).state
    assert held_by(stale_at, FIRST).due == datetime(2026, 3, 5, tzinfo=LATER.tzinfo)


@pytest.mark.parametrize("act", [planning, reporting, delivering])
def test_whoever_is_heard_of_is_stale_no_more(act: object) -> None:
    call = act(stale(covered()), FIRST).state  # type: ignore[operator]
    assert held_by(call, FIRST).stale_at is None


def test_who_has_a_plan_waits_for_the_others_without_a_clock_of_its_own() -> None:
    half = planning(claiming(open_to_partners(), FIRST, pipe=12).state, FIRST).state
    assert set(half.due) == {CLOCK}
    whole = claiming(half, SECOND, money=600_000).state
    assert set(whole.due) == {"claim/1", "claim/2"}
    again = releasing(whole, SECOND).state
    assert set(again.due) == {CLOCK}


def test_delivered_work_has_no_clock_and_rework_has_one_again() -> None:
    delivered = call_in(CallState.DELIVERED)
    assert delivered.due == {}
    again = back_to_work(planning_first(delivered)).state
    assert FIRSTS in again.due


def planning_first(call: Call) -> Call:
    planned = planning(covered(), FIRST).state
    return call.with_claim(held_by(call, FIRST).but(plan=held_by(planned, FIRST).plan))


def test_rework_after_the_dates_of_the_plan_is_due_some_days_later() -> None:
    much_later = LATER + timedelta(days=60)
    again = back_to_work(planning_first(call_in(CallState.DELIVERED)), at=much_later).state
    assert held_by(again, FIRST).due == much_later + TERMS.progress_every


@pytest.mark.parametrize("more", [False, True])
def test_who_is_to_deliver_again_without_a_plan_has_time_to_make_one(more: bool) -> None:
    much_later = LATER + timedelta(days=60)
    call = call_in(CallState.DELIVERED)
    again = (
        changing(call, ("pipe", "goods", 1), at=much_later) if more else back_to_work(call, at=much_later)
    ).state
    held = held_by(again, FIRST)
    assert (held.waits_for, held.due) == ("plan", TERMS.calendar.after(much_later, TERMS.plan_within))


# ------------------------------------------------------------ another would do it


def test_a_stale_claim_is_asked_for() -> None:
    call = stale(covered())
    decision = asking_for(call, SECOND)
    (told,) = decision.events
    assert isinstance(told, TakeoverAskedV1)
    stale_at = held_by(call, FIRST).stale_at
    assert stale_at is not None
    assert told.until == decision.state.due[ASKED] == stale_at + TERMS.takeover_silence
    assert asking_for(decision.state, SECOND).state is decision.state
    with pytest.raises(TakeoverWaits):
        asking_for(decision.state, THIRD)


def test_silence_gives_the_same_lines_into_other_hands() -> None:
    asked = asking_for(stale(covered()), SECOND).state
    before = held_by(asked, FIRST)
    decision = wait(asked, ASKED)
    ended, released, made, news = decision.events
    assert isinstance(ended, TakeoverEndedV1)
    assert isinstance(released, ClaimReleasedV1)
    assert isinstance(made, ClaimMadeV1)
    assert isinstance(news, CallCoveredV1)
    assert (ended.outcome, released.reopened, made.gap) == ("silence", True, 0)
    call = decision.state
    now = held_by(call, SECOND)
    assert (held_by(call, FIRST).state, now.state) == (ClaimState.TAKEN_OVER, ClaimState.ACTIVE)
    assert now.lines == before.lines
    assert now.epoch > before.epoch
    assert call.state is CallState.COVERED
    assert set(call.due) == {f"claim/{now.epoch}"}
    assert now.waits_for == "plan"
    for act in (planning, reporting, delivering, releasing):
        with pytest.raises(DisplacedHolder):
            act(call, FIRST)


def test_who_may_claim_nothing_any_more_takes_nothing_over() -> None:
    asked = asking_for(stale(covered()), SECOND).state
    for decision in (
        strike(asked, ASKED, asked.due[ASKED], able=SECOND.id.__ne__),
        answering(asked, agreed=True, able=SECOND.id.__ne__),
    ):
        (told,) = decision.events
        assert isinstance(told, TakeoverEndedV1)
        assert told.outcome == "overtaken", "the holder goes on"
        assert held_by(decision.state, FIRST).state is ClaimState.ACTIVE
        assert ASKED not in decision.state.due
        assert FIRSTS in decision.state.due, "it is stale as before"


def test_a_request_whose_time_has_not_come_is_not_granted() -> None:
    asked = asking_for(stale(covered()), SECOND).state
    early = strike(asked, ASKED, asked.due[ASKED] - timedelta(seconds=1))
    assert not early.events
    assert early.state == asked


def test_the_holder_agrees_and_it_changes_hands_at_once() -> None:
    asked = asking_for(stale(covered()), SECOND).state
    after = answering(asked, agreed=True).state
    assert held_by(after, SECOND).state is ClaimState.ACTIVE
    assert held_by(after, SECOND).people == ("zhao",), "who asked for it"
    assert answering(after, agreed=True).state is after


def test_the_holder_refuses_with_a_reason() -> None:
    asked = asking_for(stale(covered()), SECOND).state
    decision = answering(asked, agreed=False)
    (told,) = decision.events
    assert isinstance(told, TakeoverEndedV1)
    assert (told.outcome, told.reason) == ("refused", "we begin tomorrow")
    assert ASKED not in decision.state.due
    assert held_by(decision.state, FIRST).stale_at is not None, "a refusal is no plan"
    assert answering(decision.state, agreed=False).state is decision.state
    with pytest.raises(NoTakeover):
        answering(decision.state, agreed=True)
    with pytest.raises(CoolingDown):
        asking_for(decision.state, SECOND, at=LATER, terms=Terms())
    with pytest.raises(ValidationError):
        AnswerTakeover(agreed=False, epoch=1)


@pytest.mark.parametrize("act", [planning, reporting, delivering])
def test_who_goes_on_with_its_work_keeps_it(act: object) -> None:
    asked = asking_for(stale(covered()), SECOND).state
    decision = act(asked, FIRST)  # type: ignore[operator]
    (told,) = [one for one in decision.events if isinstance(one, TakeoverEndedV1)]
    assert told.outcome == "overtaken"
    assert ASKED not in decision.state.due


def test_a_request_is_withdrawn() -> None:
    asked = asking_for(stale(covered()), SECOND).state
    with pytest.raises(NoTakeover):
        giving_up(asked, THIRD)
    after = giving_up(asked, SECOND)
    assert [type(one) for one in after.events] == [TakeoverEndedV1]
    assert giving_up(after.state, SECOND).state is after.state
    with pytest.raises(NoTakeover):
        answering(after.state, agreed=True)


def test_a_claim_that_is_not_stale_is_asked_for_only_where_that_is_the_rule() -> None:
    with pytest.raises(NotStale):
        asking_for(covered(), SECOND)
    assert asking_for(covered(), SECOND, terms=Terms(takeover_any=True)).events


def test_nobody_asks_for_what_it_holds_or_cannot_see() -> None:
    with pytest.raises(OwnClaim):
        asking_for(stale(covered()), FIRST)
    chosen = taking_all(open_to_partners(offered_to=(FIRST, THIRD)), FIRST).state
    with pytest.raises(NotFound):
        asking_for(stale(chosen), SECOND)


def test_what_is_delivered_or_over_is_not_asked_for() -> None:
    shared = claiming(claiming(open_to_partners(), FIRST, pipe=12).state, SECOND, money=600_000).state
    with pytest.raises(AlreadyDelivered):
        asking_for(delivering(shared, FIRST).state, SECOND)
    for state in (CallState.DELIVERED, CallState.ACCEPTED):
        with pytest.raises(NotStale):
            asking_for(call_in(state), SECOND)
    with pytest.raises(WrongState):
        asking_for(releasing(covered(), FIRST).state, SECOND)


def test_what_has_to_be_done_again_is_asked_for_by_those_who_have_a_part() -> None:
    """Anybody else would learn by it that the work did not pass, or did not satisfy."""
    shared = claiming(claiming(open_to_partners(), FIRST, pipe=12).state, SECOND, money=600_000).state
    for partner in (FIRST, SECOND):
        shared = delivering(shared, partner).state
    again = stale(back_to_work(shared).state)
    with pytest.raises(NotStale):
        asking_for(again, THIRD)
    assert asking_for(again, SECOND).events


def test_who_asks_carries_it_at_once() -> None:
    asked = asking_for(stale(covered()), SECOND).state
    mine = carried(ORDER, AREA, held_by(asked, FIRST), SECOND.id)
    full = Claimant(SECOND, (mine,))
    terms = Terms(held_most=1, takeover_any=True)
    other = claiming(open_to_partners(), FIRST, pipe=12).state
    with pytest.raises(HoldsTooMany):
        ask_for(other, held_by(other, FIRST).claim_id, AskTakeover(), by=full, at=LATER, terms=terms)


def test_who_gave_up_its_claim_or_lost_it_ends_the_request_with_it() -> None:
    asked = asking_for(stale(covered()), SECOND).state
    for act in (releasing(asked, FIRST), forcing(asked), wait(asked)):
        assert set(act.state.due) == {CLOCK}
        assert held_by(act.state, FIRST).takeover is None
