"""The three rates and the on-time rate: what is divided by what."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.evaluation.domain.rates import Counts, rates_of
from services.evaluation.store import Among


def test_the_rates_are_what_their_definitions_say() -> None:
    counts = Counts(
        dispatched=10, answered_in_time=9, evaluated=8, solved=6, satisfied=5, mostly=2, unsatisfied=1, due=4,
        closed_in_time=3,
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
    assert "answered within the limit" in rates.response.definition


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


def test_the_public_is_not_shown_what_a_few_households_said() -> None:
    counts = Counts(dispatched=4, answered_in_time=3, evaluated=4, solved=3, satisfied=4, lapsed=1, due=4)
    shown = rates_of(counts.for_the_public(5), 0.8)
    assert (shown.counts.dispatched, shown.counts.due, shown.response.rate) == (4, 4, 0.75)
    for hidden in (shown.resolution, shown.satisfaction):
        assert (hidden.rate, hidden.numerator, hidden.denominator) == (None, None, None)
    said = ("evaluated", "solved", "satisfied", "mostly", "unsatisfied", "lapsed")
    assert [getattr(shown.counts, name) for name in said] == [None] * len(said)
    assert counts.for_the_public(4) == counts


def test_only_what_was_asked_for_is_counted() -> None:
    since = datetime(2026, 5, 1, tzinfo=UTC)
    wanted = Among("370203", since, since + timedelta(days=31), "noise", "sewage_office").filter()
    assert wanted["state.dispatched_at"] == {"$gte": since, "$lt": since + timedelta(days=31)}
    assert (wanted["state.category"], wanted["state.department"]) == ("noise", "sewage_office")
    assert set(Among("370203").filter()) == {"state.area", "state.dispatched_at"}


def test_what_is_put_off_is_not_due() -> None:
    rates = rates_of(Counts(due=5, deferred=1, closed_in_time=3), 0.6)
    assert (rates.on_time.rate, rates.on_time.denominator) == (0.75, 4)
