"""Which command is allowed in which state: a walk over all pairs."""

from __future__ import annotations

import pytest

from services.dispatch.domain.clocks.pause import NoTimeAsked, NotPaused, TimeAskedAlready
from services.dispatch.domain.deliberation.consent import RoundIsClosed
from services.dispatch.domain.deliberation.notice import NotOnNotice
from services.dispatch.domain.deliberation.payment import NoSharesBind, ReturnPassesPayment
from services.dispatch.domain.dispatch import Dispatch, IsPaused, OnNotice, RoundIsOpen, TasksOpen
from services.dispatch.domain.ladder.dispute import NothingToDispute
from services.dispatch.domain.ladder.joint import NobodyIsWaitedFor
from services.dispatch.domain.ladder.recall import NothingToRecall
from services.dispatch.domain.ladder.referral import Disputed
from services.dispatch.domain.states import EXTENSIBLE, NEXT, Clock, DispatchState, Level, runs_in
from services.dispatch.domain.supervision.directing import NotSupervised
from services.dispatch.domain.works.call import CallIsOpen
from services.dispatch.domain.works.closing import NothingWasDone
from shared.problems import NotFound, RuleBroken, WrongState
from tests.unit.dispatch.situations import commands, situations
from tests.unit.dispatch.stories import clocks

REOPENED = ("in_handling, reopened", "in_handling, reopened after work")
WITHOUT_TASKS = ("in_handling", "in_handling, refused", "in_handling, supervised", *REOPENED)
HANDLING = (*WITHOUT_TASKS, "in_handling, split")

LEGAL: dict[str, dict[str, str]] = {
    "assignment": dict.fromkeys(("received", "assigned", *HANDLING), "assigned"),
    "transfer": dict.fromkeys(("received", "assigned", *WITHOUT_TASKS), "received"),
    "whistle": dict.fromkeys(("received", "assigned", *HANDLING, "deadlocked"), "whistled"),
    "whistle, together": dict.fromkeys(("received", "assigned", *HANDLING, "deadlocked"), "whistled"),
    "whistle/answer": {"whistled": "in_handling", "whistled, together": "whistled"},
    "whistle/end": {"whistled, together": "in_handling"},
    "referral": dict.fromkeys(("assigned", *HANDLING), "referred"),
    "referral/answer": {"referred": "in_handling"},
    "referral/dispute": {"in_handling, refused": "referred"},
    "referral/dispute/ruling": {"referred, disputed": "in_handling"},
    "referral/recall": dict.fromkeys(
        ("referred", "referred, disputed", "in_handling, refused"), "in_handling"
    ),
    "whistle/recall": dict.fromkeys(("whistled", "whistled, together"), "in_handling"),
    "lead": {"in_handling, supervised": "in_handling"},
    "tasks": {"assigned": "assigned", **dict.fromkeys(HANDLING, "in_handling")},
    "tasks/1/result": {"in_handling, split": "in_handling"},
    "tasks/1/cancellation": {"in_handling, split": "in_handling"},
    "supervision": {"in_handling, supervised": "in_handling"},
    "supervision/result": {"in_handling, supervised": "in_handling"},
    "closure, partly": dict.fromkeys(("to_check", "to_check, by the unit"), "to_evaluate"),
    "unbinding": {"merged": "received"},
    "closure, duplicate": dict.fromkeys(
        ("received", "assigned", *WITHOUT_TASKS, "deadlocked", "in_deliberation, agreed"), "merged"
    ),
    "deadlock": dict.fromkeys(("assigned", *HANDLING, "in_deliberation, agreed"), "deadlocked"),
    "deadlock/supervision": {"deadlocked": "deadlocked"},
    "rounds": dict.fromkeys(
        ("assigned", *HANDLING, "deadlocked", "in_deliberation, agreed"), "in_deliberation"
    ),
    "rounds/1/consents": {"in_deliberation, discussing": "in_deliberation"},
    "rounds/1/result": {"in_deliberation, discussing": "in_deliberation"},
    "rounds/1/objections": dict.fromkeys(
        ("in_deliberation, on notice", "in_deliberation, objected"), "in_deliberation"
    ),
    "rounds/1/objections/answer": {"in_deliberation, objected": "in_deliberation"},
    "call": dict.fromkeys(("assigned", *HANDLING, "deadlocked", "in_deliberation, agreed"), "called"),
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
    "call/changes": {"called": "called", "claimed": "claimed", "claimed, paid": "claimed"},
    "call/withdrawal": dict.fromkeys(("called", "claimed", "claimed, paid"), "in_deliberation"),
    "delivery": dict.fromkeys(("assigned", *WITHOUT_TASKS), "to_check"),
    "check": dict.fromkeys(("to_check", "to_check, by the unit"), "to_evaluate"),
    "closure": dict.fromkeys(
        (
            "received",
            "assigned",
            *WITHOUT_TASKS,
            "deadlocked",
            "in_deliberation, discussing",
            "in_deliberation, on notice",
            "in_deliberation, objected",
            "in_deliberation, agreed",
        ),
        "closed",
    ),
}


PAUSED = {"assigned": "assigned", "deadlocked": "deadlocked", **dict.fromkeys(HANDLING, "in_handling")}
LEGAL |= {
    "reports": {"assigned": "assigned", **dict.fromkeys(HANDLING, "in_handling")},
    "questions": dict(PAUSED),
    "time-requests": PAUSED,
    "time-requests/answer": {"in_handling, time asked": "in_handling"},
    "resumption": {"in_handling, paused": "in_handling"},
}
for name, moves in LEGAL.items():  # who waits for more time may do all the rest
    if "in_handling" in moves and name != "time-requests":
        moves["in_handling, time asked"] = moves["in_handling"]


# What is looked for before it is asked whether it is paused.
WHILE_PAUSED = ("tasks/1/result", "tasks/1/cancellation", "supervision", "supervision/result")

# What is only written down.
UNTOLD = ("rounds/1/consents", "payments", "payments/returns")


def refusal(situation: str, command: str) -> type[RuleBroken]:
    """The problem that an illegal pair is refused with."""
    dispatch = situations()[situation]
    if situation == "unknown":
        return NotFound
    if command == "referral/answer" and not dispatch.departments:
        return NotFound  # a department cannot even see it
    if command == "whistle/end" and situation == "whistled":
        return NobodyIsWaitedFor
    return (
        timed(dispatch, command)
        or asked(situation, command)
        or discussed(dispatch, command)
        or paid(dispatch, command)
        or WrongState
    )


def asked(situation: str, command: str) -> type[RuleBroken] | None:
    """What units were asked to do, and what the district watches."""
    has_it = situation.startswith(("assigned", "in_handling"))
    works = has_it or situation.startswith(("whistled", "referred", "deadlocked", "called", "claimed"))
    closable = has_it or situation.startswith(("received", "deadlocked", "in_deliberation"))
    refusals: dict[str, type[RuleBroken] | None] = {
        "referral/answer": Disputed if situation == "referred, disputed" else None,
        "referral/dispute": NothingToDispute if has_it else None,
        "referral/recall": NothingToRecall if has_it else None,
        "referral/dispute/ruling": NothingToDispute if situation == "referred" else None,
        "lead": NotSupervised if works else None,
        "supervision": NotSupervised,
        "supervision/result": NotSupervised,
        "tasks/1/result": NotFound,
        "tasks/1/cancellation": NotFound,
        "transfer": TasksOpen if situation == "in_handling, split" else None,
        "delivery": TasksOpen if situation == "in_handling, split" else None,
        "closure": TasksOpen if situation == "in_handling, split" else None,
        "closure, duplicate": TasksOpen if situation == "in_handling, split" else None,
        "closure, partly": NothingWasDone if closable else None,
    }
    if command == "closure, partly" and situation == "in_handling, split":
        return TasksOpen
    return refusals.get(command)


def discussed(dispatch: Dispatch, command: str) -> type[RuleBroken] | None:
    """What households say has its time, and while they talk nobody else acts."""
    if command in ("rounds/1/consents", "rounds/1/result"):
        return RoundIsClosed if dispatch.rounds else NotFound
    if command.startswith("rounds/1/objections"):
        if not dispatch.rounds or dispatch.on_notice:
            return NotFound
        return NotOnNotice if dispatch.state is DispatchState.IN_DELIBERATION else None
    if command == "call" and dispatch.state in (DispatchState.CALLED, DispatchState.CLAIMED):
        return CallIsOpen
    if command in ("deadlock", "rounds", "call", "payments", "closure, duplicate"):
        return RoundIsOpen if dispatch.open_round else OnNotice if dispatch.on_notice else None
    return None


def timed(dispatch: Dispatch, command: str) -> type[RuleBroken] | None:
    """While it is paused nobody does what else could be done; more time is asked for once, and answered once."""
    if command == "resumption":
        return NotPaused
    if command == "time-requests" and dispatch.time_request:
        return TimeAskedAlready
    if dispatch.paused and command not in WHILE_PAUSED:
        works = any(situation.startswith("in_handling") for situation in LEGAL[command])
        return IsPaused if works or command == "closure, partly" else None
    if command == "time-requests/answer" and dispatch.state in EXTENSIBLE:
        return NoTimeAsked
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


@pytest.mark.parametrize("command", commands())
def test_whatever_is_decided_is_told(command: str) -> None:
    told = [bool(commands()[command](situations()[situation]).events) for situation in LEGAL[command]]
    assert all(told) is (command not in UNTOLD)


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
    assert all(runs_in(name, dispatch.state) for name in dispatch.due)
    if dispatch.state in (DispatchState.UNKNOWN, DispatchState.CLOSED):
        assert not dispatch.due
    elif dispatch.state is DispatchState.MERGED:
        assert {Clock.of(name) for name in dispatch.due} == {Clock.ORIGINAL}, (
            "until the other one has heard it, then none"
        )
    else:
        runs = Clock.EVALUATION if dispatch.state is DispatchState.TO_EVALUATE else Clock.CLOSE_BY
        assert (Clock.PAUSE if dispatch.paused else runs) in dispatch.due


def test_a_move_stops_the_clocks_that_have_lost_their_reason() -> None:
    assert clocks(situations()["received"]) == {"dispatch", "close_by"}
    assert clocks(situations()["whistled"]) == {"whistle", "close_by"}
    assert clocks(situations()["in_handling"]) == {"handling", "close_by"}
    assert clocks(situations()["to_check"]) == {"check", "close_by"}
    assert clocks(situations()["to_evaluate"]) == {"evaluation"}


def test_the_ladder_goes_from_the_grid_to_the_district() -> None:
    assert [level.above for level in Level] == [Level.COMMUNITY, Level.STREET, Level.DISTRICT, None]
    path = "370203/370203014/370203014008/06"
    assert [level.of(path) for level in Level] == [path, path[:-3], path[:16], path[:6]]
