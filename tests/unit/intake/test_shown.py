"""In which order a timeline is shown, and how a partner is named in it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given

from services.intake.domain.timeline import in_order
from services.intake.queries import OrderOut, live_lines
from shared.contracts import from_partners as partners
from shared.contracts.message import Heard
from shared.entry import Entry
from tests.unit.intake.given import FIRST, NOON, ORDER, RESIDENT, hear, placed, told
from tests.unit.intake.test_timeline import GOLDEN, interleavings


@given(interleavings(GOLDEN))
def test_it_is_shown_by_the_numbers_of_its_lines_once_and_live(mixed: list[Heard[Any]]) -> None:
    entry = Entry(ORDER, hear(placed(), *mixed))
    shown = [line.number for line in OrderOut.of(entry, RESIDENT).timeline]
    assert shown == list(range(1, len(mixed) + 2))
    assert [event.id for event in live_lines(entry)] == shown
    assert [event.last for event in live_lines(entry)] == [False] * len(mixed) + [True]


@pytest.mark.parametrize(
    ("own", "theirs", "shown"),
    [
        ([1, 2, 3], [], "1 2 3"),
        ([1, 3, 2], [], "1 3 2"),  # what was late stays where it came
        ([2, 4], [1, 3, 5], "(1) 2 (3) 4 (5)"),
        ([2, 4], [5, 1, 3], "(1) 2 (3) 4 (5)"),  # by time among themselves
        ([2], [2], "2 (2)"),
        ([1, 5, 2], [3, 6], "1 (3) 5 2 (6)"),
        ([], [2, 1], "(1) (2)"),
    ],
)
def test_lines_of_another_order_stand_where_they_happened(
    own: list[int], theirs: list[int], shown: str
) -> None:
    found = in_order(
        [(at, f"{at}") for at in own],
        [(at, f"({at})") for at in theirs],
        lambda one: NOON + timedelta(minutes=one[0]),
    )
    assert " ".join(name for _, name in found) == shown


def test_a_partner_s_name_is_shown_in_each_language_for_itself() -> None:
    said = told(
        (1, partners.WorkResumedV1(claim_id=FIRST, partner_name="海岸建设 / Coast Building")),
        (2, partners.WorkResumedV1(claim_id=FIRST, partner_name="海岸建设")),
    )["partners"]
    entry = Entry(ORDER, hear(placed(), *said))
    names = [{"zh": "海岸建设", "en": "Coast Building"}, {"zh": "海岸建设"}]
    assert [line.data["partner_name"] for line in OrderOut.of(entry, RESIDENT).timeline[1:]] == names
    assert [event.data["line"]["data"]["partner_name"] for event in live_lines(entry)[1:]] == names
