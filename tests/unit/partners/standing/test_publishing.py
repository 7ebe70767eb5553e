"""What everybody may see of partners, and an attack on it: whatever is put together tells of `LEAST` or of nobody."""

from __future__ import annotations

from collections import Counter
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.partners.domain.standing.publishing import counts_of, published
from services.partners.domain.standing.rules import EVENT, Event
from services.partners.domain.standing.score import VERDICTS

LEAST = 5
JUDGED = {"satisfied": 5, "mostly": 5}
TEN = {"orders": 10}
PLEDGED = {"fen_pledged": 1000, "orders_of__fen_pledged": 10}


def month(**its: int) -> dict[str, int]:
    return {f"{EVENT}{name}" if name in set(Event) else name.replace("__", "|"): n for name, n in its.items()}


@pytest.mark.parametrize(
    ("its", "shown"),
    [
        ({"unsatisfied": 1}, {}),
        ({"satisfied": 4, "fulfilled": 50, "orders": 50}, {}),
        (JUDGED, JUDGED),
        ({"satisfied": 9}, {}),
        ({"satisfied": 9, "unsatisfied": 1}, {}),
        ({"satisfied": 9, "fulfilled": 9}, {"fulfilled": 9}),
        ({**JUDGED, "fulfilled": 4}, JUDGED),
        ({**JUDGED, "lost": 1, "given_back": 5}, {**JUDGED, "given_back": 5}),
        ({**JUDGED, "fulfilled": 10, "on_time": 5}, {**JUDGED, "fulfilled": 10, "on_time": 5}),
        ({**JUDGED, "fulfilled": 10, "on_time": 6}, {**JUDGED, "fulfilled": 10}),
        ({**JUDGED, "fulfilled": 10, "on_time": 9, "late": 1}, {**JUDGED, "fulfilled": 10}),
        ({**JUDGED, "orders": 4, "households": 40, "category__noise": 4}, JUDGED),
        ({**JUDGED, **TEN, "category__noise": 10}, {**JUDGED, **TEN, "category__noise": 10}),
        ({**JUDGED, **TEN, "category__noise": 9, "category__gas": 1}, {**JUDGED, **TEN}),
        # what is left of a whole without a part of it
        ({**JUDGED, "fulfilled": 11}, JUDGED),
        ({**JUDGED, "fulfilled": 11, "on_time": 11}, JUDGED),
        ({**JUDGED, "fulfilled": 15, "on_time": 15}, {**JUDGED, "fulfilled": 15, "on_time": 15}),
        (
            {"satisfied": 14, "mostly": 5, "unsatisfied": 6, "fulfilled": 20},
            {"satisfied": 14, "mostly": 5, "unsatisfied": 6},
        ),
        ({**JUDGED, "orders": 9}, JUDGED),
        ({**JUDGED, "orders": 6}, JUDGED),
        ({**JUDGED, "fulfilled": 15, "orders": 16}, {**JUDGED, "fulfilled": 15}),
        # what comes of few of the orders
        ({**JUDGED, **TEN, "hours": 40, "orders_of__hours": 5}, {**JUDGED, **TEN, "hours": 40}),
        ({**JUDGED, **TEN, "hours": 40, "orders_of__hours": 4}, {**JUDGED, **TEN}),
        ({**JUDGED, **TEN, "hours": 40}, {**JUDGED, **TEN}),
        ({**JUDGED, **TEN, "households": 10}, {**JUDGED, **TEN, "households": 10}),
        ({**JUDGED, **TEN, "households": 40, "orders_of__households": 1}, {**JUDGED, **TEN}),
        (
            {
                **JUDGED,
                **TEN,
                **PLEDGED,
                "fen_received": 900,
                "orders_of__fen_received": 9,
                "orders_of__fen_owing": 1,
            },
            {**JUDGED, **TEN, "fen_pledged": 1000},
        ),
        (
            {**JUDGED, **TEN, **PLEDGED, "fen_received": 1000, "orders_of__fen_received": 10},
            {**JUDGED, **TEN, "fen_pledged": 1000, "fen_received": 1000},
        ),
        ({**JUDGED, "pictured": 9, "given|goods": 9}, JUDGED),
    ],
    ids=str,
)
def test_of_a_month_only_what_tells_of_nobody_is_shown(its: dict[str, int], shown: dict[str, int]) -> None:
    assert published(month(**its), LEAST) == month(**shown)


def lived(on_time: int, late: int, satisfied: int, mostly: int) -> dict[str, int]:
    """Left to chance, no month had enough verdicts to show what was accepted, and how much of it in time."""
    accepted = {"fulfilled": on_time + late, "on_time": on_time, "late": late}
    return accepted | {"satisfied": satisfied, "mostly": mostly}


FEW = st.integers(0, 14)
MONTHS = st.lists(
    st.dictionaries(st.sampled_from([event.value for event in Event]), FEW)
    | st.builds(lived, FEW, FEW, FEW, FEW),
    min_size=1,
    max_size=4,
)


@given(
    st.dictionaries(
        st.sampled_from(["orders", *(event.value for event in Event)]), st.integers(0, 40), max_size=9
    )
)
def test_no_whole_of_a_month_less_a_part_of_it_tells_of_a_few(its: dict[str, int]) -> None:
    """Orders, what was accepted, and how it was judged, taken off each other: of none or of enough."""
    shown = published(month(**its), LEAST)
    counts = counts_of(shown)
    said = [counts[event] for event in VERDICTS]
    judged = [sum(some) for many in (1, 2, 3) for some in combinations(said, many)] if any(said) else []
    wholes = [n for n in (counts[Event.FULFILLED], shown.get("orders", 0)) if n]
    left = [whole - part for whole in wholes for part in (*judged, *wholes)]
    assert all(n == 0 or abs(n) >= LEAST for n in left)


@given(MONTHS)
def test_no_sum_of_months_less_other_months_tells_of_a_few(months: list[dict[str, int]]) -> None:
    """All together is shown, and each month: whoever takes some from all has the others, of which each may be shown."""
    cells = [counts_of(published(month(**its), LEAST)) for its in months]
    for many in range(1, len(cells) + 1):
        for some in combinations(cells, many):
            left = sum(some, Counter[Event]())
            said = [left[event] for event in VERDICTS]
            nested = [left[Event.FULFILLED] - left[event] for event in (Event.ON_TIME, Event.LATE)]
            assert all(n == 0 or abs(n) >= LEAST for n in left.values())
            assert not any(said) or max(said) < sum(said), "no verdict is that of all"
            if many == 1 and left[Event.ON_TIME] and left[Event.FULFILLED]:
                assert all(n == 0 or abs(n) >= LEAST for n in nested)
