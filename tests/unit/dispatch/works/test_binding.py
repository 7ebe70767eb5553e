"""An order that repeats another one ends with it, or comes back; nobody works on it meanwhile."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.dispatch.domain.clocks.limits import Limits
from services.dispatch.domain.clocks.pause import pause
from services.dispatch.domain.clocks.record import Delay
from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.ground.territory import Found
from services.dispatch.domain.states import Clock, DispatchState, Level
from services.dispatch.domain.works.binding import (
    CIRCLE,
    TooManyDuplicates,
    UnbindDuplicate,
    UnknownOriginal,
    can_be_repeated,
    come_back,
    note_duplicate,
    unbind,
)
from services.dispatch.domain.works.closing import CloseDispatch, close, close_withdrawn, what_follows
from shared.contracts.from_dispatch import DispatchClosedV1, DispatchMergedV1, DispatchUnmergedV1
from shared.contracts.from_intake.orders import OrderWithdrawnV1
from shared.entry import Decision
from tests.unit.dispatch.situations import situations
from tests.unit.dispatch.stories import (
    AREA,
    COMMUNITY,
    DISTRICT,
    LIMITS,
    NEXT_COMMUNITY,
    NOW,
    ORDER,
    heard,
    later,
    only,
    opened,
    territory,
    told,
)

DUPLICATE = CloseDispatch(outcome="duplicate", public_note="the same pipe", duplicate_of=ORDER)
WRONG = UnbindDuplicate(reason="another pipe")
HERE = Found(AREA)
HEARS = f"original/{ORDER}"


def ended(outcome: str, *, days: int = 0) -> Dispatch:
    """An order that ended so many days before NOW."""
    return opened().but(
        state=DispatchState.CLOSED, outcome=outcome, closed_at=NOW - timedelta(days=days), due={}
    )


def after(outcome: str) -> Decision[Dispatch]:
    """What follows for the one that is merged when its original has ended so."""
    it = situations()["merged"]
    return what_follows(it, ended(outcome), territory=territory(), at=later(days=20), limits=LIMITS)


def test_it_is_not_closed_but_waits_for_the_other_one_without_a_clock_of_the_unit() -> None:
    decision = close(
        situations()["in_handling"], DUPLICATE, original=opened(), by=COMMUNITY, at=NOW, limits=LIMITS
    )
    it = decision.state
    assert only(decision, DispatchMergedV1) == DispatchMergedV1(original=ORDER, note="the same pipe")
    assert (it.state, it.outcome, it.closed_at) == (DispatchState.MERGED, None, None)
    assert (it.duplicate_of, it.due) == (str(ORDER), {HEARS: NOW})


def test_without_an_original_it_is_refused() -> None:
    with pytest.raises(UnknownOriginal):
        close(situations()["in_handling"], DUPLICATE, by=COMMUNITY, at=NOW, limits=LIMITS)


def test_what_is_supervised_is_not_watched_while_the_other_one_is() -> None:
    it = close(
        situations()["in_handling, supervised"],
        DUPLICATE,
        original=opened(),
        by=DISTRICT,
        at=NOW,
        limits=LIMITS,
    ).state
    assert (it.supervision, it.supervisions[0].result) == (None, "duplicate")


@pytest.mark.parametrize(
    ("original", "can"),
    [
        (Dispatch(), False),
        *((one, True) for name, one in situations().items() if name not in ("unknown", "closed")),
        (ended("solved", days=9), True),
        (ended("partly", days=10), True),
        (ended("solved", days=11), False),
        *((ended(outcome), False) for outcome in ("not_solved", "out_of_remit", "withdrawn", "duplicate")),
    ],
)
def test_only_what_is_open_or_was_solved_lately_can_be_repeated(original: Dispatch, can: bool) -> None:
    assert can_be_repeated(original, at=NOW, limits=LIMITS) is can


def test_so_many_orders_repeat_one_and_no_more() -> None:
    full = opened().but(duplicates=("a", "b"))
    with pytest.raises(TooManyDuplicates):
        can_be_repeated(full, at=NOW, limits=Limits(duplicates=2))


@pytest.mark.parametrize("outcome", ["solved", "partly", "duplicate"])
def test_when_the_other_one_is_solved_it_ends_with_it(outcome: str) -> None:
    decision = after(outcome)
    assert only(decision, DispatchClosedV1).outcome == "duplicate"
    assert (decision.state.state, set(decision.state.due)) == (DispatchState.CLOSED, {HEARS})
    assert decision.state.binding is not None
    assert (decision.state.duplicate_of, decision.state.binding.ended) == (str(ORDER), "solved")


@pytest.mark.parametrize("outcome", ["not_solved", "out_of_remit", "withdrawn"])
def test_when_nothing_comes_of_the_other_one_it_is_back_with_all_its_time(outcome: str) -> None:
    decision = after(outcome)
    it, told_of = decision.state, only(decision, DispatchUnmergedV1)
    assert (it.state, it.duplicate_of, it.overdue) == (DispatchState.RECEIVED, None, False)
    assert (it.handled_by, it.assigned_to, it.closing_note) == (None, None, "")
    assert told_of.answer_by == it.due[Clock.DISPATCH] > later(days=20)
    assert told_of.close_by == it.close_by == it.due[Clock.CLOSE_BY] > later(days=20)
    assert it.due[HEARS] == later(days=20)


def test_what_has_ended_or_come_back_already_stays_as_it_is() -> None:
    back = after("withdrawn").state
    assert what_follows(back, ended("solved"), territory=territory(), at=NOW, limits=LIMITS).state is back


def test_it_is_unbound_by_the_community_and_the_other_one_hears_it() -> None:
    decision = unbind(
        situations()["merged"], WRONG, found=HERE, by=COMMUNITY, at=later(hours=1), limits=LIMITS
    )
    assert only(decision, DispatchUnmergedV1).cause == "unbound"
    assert decision.state.due[HEARS] == later(hours=1)


def test_where_it_lies_by_now_has_it_when_it_comes_back() -> None:
    there = Found(NEXT_COMMUNITY, version=7)
    decision = come_back(situations()["merged"], CIRCLE, found=there, at=NOW, limits=LIMITS)
    assert told(decision) == ["dispatch_moved", "dispatch_unmerged"]
    assert (decision.state.area, decision.state.level) == (NEXT_COMMUNITY, Level.GRID)


def test_whoever_ordered_it_may_take_it_back_and_the_other_one_hears_it() -> None:
    decision = close_withdrawn(situations()["merged"], heard(OrderWithdrawnV1(reason="moved away")))
    assert only(decision, DispatchClosedV1).outcome == "withdrawn"
    assert (decision.state.duplicate_of, set(decision.state.due)) == (None, {HEARS})


@pytest.mark.parametrize("situation", ["received", "to_evaluate", "merged"])
def test_whatever_ends_tells_those_that_repeat_it(situation: str) -> None:
    repeated = situations()[situation].but(duplicates=("b",))
    gone = close_withdrawn(repeated, heard(OrderWithdrawnV1())).state
    assert Clock.DUPLICATES in gone.due
    assert (
        Clock.DUPLICATES not in close_withdrawn(situations()[situation], heard(OrderWithdrawnV1())).state.due
    )


def test_it_knows_each_that_repeats_it_once() -> None:
    once = note_duplicate(opened(), "b", bound=True).state
    assert once.duplicates == ("b",)
    assert note_duplicate(once, "b", bound=True).state is once
    assert note_duplicate(once, "b", bound=False).state.duplicates == ()


def test_a_pause_does_not_keep_the_other_one_from_hearing() -> None:
    it = situations()["in_handling"].with_clock(HEARS, NOW)
    paused = pause(it, Delay.PAUSE, reason="frost", until=later(days=3), by="x", at=NOW).state
    assert set(paused.due) == {HEARS, Clock.PAUSE}
