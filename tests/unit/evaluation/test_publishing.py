"""Whoever adds and takes off what is published, in any way, finds nothing that is said of a few."""

from __future__ import annotations

import random
from itertools import combinations

import pytest

from services.evaluation.domain.publishing import cells, is_public, published, showable
from services.evaluation.domain.rates import Counts

LEAST = 5
STREETS = [f"370203/{street}" for street in (1, 2, 3)]
COMMUNITIES = [f"{street}/{n}" for street in STREETS for n in range(5)]


def some(chance: random.Random, most: int) -> Counts:
    """Of any orders: small, or with something in it that is small."""
    dispatched = chance.randrange(most)
    answer_due, due, evaluated = (max(0, dispatched - chance.choice((0, 0, 1, 7))) for _ in range(3))
    parts = [chance.randrange(evaluated + 1) if chance.random() < 0.6 else evaluated for _ in range(2)]
    satisfied, mostly = min(parts), max(parts) - min(parts)
    return Counts(
        dispatched=dispatched, answer_due=answer_due, answered_in_time=max(0, answer_due - chance.choice((0, 2, 6))),
        due=due, closed_in_time=max(0, due - chance.choice((0, 3, 9))), evaluated=evaluated, satisfied=satisfied,
        mostly=mostly, unsatisfied=evaluated - satisfied - mostly, withdrawn=chance.randrange(3),
        solved=max(0, satisfied + mostly - chance.choice((0, 0, 1, 6))),
    )  # fmt: skip


def added(*some: Counts) -> Counts:
    return Counts(**{name: sum(getattr(one, name) or 0 for one in some) for name in Counts.model_fields})


def less(whole: Counts, *parts: Counts) -> Counts:
    taken = added(*parts)
    return Counts(
        **{name: (getattr(whole, name) or 0) - getattr(taken, name) for name in Counts.model_fields}
    )


def tree(chance: random.Random) -> dict[str, Counts]:
    found = {area: some(chance, chance.choice((4, 30, 300))) for area in COMMUNITIES}
    for street in STREETS:
        found[street] = added(
            *(found[area] for area in COMMUNITIES if area.startswith(street)), some(chance, 3)
        )
    found["370203"] = added(*(found[street] for street in STREETS))
    found["370203/1/0/06"] = found["370203/1/0"]
    return found


@pytest.mark.parametrize("seed", range(300))
def test_no_difference_of_what_is_published_tells_of_a_few(seed: int) -> None:
    """Of each area any of those below it are taken off: every number that comes out is of none or of enough."""
    shown = published(tree(random.Random(seed)), LEAST)
    assert all(is_public(area) for area in shown)
    for area, whole in shown.items():
        assert showable(whole.model_copy(update={"withdrawn": 0, "duplicates": 0, "deferred": 0}), LEAST)
        below = [one for one in shown if one.rpartition("/")[0] == area]
        for n in range(len(below) + 1):
            for taken in combinations(below, n):
                left = less(whole, *(shown[one] for one in taken))
                assert all(it == 0 or it >= LEAST for it in cells(left)), (area, taken)
        for street in (
            one for one in below if one.count("/") == 1
        ):  # and of the whole, what lies two below it
            grand = [shown[one] for one in shown if one.startswith(f"{street}/")]
            assert all(it == 0 or it >= LEAST for it in cells(less(whole, *grand)))


def test_much_is_published_and_something_is_held_back() -> None:
    held, out = 0, 0
    for seed in range(100):
        found = tree(random.Random(seed))
        shown = published(found, LEAST)
        out += len(shown)
        held += sum(showable(counts, LEAST) and bool(counts.dispatched) for counts in found.values()) - len(
            shown
        )
    assert out > 0
    assert held > 0, "nothing had to be held back for the sake of another"


ENOUGH = Counts(
    dispatched=40, answer_due=40, answered_in_time=40, due=40, closed_in_time=30, evaluated=30, satisfied=20,
    mostly=5, unsatisfied=5, solved=25, lapsed=10,
)  # fmt: skip


@pytest.mark.parametrize(
    "changes",
    [
        {"answered_in_time": 39}, {"closed_in_time": 2}, {"unsatisfied": 4, "satisfied": 21, "solved": 26},
        {"solved": 24}, {"satisfied": 30, "mostly": 0, "unsatisfied": 0, "solved": 30}, {"lapsed": 9},
        {"dispatched": 41},
    ],
    ids=str,
)  # fmt: skip
def test_what_a_few_orders_tell_hides_the_whole(changes: dict[str, int]) -> None:
    assert showable(ENOUGH, LEAST)
    assert not showable(ENOUGH.model_copy(update=changes), LEAST)


def test_the_district_does_not_tell_of_the_one_street_that_is_hidden() -> None:
    few = Counts(dispatched=1, answer_due=1, due=1, evaluated=1, unsatisfied=1)
    found = {"370203/1": ENOUGH, "370203/2": ENOUGH, "370203/3": few}
    found["370203"] = added(*found.values())
    assert set(published(found, LEAST)) == set(), "all of it is the two that may be shown and the one"
    found["370203/3"] = ENOUGH
    found["370203"] = added(*(found[f"370203/{n}"] for n in (1, 2, 3)))
    assert len(published(found, LEAST)) == 4
