"""What rows conclude: the middle, whether a goal is met, how much dearer it is with more stored."""

from __future__ import annotations

import pytest

from tests.load.figures import Growth, Seen, Table
from tests.load.goals import GOALS


@pytest.mark.parametrize(
    ("unit", "small", "large"), [("ms", 10.0, 25.0), ("/s", 100.0, 40.0), ("x L", 1.0, 0.4), ("s", 2.0, 5.0)]
)
def test_what_takes_longer_or_is_done_less_often_is_dearer(unit: str, small: float, large: float) -> None:
    table = Table()
    table.add(1, 10, [Seen("it", small, unit)])
    table.add(1, 1000, [Seen("it", large, unit)])
    assert table.growth(10, 1000) == [Growth("it", 10, 1000, 2.5, 2.5, 2.5)]


def test_growth_compares_within_a_pass_and_takes_the_middle_of_the_passes() -> None:
    table = Table()
    for number, (small, large) in enumerate([(1.0, 2.0), (10.0, 10.0), (3.0, 9.0)], 1):
        table.add(number, 10, [Seen("it", small, "ms")])
        table.add(number, 1000, [Seen("it", large, "ms")])
    table.add(4, 10, [Seen("it", 1000.0, "ms")])  # a pass that saw only one of them says nothing
    assert table.growth(10, 1000) == [Growth("it", 10, 1000, 2.0, 1.0, 3.0)]


def test_one_size_alone_has_not_grown() -> None:
    table = Table()
    table.add(1, 10, [Seen("it", 1.0, "ms")])
    assert table.growth(10, 10) == []


@pytest.mark.parametrize(
    ("what", "unit", "value", "met"),
    [
        ("whole lives", "/s", GOALS["whole lives"], True),
        ("whole lives", "/s", GOALS["whole lives"] - 0.1, False),
        ("CPU of a life", "ms", GOALS["CPU of a life"], True),
        ("CPU of a life", "ms", GOALS["CPU of a life"] + 0.1, False),
        ("POST through the gateway, intake alone, 32 callers", "x L", 2.0, True),
        ("what nobody wants", "ms", 1.0, None),
    ],
)
def test_a_goal_is_met_from_its_better_side(what: str, unit: str, value: float, met: bool | None) -> None:
    table = Table()
    table.add(1, 10, [Seen(what, value, unit)])
    assert table.rows[what, 10].met is met


def test_the_median_of_the_passes_decides() -> None:
    table = Table()
    for number, value in enumerate((1.0, 64.0, 900.0), 1):
        table.add(number, 10, [Seen("CPU of a life", value, "ms")])
    row = table.rows["CPU of a life", 10]
    assert (row.median, row.met) == (64.0, True)
    assert row.as_json()["passes"] == [1.0, 64.0, 900.0]
