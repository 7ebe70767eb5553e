"""The search for an order finds one where there is one, and says so where there is none."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from tests.faults.linear import Done, in_order

Op = tuple[str, int]


def after(left: int, what: Op) -> int | None:
    """A jar with so many sweets: one takes some or sees how many there are."""
    kind, number = what
    if kind == "saw":
        return left if left == number else None
    return left - number if number <= left else None


def test_one_after_the_other_is_an_order() -> None:
    history = [Done(0, 1, ("took", 2)), Done(2, 3, ("saw", 1)), Done(4, 5, ("took", 1))]
    assert in_order(history, 3, after) == history


def test_what_overlaps_may_be_turned_round() -> None:
    saw, took = Done(0, 9, ("saw", 1)), Done(1, 8, ("took", 2))
    assert in_order([saw, took], 3, after) == [took, saw]


def test_who_saw_what_was_gone_already_is_found_out() -> None:
    assert in_order([Done(0, 1, ("took", 2)), Done(2, 3, ("saw", 3))], 3, after) is None


def test_two_who_took_the_last_one_are_found_out() -> None:
    assert in_order([Done(0, 5, ("took", 3)), Done(0, 5, ("took", 3))], 3, after) is None


def test_what_only_the_other_way_round_explains_is_found_out() -> None:
    """Each of two saw the sweets before the other took some, though both took before they looked."""
    first = [Done(0, 1, ("took", 1)), Done(2, 3, ("saw", 2))]
    second = [Done(0, 1, ("took", 1)), Done(2, 3, ("saw", 2))]
    assert in_order([*first, *second], 3, after) is None


@given(st.integers(0, 2**32), st.integers(1, 60))
def test_whatever_really_happened_one_after_the_other_has_an_order(seed: int, requests: int) -> None:
    chance, left, history = random.Random(seed), 100, []
    for moment in range(requests):
        if chance.random() < 0.5:
            what = ("saw", left)
        else:
            what = ("took", chance.randint(0, left))
            left -= what[1]
        history.append(Done(moment - chance.random() * 8, moment + chance.random() * 8, what))
    chance.shuffle(history)
    found = in_order(history, 100, after)
    assert found is not None
    assert sorted(found, key=id) == sorted(history, key=id)
    state: int | None = 100
    for one in found:
        assert state is not None
        state = after(state, one.what)
    assert state == left
