"""A rule may not leave in a state what comes back different from the store."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from shared.entry import State


class Shelf(State):
    names: tuple[str, ...] = ()
    since: datetime | None = None
    day: date | None = None


def test_what_comes_back_as_it_was_is_fine() -> None:
    noon = datetime(2026, 3, 1, 12, 0, 0, 1000, tzinfo=UTC)
    shelf = Shelf().but(names=("a",), since=noon, day=noon.date())
    assert shelf.with_clock("end", noon).due == {"end": noon}


@pytest.mark.parametrize(
    "changes",
    [{"names": ["a"]}, {"since": datetime(2026, 3, 1, 12, 0, 0, 1, tzinfo=UTC)}, {"day": "2026-03-01"}],
)
def test_what_comes_back_different_is_noticed(changes: dict[str, object]) -> None:
    with pytest.raises((AssertionError, UserWarning), match=r"stored and read again|Unexpected"):
        Shelf().but(**changes)
