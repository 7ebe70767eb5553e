"""Figures are rates of sums, and the register shows what is supervised."""

from __future__ import annotations

from services.dispatch.queries.figures import figures_of
from services.dispatch.queries.supervision import SupervisedOut
from shared.entry import Entry
from tests.unit.dispatch.situations import situations
from tests.unit.dispatch.stories import AREA, NOW, ORDER, later

COUNTS = {
    "dispatches": 8, "whistled": 2, "whistles": 3, "referrals": 5, "referrals_answered": 4, "refusals": 1,
    "supervised": 1, "overdue": 1, "closed": 2, "closing_ms": 90_000, "asked|whistle|street": 3,
    "answered|whistle|street": 2, "in_time|whistle|street": 1, "ms|whistle|street": 60_000,
}  # fmt: skip


def test_rates_are_parts_of_what_there_was() -> None:
    found = figures_of(AREA, NOW, later(days=1), COUNTS)
    assert (found.whistle_rate, found.refusal_rate, found.mean_seconds_to_close) == (0.25, 0.25, 45.0)
    [street] = found.units
    assert (street.what, street.unit, street.mean_seconds) == ("whistle", "street", 30.0)


def test_where_there_is_nothing_no_rate_is_made_up() -> None:
    found = figures_of(AREA, NOW, later(days=1), {})
    assert (found.dispatches, found.whistle_rate, found.refusal_rate) == (0, None, None)


def test_the_register_shows_the_latest_supervision_and_those_before() -> None:
    watched = situations()["in_handling, supervised"]
    twice = watched.but(supervisions=watched.supervisions * 2)
    shown = SupervisedOut.of(Entry(ORDER, twice))
    assert (shown.latest.causes, len(shown.earlier)) == (("silence",), 1)
