"""The public notice of what was agreed: nobody is bound before it is over, and an objection is answered."""

from __future__ import annotations

from datetime import datetime

import pytest

from services.dispatch.clock import strike
from services.dispatch.domain.deliberation.consent import CloseRound, UnknownHousehold, settle
from services.dispatch.domain.deliberation.notice import (
    NOT_ANSWERED,
    AlreadyObjected,
    AnswerObjection,
    NotOnNotice,
    RaiseObjection,
    answer_objector,
    object_to,
)
from services.dispatch.domain.deliberation.record import Money
from services.dispatch.domain.deliberation.rounds import propose
from services.dispatch.domain.dispatch import Dispatch, OnNotice
from services.dispatch.domain.states import Clock, DispatchState, Level
from services.dispatch.domain.works.call import open_call
from services.dispatch.queries.deliberation import RoundOut
from shared.contracts.from_dispatch import NoticeClosedV1, NoticeOpenedV1, ObjectionAnsweredV1, RoundClosedV2
from shared.entry import Decision
from shared.problems import NotFound
from tests.unit.dispatch.situations import situations
from tests.unit.dispatch.stories import (
    ALL_AGREE,
    COMMUNITY,
    GRID_WORKER,
    LIMITS,
    NEED,
    NO_NOTICE,
    NOW,
    PROPOSAL,
    SEWAGE,
    clocks,
    later,
    only,
    told,
)

END = LIMITS.calendar.after(NOW, LIMITS.notice)


def noticed() -> Dispatch:
    return situations()["in_deliberation, on notice"]


def objected(
    dispatch: Dispatch, flat: str = "1-101", reason: str = "too dear", at: datetime = NOW
) -> Decision[Dispatch]:
    command = RaiseObjection(household=flat, reason=reason)
    return object_to(dispatch, 1, command, by=GRID_WORKER, at=at, limits=LIMITS)


def answered(dispatch: Dispatch, upheld: bool, flat: str = "1-101", at: datetime = NOW) -> Decision[Dispatch]:
    command = AnswerObjection(household=flat, upheld=upheld, reason="we looked at it")
    return answer_objector(dispatch, 1, command, by=COMMUNITY, at=at, limits=LIMITS)


def over(dispatch: Dispatch) -> Decision[Dispatch]:
    return strike(dispatch, "notice", dispatch.due["notice"], limits=LIMITS)


def test_what_is_agreed_is_on_public_notice_and_binds_nobody_yet() -> None:
    decision = settle(
        situations()["in_deliberation, discussing"], 1, ALL_AGREE, by=COMMUNITY, at=NOW, limits=LIMITS
    )
    assert told(decision) == ["round_closed", "notice_opened"]
    closed = only(decision, RoundClosedV2)
    assert (closed.agreed, closed.binds, closed.shares) == (True, False, 120_001)
    assert only(decision, NoticeOpenedV1).until == END
    assert decision.state.money == Money()
    assert decision.state.due["notice"] == END


def test_when_nobody_objects_it_stands_and_the_gap_is_known() -> None:
    decision = over(noticed())
    assert only(decision, NoticeClosedV1) == NoticeClosedV1(
        number=1, stands=True, objections=0, cost=860_000, shares=120_001, subsidies=0, gap=739_999
    )
    assert decision.state.money.gap == 739_999
    assert decision.state.rounds[0].binds
    assert clocks(decision.state) == {"close_by", "returned"}


def test_when_nothing_is_missing_the_unit_goes_on_after_the_notice() -> None:
    whole = PROPOSAL.model_copy(update={"to_share": None})
    talking = propose(situations()["deadlocked"], whole, by=COMMUNITY, at=NOW, limits=LIMITS).state
    agreed = settle(talking, 1, ALL_AGREE, by=COMMUNITY, at=NOW, limits=LIMITS).state
    assert agreed.state is DispatchState.IN_DELIBERATION
    assert over(agreed).state.state is DispatchState.IN_HANDLING


def test_partners_are_not_called_before_the_notice_is_over() -> None:
    with pytest.raises(OnNotice) as refused:
        open_call(noticed(), NEED, by=COMMUNITY, at=NOW, limits=LIMITS)
    assert refused.value.now == {"round": 1, "until": END.isoformat()}
    assert open_call(over(noticed()).state, NEED, by=COMMUNITY, at=END, limits=LIMITS).events


def test_a_round_that_failed_needs_no_notice() -> None:
    failed = settle(
        situations()["in_deliberation, discussing"], 1, CloseRound(), by=COMMUNITY, at=NOW, limits=LIMITS
    )
    assert told(failed) == ["round_closed"]
    assert clocks(failed.state) == {"close_by", "returned"}


def test_where_no_notice_is_wanted_it_binds_at_once() -> None:
    decision = settle(
        situations()["in_deliberation, discussing"], 1, ALL_AGREE, by=COMMUNITY, at=NOW, limits=NO_NOTICE
    )
    assert only(decision, RoundClosedV2).binds
    assert decision.state.money.shares == 120_001


def test_an_objection_that_is_upheld_makes_the_result_void_and_the_next_round_begins() -> None:
    decision = answered(objected(noticed()).state, True)
    assert told(decision) == ["objection_answered", "notice_closed"]
    assert not only(decision, NoticeClosedV1).stands
    void = decision.state
    assert void.money == Money()
    assert not void.rounds[0].binds
    assert clocks(void) == {"close_by", "returned"}
    second = propose(void, PROPOSAL, by=COMMUNITY, at=NOW, limits=LIMITS).state
    assert clocks(second) == {"close_by", "round"}


def test_an_objection_that_is_rejected_leaves_the_result_and_its_notice() -> None:
    rejected = answered(objected(noticed()).state, False)
    assert told(rejected) == ["objection_answered"]
    assert rejected.state.due["notice"] == END
    assert only(over(rejected.state), NoticeClosedV1).stands


def test_an_objection_of_the_last_hour_has_its_time_to_be_answered() -> None:
    late = objected(noticed(), at=later(days=2, hours=23)).state
    assert late.due["notice"] == LIMITS.calendar.after(later(days=2, hours=23), LIMITS.objection)
    rejected = answered(late, False, at=later(days=4)).state
    assert rejected.due["notice"] == END
    assert over(rejected).state.rounds[0].binds


def test_an_objection_that_nobody_answers_counts_as_upheld() -> None:
    decision = over(objected(noticed()).state)
    assert told(decision) == ["objection_answered", "notice_closed"]
    assert only(decision, ObjectionAnsweredV1).reason == NOT_ANSWERED
    assert not only(decision, NoticeClosedV1).stands
    notice = decision.state.rounds[0].notice
    assert notice is not None
    assert (notice.objections[0].upheld, notice.objections[0].answered_by) == (True, None)


def test_objections_come_from_the_households_once_and_in_time() -> None:
    with pytest.raises(UnknownHousehold):
        objected(noticed(), "9-999")
    once = objected(noticed()).state
    assert objected(once).state is once
    with pytest.raises(AlreadyObjected):
        objected(once, reason="and too loud")
    with pytest.raises(NotOnNotice):
        objected(noticed(), at=END)
    with pytest.raises(NotOnNotice):
        objected(over(noticed()).state)


def test_an_objection_is_answered_once() -> None:
    rejected = answered(objected(noticed()).state, False).state
    assert answered(rejected, False).state is rejected
    with pytest.raises(AlreadyObjected):
        answered(rejected, True)
    with pytest.raises(NotFound):
        answered(rejected, True, "1-102")


def test_a_department_sees_that_there_are_objections_and_not_whose() -> None:
    round = objected(noticed()).state.rounds[0]
    assert RoundOut.of(round, COMMUNITY, noticed()).notice is not None
    seen = RoundOut.of(round, SEWAGE, noticed()).notice
    assert seen is not None
    assert (seen.objections[0].household, seen.objections[0].reason) == (None, None)


def test_what_came_back_and_is_left_lying_whistles_to_the_level_above() -> None:
    back = over(noticed()).state
    climbed = strike(back, "returned", back.due["returned"], limits=LIMITS)
    assert told(climbed) == ["whistle_blown"]
    assert (climbed.state.state, climbed.state.level) == (DispatchState.WHISTLED, Level.STREET)
    assert climbed.state.money == back.money


def test_whoever_acts_on_what_came_back_stops_its_clock() -> None:
    back = over(noticed()).state
    called = open_call(back, NEED, by=COMMUNITY, at=END, limits=LIMITS).state
    assert Clock.RETURNED not in called.due
