"""It was closed and is open again: what counts from then on, and what stays on the record."""

from __future__ import annotations

import pytest

from services.evaluation.domain.evaluation import (
    Evaluation,
    EvaluationState,
    NotOpen,
    StrangerMayNotEvaluate,
    Verdict,
    evaluate,
    lapse,
)
from services.evaluation.domain.rates import counted
from shared.caller import By
from shared.contracts import from_dispatch as dispatch
from tests.unit.evaluation.given import (
    COMMUNITY,
    NOON,
    PASSED,
    RESIDENT,
    SOLVED,
    asked,
    hear,
    heard,
    minute,
    placed,
    verdict,
)

AGAIN = dispatch.DispatchReopenedV1(
    number=1, level="grid", taken=True, close_by=minute(9000), calls=0, cost=0, shares=0, subsidies=0
)


def said(what: str, evaluation: Evaluation | None = None) -> Evaluation:
    return evaluate(evaluation or asked(), verdict(what), by=RESIDENT, at=NOON).state


def again(evaluation: Evaluation, outcome: str = "solved") -> Evaluation:
    closed = hear(evaluation, heard(SOLVED.model_copy(update={"outcome": outcome}), at=minute(20)))
    return hear(closed, heard(AGAIN, at=minute(30)))


@pytest.mark.parametrize(
    ("before", "counts"),
    [
        (said("satisfied"), None),  # who opens it again takes back that it was good
        (said("mostly"), None),
        (said("unsatisfied"), Verdict.UNSATISFIED),  # nobody opens it again to have a bad verdict forgotten
        (lapse(asked()).state, None),
        (asked(), None),
    ],
)
def test_it_waits_again_and_is_not_closed_in_any_figure(before: Evaluation, counts: Verdict | None) -> None:
    it = again(before)
    assert (it.state, it.closed_at, it.outcome, it.in_time) == (EvaluationState.WAITING, None, None, None)
    assert (it.verdict, it.verdicts, it.done_by) == (counts, before.verdicts, ())
    assert (it.close_by, it.reopenings, it.due) == (minute(9000), 1, {})
    adds = {name.partition("|")[0] for name in counted(it)}
    assert not adds & {"closed_in_time", "due", "solved", "satisfied", "mostly", "lapsed"}
    assert "dispatched" in adds
    assert hear(it, heard(AGAIN, at=minute(31))) == it
    with pytest.raises(NotOpen):
        evaluate(it.but(round=9), verdict(), by=RESIDENT, at=NOON)


def test_a_new_round_follows_and_its_verdict_counts() -> None:
    it = hear(again(said("satisfied")), heard(PASSED, at=minute(40)))
    assert (it.state, it.round) == (EvaluationState.OPEN, 2)
    it = hear(said("mostly", it), heard(SOLVED, at=minute(50)))
    assert [one.verdict for one in it.verdicts] == ["satisfied", "mostly"]
    assert (it.verdict, it.outcome, it.closed_at) == ("mostly", "solved", minute(50))


@pytest.mark.parametrize("channel", ["hotline", "grid_worker", "building_leader"])
def test_where_nobody_with_an_account_ordered_nobody_evaluates_and_nobody_kept_silent(channel: str) -> None:
    taker = By(COMMUNITY.role.value, COMMUNITY.id)
    order = placed().model_copy(update={"channel": channel})
    it = hear(Evaluation(), heard(order, by=taker), heard(PASSED, at=minute(1)))
    assert (it.state, it.orderer) == (EvaluationState.OPEN, "")
    for caller in (COMMUNITY, RESIDENT):
        with pytest.raises(StrangerMayNotEvaluate):
            evaluate(it.but(done_by=()), verdict(), by=caller, at=NOON)
    over = lapse(it).state
    assert over.state is EvaluationState.LAPSED
    assert "lapsed" not in {name.partition("|")[0] for name in counted(over)}
