"""Figures are rates of sums, and the register shows what is supervised."""

from __future__ import annotations

from services.dispatch.queries.figures import figures_of
from services.dispatch.queries.supervision import SupervisedOut
from shared.entry import Entry
from tests.unit.dispatch.situations import situations
from tests.unit.dispatch.stories import AREA, NOW, ORDER, later

SUMS = {
    "_id": None,
    "dispatches": 8,
    "whistled": 2,
    "whistles": 3,
    "referrals": 4,
    "refusals": 1,
    "supervised": 1,
    "overdue": 1,
    "closed": 2,
    "closing_seconds": 90.0,
}


def test_rates_are_parts_of_what_there_was() -> None:
    ask = {
        "_id": {"what": "whistle", "unit": "street"},
        "asked": 3,
        "answered": 2,
        "in_time": 1,
        "seconds": 60.0,
    }
    found = figures_of(AREA, NOW, later(days=1), [SUMS], [ask])
    assert (found.whistle_rate, found.refusal_rate, found.mean_seconds_to_close) == (0.25, 0.25, 45.0)
    assert found.units[0].mean_seconds == 30.0


def test_where_there_is_nothing_no_rate_is_made_up() -> None:
    found = figures_of(AREA, NOW, later(days=1), [], [])
    assert (found.dispatches, found.whistle_rate, found.refusal_rate) == (0, None, None)


def test_the_register_shows_the_latest_supervision_and_those_before() -> None:
    watched = situations()["in_handling, supervised"]
    twice = watched.but(supervisions=watched.supervisions * 2)
    shown = SupervisedOut.of(Entry(ORDER, twice))
    assert (shown.latest.causes, len(shown.earlier)) == (("silence",), 1)
