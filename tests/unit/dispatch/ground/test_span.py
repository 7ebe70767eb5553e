"""Spans of the day: from when to when, and which day they belong to."""

from __future__ import annotations

from datetime import datetime

import pytest

from services.dispatch.domain.ground.span import Between


@pytest.mark.parametrize(
    ("begins", "ends", "now", "began"),
    [
        ("08:00", "12:00", "02T08:00", 2),
        ("08:00", "12:00", "02T12:00", None),
        ("22:00", "06:00", "02T22:00", 2),
        ("22:00", "06:00", "03T05:59", 2),
        ("22:00", "06:00", "03T06:00", None),
        ("22:00", "06:00", "01T00:00", 28),  # over the end of a month too
        ("18:00", "24:00", "02T23:59", 2),
        ("18:00", "24:00", "03T00:00", None),
        ("00:00", "24:00", "02T00:00", 2),
        ("00:00", "24:00", "02T23:59", 2),
        ("00:00", "00:00", "02T13:00", 2),
        ("08:00", "08:00", "02T08:00", 2),
        ("08:00", "08:00", "03T07:59", 2),
    ],
)
def test_a_moment_belongs_to_the_day_that_its_span_began_on(
    begins: str, ends: str, now: str, began: int | None
) -> None:
    span = Between.model_validate_json(f'{{"begins": "{begins}", "ends": "{ends}"}}', strict=True)
    at = datetime.fromisoformat(f"2026-03-{now}")
    found = span.began(at)
    assert (found and found.day) == began
    assert span.holds(at.time()) is (began is not None)
    assert Between.model_validate_json(span.model_dump_json()) == span
