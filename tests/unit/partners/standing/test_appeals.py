"""What an appeal takes away, who decides it, and when it can be made."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from services.partners.domain.call import Call
from services.partners.domain.calls.calling import note_reopening
from services.partners.domain.calls.finding import added_by
from services.partners.domain.claim import Claim
from services.partners.domain.registry.partner import Partner
from services.partners.domain.registry.refusals import OwnPartner
from services.partners.domain.standing.appeals import (
    AppealTo,
    DecideAppeal,
    appeal,
    decide_appeal,
    note_verdict,
)
from services.partners.domain.standing.refusals import AppealDecided, AppealTooLate, NothingToAppeal
from services.partners.domain.standing.rules import Event
from services.partners.domain.states import CallState, ClaimState, Ending
from services.partners.domain.terms import Terms
from shared.calendar import Calendar
from shared.caller import Caller, Role
from shared.contracts.from_dispatch import DispatchReopenedV1
from shared.contracts.from_evaluation import WorkEvaluatedV1
from shared.problems import NotAllowed, NotFound
from tests.unit.partners.given import (
    AREA,
    FIRST,
    LATER,
    ORDER,
    SECOND,
    THIRD,
    heard,
    open_to_partners,
    strike,
)
from tests.unit.partners.standing.test_standing import call_with, claim_of, evaluated, events

TERMS = Terms()
STREET = Caller("street-1", Role.STREET, area="370203/370203014")
BEFORE = LATER + timedelta(days=1)
MEMBERS = {FIRST.id: frozenset({"owner-1"})}
UP = DecideAppeal(decision="upheld", answer="确有停电")
DOWN = DecideAppeal(decision="rejected", answer="无证据")


def verdict_against(who: Partner = FIRST) -> Call:
    return evaluated(call_with(claim_of(who), claim_of(SECOND, 2)), n=4)


def appealing(
    call: Call,
    of: str,
    against: str = "verdict",
    *,
    at: datetime = BEFORE,
    who: Partner = FIRST,
    why: str = "停电",
) -> Call:
    command = AppealTo.model_validate({"against": against, "of": of, "reason": why})
    return appeal(call, command, order_id=ORDER, partner_id=who.id, person="li", at=at, terms=TERMS).state


def deciding(call: Call, how: DecideAppeal = UP, by: Caller = STREET) -> Call:
    return decide_appeal(call, call.appeals[0].id, how, by=by, at=BEFORE, people_of=MEMBERS.__getitem__).state


def test_what_an_appeal_took_away_counts_no_more_for_whoever_made_it() -> None:
    call = verdict_against()
    appealed = appealing(call, "4")
    assert events(appealed)[Event.UNSATISFIED] == 1, "as long as nobody decided"
    assert events(deciding(appealed))[Event.UNSATISFIED] == 0
    assert events(deciding(appealed), SECOND)[Event.UNSATISFIED] == 1
    assert events(deciding(appealed, DOWN))[Event.UNSATISFIED] == 1


@pytest.mark.parametrize("ending", [Ending.FORCED, Ending.TAKEN_BACK, Ending.TAKEN_OVER, None])
def test_a_claim_that_was_taken_away_or_late_can_be_appealed(ending: Ending | None) -> None:
    claim = claim_of(FIRST, ending=ending, done=date(2026, 3, 10))
    upheld = deciding(appealing(call_with(claim), str(claim.claim_id), "claim"))
    assert events(upheld) == ({Event.FULFILLED: 1} if ending is None else {})


@pytest.mark.parametrize(
    "claim",
    [
        claim_of(FIRST, done=date(2026, 3, 9)),
        claim_of(FIRST, ending=Ending.GIVEN_BACK),
        claim_of(FIRST, ending=Ending.CALL_ENDED),
        claim_of(FIRST).but(state=ClaimState.ACTIVE, ended_at=None),
    ],
)
def test_where_nothing_counts_against_a_partner_there_is_nothing_to_appeal(claim: Claim) -> None:
    with pytest.raises(NothingToAppeal):
        appealing(call_with(claim), str(claim.claim_id), "claim")


def test_nobody_appeals_praise() -> None:
    with pytest.raises(NothingToAppeal):
        appealing(evaluated(call_with(claim_of(FIRST)), "satisfied", n=4), "4")


def test_nobody_appeals_what_is_not_theirs() -> None:
    call = verdict_against()
    for of, against, who in (
        ("4", "verdict", THIRD),
        ("5", "verdict", FIRST),
        (str(UUID(int=1)), "claim", THIRD),
    ):
        with pytest.raises(NotFound):
            appealing(call, of, against, who=who)


def test_an_appeal_is_made_once_and_in_time() -> None:
    appealed = appealing(verdict_against(), "4")
    assert appealing(appealed, "4") is appealed
    with pytest.raises(AppealDecided):
        appealing(appealed, "4", why="下雨")
    last = LATER + TERMS.appeal_within
    assert appealing(verdict_against(), "4", at=last).appeals
    with pytest.raises(AppealTooLate):
        appealing(verdict_against(), "4", at=last + timedelta(seconds=1))


def test_the_street_or_the_district_decides_once() -> None:
    appealed = appealing(verdict_against(), "4")
    decided = deciding(appealed)
    assert deciding(decided) is decided
    with pytest.raises(AppealDecided):
        deciding(decided, DOWN)
    community = Caller("community-1", Role.COMMUNITY, area=AREA.rpartition("/")[0])
    with pytest.raises(NotAllowed):
        deciding(appealed, by=community)
    for by in (Caller("street-2", Role.STREET, area="370203/370203015"), Caller("x", Role.PARTNER)):
        with pytest.raises(NotFound):
            deciding(appealed, by=by)
    with pytest.raises(NotFound):
        decide_appeal(appealed, UUID(int=0), UP, by=STREET, at=BEFORE, people_of=MEMBERS.__getitem__)


def test_nobody_decides_an_appeal_of_their_own_partner() -> None:
    worked = claim_of(FIRST).but(people=("wang",))
    appealed = appealing(evaluated(call_with(worked, claim_of(SECOND, 2)), n=4), "4")
    for person in ("owner-1", "li", "wang"):  # a member, who made it, who did the work
        with pytest.raises(OwnPartner):
            deciding(appealed, by=replace(STREET, id=person))


def test_a_call_adds_to_the_sums_what_was_said_until_an_appeal_took_it_away() -> None:
    def said(call: Call) -> list[int]:
        added = added_by(call, UTC) or {}
        return [its["evaluated"] for key, its in added.items() if key.endswith(str(FIRST.id))]

    call = verdict_against()
    assert said(call) == [1]
    assert said(appealing(call, "4")) == [1]
    assert said(deciding(appealing(call, "4"))) == [0]
    assert said(call_with(claim_of(FIRST))) == [0]
    assert added_by(open_to_partners(), UTC) is None, "nobody took anything"


def test_what_was_lost_of_an_order_counts_until_an_appeal_took_all_of_it_away() -> None:
    lost = call_with(*[claim_of(FIRST, n, ending=Ending.FORCED) for n in (1, 2)])
    assert events(lost) == {Event.LOST: 1}
    half = deciding(appealing(lost, str(UUID(int=1)), "claim"))
    assert events(half) == {Event.LOST: 1}, "nobody took away the other"


def test_what_is_said_after_it_was_opened_again_is_not_of_the_work_before() -> None:
    """The unit did it the second time; what the household said of the first time may still come late."""
    again = DispatchReopenedV1(
        number=1, level="grid", taken=True, close_by=LATER, calls=1, cost=0, shares=0, subsidies=0
    )
    reopened = note_reopening(verdict_against(), heard(again, at=LATER)).state
    before, after = (
        note_verdict(reopened, heard(_verdict(), n=9, at=at)).state
        for at in (LATER - timedelta(hours=1), LATER)
    )
    assert [len(call.verdicts) for call in (reopened, before, after)] == [1, 2, 1]
    next_one = reopened.but(round=2, claims=(*reopened.claims, claim_of(THIRD, 9).but(round=2)))
    assert note_verdict(next_one, heard(_verdict(), n=9, at=LATER)).state.verdicts[-1].partners == (THIRD.id,)


def _verdict() -> WorkEvaluatedV1:
    return WorkEvaluatedV1(verdict="unsatisfied", result=1, speed=1, manner=1, reason="leaks", round=2)


def test_an_appeal_that_the_street_leaves_lying_goes_to_the_district_and_is_overdue_there() -> None:
    appealed = appealing(verdict_against(), "4")
    [clock] = [name for name in appealed.due if name.startswith("appeal/")]
    [made] = appealed.appeals
    assert appealed.due[clock] == made.decide_by
    assert (made.level, made.overdue) == ("street", False)
    up = strike(appealed, clock, appealed.due[clock])
    assert (up.state.appeals[0].level, up.state.appeals[0].overdue) == ("district", False)
    again = strike(up.state, clock, up.state.due[clock])
    assert again.state.appeals[0].overdue
    assert again.state.due[clock] > up.state.due[clock], "silence is not the end of it"
    assert clock not in deciding(again.state).due


def test_an_appeal_has_the_time_that_a_new_list_of_holidays_gives_it() -> None:
    appealed = appealing(verdict_against(), "4")
    [clock] = [name for name in appealed.due if name.startswith("appeal/")]
    struck_at = appealed.due[clock]
    free = Calendar(holidays=[struck_at.date() - timedelta(days=days) for days in range(3)])
    later = strike(appealed, clock, struck_at, terms=replace(TERMS, calendar=free)).state
    [waits] = later.appeals
    assert (waits.level, waits.overdue) == ("street", False)
    assert waits.decide_by == later.due[clock] > struck_at


def test_the_end_of_a_call_and_the_next_one_leave_the_clock_of_an_appeal() -> None:
    live = call_with(claim_of(FIRST)).but(state=CallState.OPEN, due={"until": LATER, "appeal/1": LATER})
    assert set(live.moved(CallState.WITHDRAWN).due) == {"appeal/1"}
