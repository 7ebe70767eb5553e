"""What a process concludes from the primary's heartbeats: what time it is there, and that nobody has written."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest

from shared.store.pulse import Pulse

BEGIN = datetime(2026, 3, 1, tzinfo=UTC)


class Primary:
    """Answers a client whose monotonic clock stands at `now`."""

    def __init__(self, pulse: Pulse) -> None:
        self.pulse = pulse
        self.now = 1000.0
        self.last_write = 1
        self.term = 1

    def monotonic(self) -> float:
        return self.now

    def beat(self, *, writable: bool = True, at: datetime = BEGIN, takes: float = 0.0, **said: Any) -> None:
        last_write = {"opTime": {"ts": self.last_write, "t": self.term}}
        document = {"localTime": at.replace(tzinfo=None), "lastWrite": last_write, **said}
        self.pulse.started(cast(Any, SimpleNamespace(connection_id=("a", 1))))
        self.now += takes
        reply = SimpleNamespace(is_writable=writable, document=document)
        self.pulse.succeeded(cast(Any, SimpleNamespace(connection_id=("a", 1), reply=reply)))


@pytest.fixture
def primary(monkeypatch: pytest.MonkeyPatch) -> Primary:
    primary = Primary(Pulse())
    monkeypatch.setattr("shared.store.pulse.time", primary)
    return primary


def later(primary: Primary, seconds: float = 0.5) -> float:
    primary.now += seconds
    return primary.now


def test_a_primary_that_was_voted_out_and_does_not_know_it_tells_no_time(primary: Primary) -> None:
    primary.term = 2
    primary.beat()
    known = primary.pulse.now()
    primary.term = 1
    primary.beat(at=BEGIN + timedelta(minutes=10))
    assert primary.pulse.now() == known
    primary.term = 3
    primary.beat(at=BEGIN + timedelta(minutes=10))
    assert primary.pulse.now() == known + timedelta(minutes=10)


def test_what_was_seen_is_still_so_until_somebody_writes(primary: Primary) -> None:
    assert not primary.pulse.still(primary.now), "it has said nothing yet"
    primary.beat()
    seen = later(primary)
    assert primary.pulse.still(seen)
    later(primary)
    primary.beat()
    assert primary.pulse.still(seen)

    later(primary)
    primary.last_write = 2
    primary.beat()
    assert not primary.pulse.still(seen)
    assert not primary.pulse.still(primary.now), "it may be the very moment"
    assert primary.pulse.still(later(primary))


def test_a_primary_that_is_silent_says_nothing_of_what_was_written(primary: Primary) -> None:
    primary.beat()
    seen = later(primary)
    later(primary, 2.0)
    assert not primary.pulse.beats
    assert not primary.pulse.still(seen)
    primary.beat(writable=False)
    assert not primary.pulse.still(seen), "a secondary may be behind"
    primary.beat()
    assert primary.pulse.still(seen)


def test_whoever_is_not_told_of_writes_looks_each_time(primary: Primary) -> None:
    for _ in range(2):
        primary.beat(lastWrite={})
        assert not primary.pulse.still(later(primary))


def test_no_look_is_good_for_longer_than_half_a_minute(primary: Primary) -> None:
    primary.beat()
    seen = later(primary)
    for still in [True] * 29 + [False]:
        later(primary, 1.0)
        primary.beat()
        assert primary.pulse.still(seen) is still


def test_the_time_is_that_of_the_quickest_answer(primary: Primary) -> None:
    primary.beat(takes=2.0, at=BEGIN)
    assert primary.pulse.now() == BEGIN + timedelta(seconds=1)
    primary.beat(takes=0.002, at=BEGIN + timedelta(seconds=1.4))
    assert primary.pulse.now() == BEGIN + timedelta(seconds=1.401)
    primary.beat(takes=1.0, at=BEGIN + timedelta(seconds=2.0))
    assert primary.pulse.now() == BEGIN + timedelta(seconds=2.401), "a slow one is not better"


def test_a_slow_answer_counts_when_the_time_is_another_one(primary: Primary) -> None:
    primary.beat(takes=0.002)
    primary.beat(takes=1.0, at=BEGIN + timedelta(hours=1))
    assert primary.pulse.now() == BEGIN + timedelta(hours=1, seconds=0.5)
