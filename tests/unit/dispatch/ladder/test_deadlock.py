"""A deadlock has a clock, and each has its own reason."""

from __future__ import annotations

from services.dispatch.clock import strike
from services.dispatch.domain.ladder.deadlock import DeclareDeadlock, declare
from shared.contracts.from_dispatch.supervision import SupervisionRaisedV1
from tests.unit.dispatch.situations import situations
from tests.unit.dispatch.stories import COMMUNITY, LIMITS, NOW, WORKDAY_5, later, only, told


def test_a_deadlock_without_a_way_out_is_supervised() -> None:
    stuck = situations()["deadlocked"]
    assert stuck.due["deadlock"] == WORKDAY_5
    decision = strike(stuck, "deadlock", later(days=5), limits=LIMITS)
    assert only(decision, SupervisionRaisedV1).cause == "deadlock"
    assert decision.state.due["deadlock"] > later(days=5)


def test_a_second_deadlock_has_its_own_reason() -> None:
    again = declare(
        situations()["in_deliberation, agreed"],
        DeclareDeadlock(reason="nobody pays the gap"),
        by=COMMUNITY,
        at=NOW,
        limits=LIMITS,
    )
    assert told(again) == ["deadlock_declared"]
    assert again.state.deadlock == "nobody pays the gap"
