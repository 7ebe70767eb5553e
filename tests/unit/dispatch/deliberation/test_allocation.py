"""How a sum is shared: to the fen, by a rule that anybody can check."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.dispatch.domain.deliberation.allocation import allocate, with_hardship
from services.dispatch.domain.deliberation.record import Household
from services.dispatch.domain.deliberation.rounds import OpenRound

FEN = st.integers(0, 2**53)
WEIGHTS = st.lists(st.integers(0, 10**9), min_size=1, max_size=60).filter(any)
EASED = st.lists(
    st.tuples(st.integers(0, 10**9), st.integers(0, 100)), min_size=1, max_size=40
).filter(lambda some: any(weight and part == 100 for weight, part in some))  # fmt: skip


def shares(**body: Any) -> tuple[Household, ...]:
    households = [{"id": str(n), **one} for n, one in enumerate(body.pop("households"))]
    return OpenRound.model_validate(
        {"proposal": "x", "cost": 10**6, "households": households, **body}
    ).shares()


@settings(deadline=None)
@given(FEN, st.integers(1, 500))
def test_equal_shares_add_up_and_never_differ_by_more_than_a_fen(fen: int, households: int) -> None:
    equal = allocate(fen, [1] * households)
    assert sum(equal) == fen
    assert len(equal) == households
    assert max(equal) - min(equal) <= 1
    assert list(equal) == sorted(equal, reverse=True)  # the odd fen go to the first of the list


@settings(deadline=None)
@given(FEN, WEIGHTS)
def test_shares_add_up_and_are_less_than_a_fen_from_the_exact_quota(fen: int, weights: list[int]) -> None:
    found = allocate(fen, weights)
    assert sum(found) == fen
    for share, weight in zip(found, weights, strict=True):
        assert abs(share - Fraction(fen * weight, sum(weights))) < 1


@settings(deadline=None)
@given(FEN, WEIGHTS)
def test_who_has_more_never_pays_less_and_who_has_nothing_pays_nothing(fen: int, weights: list[int]) -> None:
    pairs = sorted(zip(weights, allocate(fen, weights), strict=True))
    assert all(a[1] <= b[1] for a, b in pairwise(pairs) if a[0] < b[0])
    assert all(share == 0 for weight, share in pairs if weight == 0)


@settings(deadline=None)
@given(FEN, st.integers(1, 60))
def test_when_more_is_shared_equally_nobody_pays_less(fen: int, households: int) -> None:
    less, more = allocate(fen, [1] * households), allocate(fen + 1, [1] * households)
    assert all(a <= b for a, b in zip(less, more, strict=True))


@settings(deadline=None)
@given(FEN, EASED)
def test_what_hardship_eases_the_others_bear_by_the_same_rule(fen: int, eased: list[tuple[int, int]]) -> None:
    weights, pays = [weight for weight, _ in eased], [part for _, part in eased]
    found = allocate(fen, with_hardship(weights, pays))
    assert sum(found) == fen
    total = sum(weights)
    for share, weight, part in zip(found, weights, pays, strict=True):
        quota = Fraction(fen * weight, total)
        if part < 100:
            assert abs(share - quota * part / 100) < 1
        else:
            assert share > quota - 1


@settings(deadline=None)
@given(FEN, EASED)
def test_what_a_subsidy_bears_of_a_share_is_missing_nowhere(fen: int, eased: list[tuple[int, int]]) -> None:
    households = [{"use": weight, "pays": part} for weight, part in eased]
    found = shares(allocation="by_use", to_share=fen, cost=2**53, households=households, exemptions="subsidy")
    plain = allocate(fen, [weight for weight, _ in eased])
    assert [one.share + one.relief for one in found] == list(plain)
    assert all(one.relief == 0 for one in found if one.pays == 100)
    assert all(one.share == 0 for one in found if one.pays == 0)


def test_by_area_counts_hundredths_of_a_square_metre() -> None:
    flats = [{"area": 89.52}, {"area": "60"}, {"area": 50.48}]
    found = shares(allocation="by_area", to_share=100_001, households=flats)
    assert [one.weight for one in found] == [8952, 6000, 5048]
    assert [one.share for one in found] == [44_761, 30_000, 25_240]


def test_by_use_counts_units() -> None:
    found = shares(allocation="by_use", to_share=100, households=[{"use": 1}, {"use": 1}, {"use": 1}])
    assert [one.share for one in found] == [34, 33, 33]


def test_a_household_in_hardship_pays_nothing_or_a_part() -> None:
    flats: list[dict[str, Any]] = [{}, {"pays": 0}, {"pays": 50}, {}]
    others = shares(to_share=1_000, households=flats)
    assert [one.share for one in others] == [438, 0, 125, 437]
    subsidy = shares(to_share=1_000, households=flats, exemptions="subsidy")
    assert [(one.share, one.relief) for one in subsidy] == [(250, 0), (0, 250), (125, 125), (250, 0)]


@pytest.mark.parametrize("weights", [[], [0, 0], [2, -1]])
def test_somebody_has_to_bear_it(weights: list[int]) -> None:
    with pytest.raises(ValueError, match=r"bear it|empty"):
        allocate(5, weights)
