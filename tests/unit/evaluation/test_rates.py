"""The three rates and the on-time rate: what is divided by what."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.evaluation.domain.evaluation import Evaluation, EvaluationState, Verdict
from services.evaluation.domain.rates import Counts, counted, counts_of, rates_of
from services.evaluation.store import Among
from shared.periods import first_id
from tests.unit.evaluation.given import AREA, NOON


def test_the_rates_are_what_their_definitions_say() -> None:
    counts = Counts(
        dispatched=12, answer_due=10, answered_in_time=9, evaluated=8, solved=6, satisfied=5, mostly=2,
        unsatisfied=1, due=4, closed_in_time=3,
    )  # fmt: skip
    rates = rates_of(counts, mostly_weight=0.5)
    assert (rates.response.rate, rates.response.numerator, rates.response.denominator) == (0.9, 9, 10)
    assert (rates.resolution.rate, rates.resolution.numerator, rates.resolution.denominator) == (0.75, 6, 8)
    assert (rates.satisfaction.rate, rates.satisfaction.numerator, rates.satisfaction.denominator) == (
        0.75,
        6,
        8,
    )
    assert (rates.on_time.rate, rates.on_time.numerator, rates.on_time.denominator) == (0.75, 3, 4)
    assert "answered in time ÷ answer due" in rates.response.definition


def test_nothing_to_divide_by_is_null_and_not_zero() -> None:
    rates = rates_of(Counts(), mostly_weight=1)
    assert [one.rate for one in (rates.response, rates.resolution, rates.satisfaction, rates.on_time)] == [
        None
    ] * 4


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 10**6), st.floats(0, 1))
def test_no_rate_leaves_its_bounds(satisfied: int, mostly: int, unsatisfied: int, weight: float) -> None:
    counts = Counts(
        evaluated=satisfied + mostly + unsatisfied,
        satisfied=satisfied,
        mostly=mostly,
        unsatisfied=unsatisfied,
    )
    rate = rates_of(counts, weight).satisfaction.rate
    assert rate is None or 0 <= rate <= 1


def test_silence_is_not_satisfaction() -> None:
    assert rates_of(Counts(dispatched=1, lapsed=1), 1).satisfaction.rate is None


def test_only_what_was_asked_for_is_counted() -> None:
    since = datetime(2026, 5, 1, tzinfo=UTC)
    wanted = Among("370203", since, since + timedelta(days=31), "noise", "sewage_office").filter()
    assert wanted["_id"] == {"$gte": first_id(since), "$lt": first_id(since + timedelta(days=31))}
    assert (wanted["state.category"], wanted["state.department"]) == ("noise", "sewage_office")
    assert set(Among("370203").filter()) == {"state.area", "state.dispatched_at"}


DISPATCHED = Evaluation(area=AREA, category="noise", dispatched_at=NOON)
CLOSED = DISPATCHED.but(closed_at=NOON, outcome="solved", in_time=True, state=EvaluationState.CLOSED)


@pytest.mark.parametrize(
    ("it", "figures"),
    [
        (DISPATCHED, {}),
        (DISPATCHED.but(answered_in_time=True), {"answer_due", "answered_in_time"}),
        (DISPATCHED.but(answered_in_time=False), {"answer_due"}),
        (DISPATCHED.but(answered_at=NOON, answer_by=NOON), {}),  # no time is compared here
        (DISPATCHED.but(close_by=NOON), {}),
        (DISPATCHED.but(done_in_time=False), {"due"}),
        (DISPATCHED.but(done_in_time=True), {"due", "closed_in_time"}),
        (DISPATCHED.but(deferred="pause"), {"deferred"}),
        (DISPATCHED.but(deferred="pause", done_in_time=False), {"due"}),
        (CLOSED, {"due", "closed_in_time"}),
        (CLOSED.but(in_time=False), {"due"}),
        (CLOSED.but(verdict=Verdict.MOSTLY), {"due", "closed_in_time", "evaluated", "mostly", "solved"}),
        (CLOSED.but(verdict=Verdict.UNSATISFIED), {"due", "closed_in_time", "evaluated", "unsatisfied"}),
        (CLOSED.but(state=EvaluationState.LAPSED), {"due", "closed_in_time", "lapsed"}),
        (DISPATCHED.but(outcome="solved", verdict=Verdict.SATISFIED), {"evaluated", "satisfied"}),
    ],
)
def test_an_order_is_counted_where_the_definitions_say(it: Evaluation, figures: set[str]) -> None:
    found = counts_of(counted(it)).model_dump()
    assert {name for name, n in found.items() if n} == {"dispatched", *figures}
    for outcome, name in (("withdrawn", "withdrawn"), ("duplicate", "duplicates")):
        nobodys = counts_of(counted(it.but(closed_at=NOON, outcome=outcome))).model_dump()
        assert {name: n for name, n in nobodys.items() if n} == {name: 1}


def test_what_was_counted_before_dispatch_judged_is_no_answer_in_time() -> None:
    before = {
        "dispatched|noise|": 3,
        "answered_in_time|noise|": 2,
        "due|noise|": 1,
        "due d2026-05-04|noise|": 1,
    }
    found = counts_of(before)
    assert (found.dispatched, found.answer_due, found.answered_in_time, found.due) == (3, 0, 0, 1)


def test_what_is_withdrawn_while_it_repeats_another_counts_as_that_only() -> None:
    repeats = Evaluation(merged=True)
    assert counts_of(counted(repeats)).duplicates == 1
    withdrawn = counts_of(counted(repeats.but(outcome="withdrawn")))
    assert (withdrawn.withdrawn, withdrawn.duplicates) == (1, 0)
