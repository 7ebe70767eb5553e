"""Which command is allowed in which state: a walk over all pairs."""

from __future__ import annotations

import pytest

from services.dispatch.domain.consent import RoundIsClosed
from services.dispatch.domain.dispatch import Dispatch, OnNotice, RoundIsOpen
from services.dispatch.domain.joint import NobodyIsWaitedFor
from services.dispatch.domain.ladder import NEXT, RUNS_IN, Clock, DispatchState, Level
from services.dispatch.domain.notice import NotOnNotice
from services.dispatch.domain.payment import NoSharesBind, ReturnPassesPayment
from shared.problems import NotFound, RuleBroken, WrongState
from tests.unit.dispatch.stories import commands, situations

LEGAL: dict[str, dict[str, str]] = {
    "assignment": dict.fromkeys(("received", "assigned", "in_handling"), "assigned"),
    "whistle": dict.fromkeys(("received", "assigned", "in_handling", "deadlocked"), "whistled"),
    "whistle, together": dict.fromkeys(("received", "assigned", "in_handling", "deadlocked"), "whistled"),
    "whistle/answer": {"whistled": "in_handling", "whistled, together": "whistled"},
    "whistle/end": {"whistled, together": "in_handling"},
    "referral": dict.fromkeys(("assigned", "in_handling"), "referred"),
    "referral/answer": {"referred": "in_handling"},
    "deadlock": dict.fromkeys(("assigned", "in_handling", "in_deliberation, agreed"), "deadlocked"),
    "rounds": dict.fromkeys(
        ("assigned", "in_handling", "deadlocked", "in_deliberation, agreed"), "in_deliberation"
    ),
    "rounds/1/consents": {"in_deliberation, discussing": "in_deliberation"},
    "rounds/1/result": {"in_deliberation, discussing": "in_deliberation"},
    "rounds/1/objections": dict.fromkeys(
        ("in_deliberation, on notice", "in_deliberation, objected"), "in_deliberation"
    ),
    "rounds/1/objections/answer": {"in_deliberation, objected": "in_deliberation"},
    "call": dict.fromkeys(("assigned", "in_handling", "deadlocked", "in_deliberation, agreed"), "called"),
    "payments": {
        situation: situation.partition(",")[0]
        for situation in (
            "in_deliberation, agreed",
            "called",
            "claimed",
            "claimed, paid",
            "to_check",
            "to_evaluate",
        )
    },
    "payments/returns": {"claimed, paid": "claimed"},
    "call/withdrawal": dict.fromkeys(("called", "claimed", "claimed, paid"), "in_deliberation"),
    "delivery": dict.fromkeys(("assigned", "in_handling"), "to_check"),
    "check": dict.fromkeys(("to_check", "to_check, by the unit"), "to_evaluate"),
    "closure": dict.fromkeys(
        (
            "received",
            "assigned",
            "in_handling",
            "deadlocked",
            "in_deliberation, discussing",
            "in_deliberation, on notice",
            "in_deliberation, objected",
            "in_deliberation, agreed",
        ),
        "closed",
    ),
}


# What is only written down.
UNTOLD = ("delivery", "rounds/1/consents", "payments", "payments/returns")


def refusal(situation: str, command: str) -> type[RuleBroken]:
    """The problem that an illegal pair is refused with."""
    dispatch = situations()[situation]
    if situation == "unknown":
        return NotFound
    if command == "referral/answer" and not dispatch.departments:
        return NotFound  # a department cannot even see it
    if command == "whistle/end" and situation == "whistled":
        return NobodyIsWaitedFor
    return discussed(dispatch, command) or paid(dispatch, command) or WrongState


def discussed(dispatch: Dispatch, command: str) -> type[RuleBroken] | None:
    """What households say has its time, and while they talk nobody else acts."""
    if command in ("rounds/1/consents", "rounds/1/result"):
        return RoundIsClosed if dispatch.rounds else NotFound
    if command.startswith("rounds/1/objections"):
        if not dispatch.rounds or dispatch.on_notice:
            return NotFound
        return NotOnNotice if dispatch.state is DispatchState.IN_DELIBERATION else None
    if command in ("deadlock", "rounds", "call", "payments"):
        return RoundIsOpen if dispatch.open_round else OnNotice if dispatch.on_notice else None
    return None


def paid(dispatch: Dispatch, command: str) -> type[RuleBroken] | None:
    if command == "payments/returns":
        return ReturnPassesPayment
    if command == "payments" and dispatch.state is not DispatchState.CLOSED:
        return NoSharesBind
    return None


@pytest.mark.parametrize("command", commands())
@pytest.mark.parametrize("situation", situations())
def test_every_command_in_every_state_moves_as_the_table_says_or_is_refused(
    situation: str, command: str
) -> None:
    dispatch = situations()[situation]
    target = LEGAL[command].get(situation)
    if target is None:
        with pytest.raises(RuleBroken) as refused:
            commands()[command](dispatch)
        assert type(refused.value) is refusal(situation, command)
    else:
        decision = commands()[command](dispatch)
        assert decision.state.state == target
        assert decision.state.state in NEXT[dispatch.state] | {dispatch.state}
        assert decision.state is not dispatch


@pytest.mark.parametrize("command", [name for name in commands() if name not in UNTOLD])
def test_whatever_is_decided_is_told(command: str) -> None:
    for situation in LEGAL[command]:
        assert commands()[command](situations()[situation]).events


@pytest.mark.parametrize("command", commands())
def test_asking_twice_for_the_same_changes_nothing(command: str) -> None:
    for situation in LEGAL[command]:
        once = commands()[command](situations()[situation]).state
        twice = commands()[command](once)
        assert twice.state is once
        assert not twice.events


def test_situations_cover_every_state() -> None:
    assert {dispatch.state for dispatch in situations().values()} == set(DispatchState)


def test_a_move_that_the_table_does_not_have_is_refused() -> None:
    for state in DispatchState:
        for to in DispatchState:
            dispatch = Dispatch(state=state)
            if to in NEXT[state]:
                assert dispatch.moved(to).state is to
            else:
                with pytest.raises(WrongState):
                    dispatch.moved(to)


def test_every_open_state_has_a_way_to_the_end() -> None:
    reaches_end = {DispatchState.CLOSED}
    for _ in DispatchState:
        reaches_end |= {state for state in DispatchState if NEXT[state] & reaches_end}
    assert reaches_end == set(DispatchState)


@pytest.mark.parametrize("situation", situations())
def test_in_every_open_state_a_clock_runs_that_belongs_to_it(situation: str) -> None:
    dispatch = situations()[situation]
    assert all(dispatch.state in RUNS_IN[kind] for name in dispatch.due if (kind := Clock.of(name)))
    if dispatch.state in (DispatchState.UNKNOWN, DispatchState.CLOSED):
        assert not dispatch.due
    else:
        assert Clock.CLOSE_BY in dispatch.due


def test_a_move_stops_the_clocks_that_have_lost_their_reason() -> None:
    assert set(situations()["received"].due) == {"dispatch", "close_by"}
    assert set(situations()["whistled"].due) == {"whistle", "close_by"}
    assert set(situations()["in_handling"].due) == {"close_by"}


def test_the_ladder_goes_from_the_grid_to_the_district() -> None:
    assert [level.above for level in Level] == [Level.COMMUNITY, Level.STREET, Level.DISTRICT, None]
    path = "370203/370203014/370203014008/06"
    assert [level.of(path) for level in Level] == [path, path[:-3], path[:16], path[:6]]
