"""The whistle climbs from the grid to the district, with or without an answer."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.dispatch.clock import strike
from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.ladder.assignment import AssignDispatch, assign
from services.dispatch.domain.ladder.whistle import AnswerWhistle, BlowWhistle, NobodyAbove, answer, blow
from services.dispatch.domain.states import DispatchState, Level
from services.dispatch.domain.supervision.record import Cause
from shared.contracts.from_dispatch import SupervisionRaisedV1, WhistleAnsweredV2, WhistleBlownV1
from tests.unit.dispatch.situations import situations
from tests.unit.dispatch.stories import (
    AREA,
    COMMUNITY,
    DISTRICT,
    GRID_WORKER,
    LIMITS,
    NOW,
    STREET,
    WORKDAY_1,
    in_community,
    later,
    only,
    opened,
    told,
)


def test_the_grid_worker_whistles_to_the_community() -> None:
    decision = blow(opened(), BlowWhistle(public_note="it flows over"), by=GRID_WORKER, at=NOW, limits=LIMITS)
    assert decision.state.state is DispatchState.WHISTLED
    assert decision.state.level is Level.COMMUNITY
    assert only(decision, WhistleBlownV1) == WhistleBlownV1(
        kind="resident",
        from_level="grid",
        to_level="community",
        area=AREA[:-3],
        answer_by=WORKDAY_1,
        note="it flows over",
    )


def test_an_emergency_whistle_must_be_answered_within_half_an_hour() -> None:
    decision = blow(opened(), BlowWhistle(kind="emergency"), by=GRID_WORKER, at=NOW, limits=LIMITS)
    assert decision.state.answer_by == NOW + timedelta(minutes=30)


def test_the_level_that_was_called_answers_and_works_on_it() -> None:
    decision = answer(
        situations()["whistled"],
        AnswerWhistle(measures="we go there"),
        by=COMMUNITY,
        at=later(hours=1),
        limits=LIMITS,
    )
    assert decision.state.state is DispatchState.IN_HANDLING
    assert decision.state.handled_by == AREA[:-3]
    assert decision.state.answer_by is None
    assert only(decision, WhistleAnsweredV2).measures == "we go there"


def test_a_whistle_nobody_answers_climbs_by_itself_and_raises_supervision_at_the_top_once() -> None:
    dispatch = situations()["whistled"]
    levels = []
    for _ in range(2):
        due = dispatch.due["whistle"]
        decision = strike(dispatch, "whistle", due, limits=LIMITS)
        blown = only(decision, WhistleBlownV1)
        assert blown.by_silence
        assert blown.answer_by == due + timedelta(days=1)
        levels.append((blown.from_level, blown.to_level, blown.area))
        dispatch = decision.state
    assert levels == [("community", "street", AREA[:16]), ("street", "district", "370203")]
    decision = strike(dispatch, "whistle", dispatch.due["whistle"], limits=LIMITS)
    assert only(decision, SupervisionRaisedV1).cause == "silence"
    assert decision.state.supervised == (Cause.SILENCE,)
    assert decision.state.due["whistle"] > dispatch.due["whistle"]
    assert decision.state.state is DispatchState.WHISTLED
    again = strike(decision.state, "whistle", decision.state.due["whistle"], limits=LIMITS)
    assert again.state.due["whistle"] > decision.state.due["whistle"]
    assert not again.events


def test_the_district_may_still_answer_after_supervision_was_raised() -> None:
    silent = situations()["whistled"].but(level=Level.DISTRICT, due={}, supervised=(Cause.SILENCE,))
    assert (
        answer(silent, AnswerWhistle(), by=DISTRICT, at=NOW, limits=LIMITS).state.state
        is DispatchState.IN_HANDLING
    )


def test_what_climbs_keeps_its_kind_and_its_note() -> None:
    blown = blow(
        opened(), BlowWhistle(kind="joint", public_note="both"), by=GRID_WORKER, at=NOW, limits=LIMITS
    ).state
    climbed = strike(blown, "whistle", blown.due["whistle"], limits=LIMITS).state
    assert climbed.whistle is not None
    assert (climbed.whistle.kind, climbed.whistle.note, climbed.whistle.by) == ("joint", "both", "clock")
    assert climbed.whistles == 2


def test_an_order_nobody_takes_whistles_to_the_community_by_itself() -> None:
    dispatch = opened(urgency="emergency")
    decision = strike(dispatch, "dispatch", later(hours=1), limits=LIMITS)
    blown = only(decision, WhistleBlownV1)
    assert (blown.kind, blown.to_level, blown.by_silence) == ("emergency", "community", True)
    assert blown.answer_by == later(hours=1, minutes=30)


def test_where_there_is_no_grid_silence_calls_the_street() -> None:
    decision = strike(opened(in_no_grid=True), "dispatch", later(days=1), limits=LIMITS)
    assert only(decision, WhistleBlownV1).to_level == "street"


def test_who_has_taken_it_is_not_whistled_over() -> None:
    taken = assign(opened(), AssignDispatch(), by=GRID_WORKER, at=NOW, limits=LIMITS).state
    assert "dispatch" not in taken.due


def climbed_to(level: Level) -> Dispatch:
    dispatch = in_community()
    for by in (COMMUNITY, STREET, DISTRICT):
        if dispatch.level is level:
            break
        whistled = blow(dispatch, BlowWhistle(), by=by, at=NOW, limits=LIMITS).state
        dispatch = answer(whistled, AnswerWhistle(), by=DISTRICT, at=NOW, limits=LIMITS).state
    return dispatch


def test_there_is_nobody_above_the_district() -> None:
    with pytest.raises(NobodyAbove):
        blow(climbed_to(Level.DISTRICT), BlowWhistle(), by=DISTRICT, at=NOW, limits=LIMITS)


def test_a_street_whistles_to_the_district() -> None:
    decision = blow(climbed_to(Level.STREET), BlowWhistle(), by=STREET, at=NOW, limits=LIMITS)
    assert only(decision, WhistleBlownV1).to_level == "district"
    assert told(decision) == ["whistle_blown"]
    assert decision.state.whistles == 3
