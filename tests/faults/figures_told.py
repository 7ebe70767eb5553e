"""What every figure must be, by its definition in words, from what was told: nothing here knows how it is counted."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from shared.caller import above

Event = Mapping[str, Any]
_MS = timedelta(milliseconds=1)
_LEVELS = {1: "district", 2: "street", 3: "community", 4: "grid"}
_NOBODYS = {"withdrawn": "withdrawn", "duplicate": "duplicates"}


@dataclass
class Asked:
    """Somebody was asked, and has until then."""

    what: str
    unit: str
    at: datetime
    until: datetime
    answered: datetime | None = None
    over: datetime | None = None  # nobody waits for it any more
    cancelled: bool = False
    number: int = 0  # of a task
    late: bool = False  # a pause moves the end of a task

    def missed(self, until: datetime) -> bool:
        ends = [end for end in (self.over, until) if end]
        return self.late if self.what == "task" else self.until <= min(ends)


@dataclass
class Order:
    """One order, as its histories tell of it until `until`."""

    placed: datetime
    until: datetime
    causes: Mapping[str, datetime]  # of what was heard: when it was said
    area: str = ""
    category: str = ""
    department: str = ""
    outcome: str | None = None
    closed: datetime | None = None
    kept: bool | None = None  # the end, as it was told
    close_by: datetime | None = None
    overdue: bool = False
    done: datetime | None = None
    done_by: datetime | None = None  # its limit then
    paused: bool = False
    first_answer: datetime | None = None
    waiting: list[Asked] = field(default_factory=list)  # whose limits run for the first answer
    broken: bool = False  # such a limit has passed
    asks: list[Asked] = field(default_factory=list)
    calling: bool = False  # several are called together
    whistles: int = 0
    referrals: int = 0
    referrals_answered: int = 0
    refusals: int = 0
    supervised: bool = False
    verdict: str | None = None
    lapsed: bool = False

    # ------------------------------------------------------------ reading

    def read(self, events: Sequence[tuple[str, Event]]) -> Order:
        for sender, event in events:
            at, data = event["at"], event["data"]
            name = event["type"].partition(".")[0]
            if sender == "dispatch":
                self._passes(at, by_clock=event["by"]["id"] == "clock")
            if told := getattr(self, f"_{name}", None):
                told(at, data, event)
        self._passes(self.until, by_clock=False)
        return self

    def _passes(self, at: datetime, *, by_clock: bool) -> None:
        if self.first_answer is None and self.closed is None:
            self.broken |= any(one.until < at or (by_clock and one.until == at) for one in self.waiting)

    def _answers(self, at: datetime) -> None:
        self.first_answer = self.first_answer or at
        self.waiting = []

    def _asks(self, *asked: Asked) -> None:
        for one in self._open("whistle"):
            one.over = asked[0].at
        self.asks += [one for one in asked if one.what]
        self.waiting = [*asked]

    def _open(self, what: str) -> list[Asked]:
        return [one for one in self.asks if one.what == what and one.answered is None and one.over is None]

    def _dispatch_opened(self, at: datetime, data: Event, _: Event) -> None:
        self.area, self.category = data["area"], self.category or data["category"]
        self.close_by = _time(data["close_by"])
        self._asks(Asked("", "", at, _time(data["answer_by"])))

    def _order_amended(self, _at: datetime, data: Event, _: Event) -> None:
        self.category = data["category"]

    def _dispatch_moved(self, at: datetime, data: Event, _: Event) -> None:
        self.area = data["area"]
        if data["answer_by"]:
            self.waiting = [Asked("", "", at, _time(data["answer_by"]))]

    def _dispatch_assigned(self, at: datetime, _data: Event, _: Event) -> None:
        self._answers(at)

    def _whistle_blown(self, at: datetime, data: Event, _: Event) -> None:
        one = Asked("whistle", data["to_level"], at, _time(data["answer_by"]))
        if data["by_silence"] and self.calling:  # the level above is called besides: it is the same whistle
            self.asks.append(one)
            self.waiting.append(one)
            return
        self.whistles += 1
        self._asks(one)

    def _joint_whistle_blown(self, at: datetime, data: Event, _: Event) -> None:
        self.whistles, self.calling = self.whistles + 1, True
        self._asks(*(
            Asked("whistle", _named(one["unit"]), at, _time(one["answer_by"])) for one in data["units"]
        ))  # fmt: skip

    def _whistle_answered(self, at: datetime, data: Event, _: Event) -> None:
        unit = data["level"] or data["unit"]
        last = [
            one for one in self.asks if one.what == "whistle" and one.unit == unit and one.answered is None
        ][-1]
        last.answered = at
        self._answers(at)
        if self.calling and not data["waiting"]:
            self._whistle_ended(at, data, data)

    def _whistle_ended(self, at: datetime, _data: Event, _: Event) -> None:
        self.calling = False
        for one in self._open("whistle"):
            one.over = at
        self._answers(at)

    def _lead_named(self, at: datetime, _data: Event, _: Event) -> None:
        self.calling = False
        for what in ("whistle", "referral"):
            for one in self._open(what):
                one.over = at
        self._answers(at)

    def _referral_made(self, at: datetime, data: Event, _: Event) -> None:
        self.referrals += 1
        self._asks(Asked("referral", data["department"], at, _time(data["answer_by"])))

    def _referral_answered(self, at: datetime, data: Event, _: Event) -> None:
        self._open("referral")[-1].answered = at
        self.referrals_answered += 1
        self.refusals += not data["accepted"]
        self.department = data["department"] if data["accepted"] else self.department
        self._answers(at)

    def _task_given(self, at: datetime, data: Event, _: Event) -> None:
        self.asks.append(Asked("task", data["unit"], at, _time(data["deadline"]), number=data["number"]))

    def _task_ended(self, at: datetime, data: Event, _: Event) -> None:
        for one in self._open("task"):
            if one.number == data["number"]:
                one.answered, one.cancelled = at, data["ended"] == "cancelled"

    def _task_late(self, _at: datetime, data: Event, _: Event) -> None:
        for one in self._open("task"):
            one.late |= one.number == data["number"]

    def _dispatch_paused(self, _at: datetime, _data: Event, _: Event) -> None:
        self.paused = True

    def _dispatch_resumed(self, _at: datetime, data: Event, _: Event) -> None:
        self.paused, self.close_by = False, _time(data["close_by"])

    def _extension_granted(self, _at: datetime, data: Event, _: Event) -> None:
        self.overdue, self.close_by = False, _time(data["close_by"])

    def _dispatch_overdue(self, _at: datetime, _data: Event, _: Event) -> None:
        self.overdue = True

    def _supervision_raised(self, _at: datetime, _data: Event, _: Event) -> None:
        self.supervised = True

    def _work_checked(self, at: datetime, data: Event, _: Event) -> None:
        if data["passed"]:
            self.done, self.done_by = at, self.close_by

    def _work_evaluated(self, _at: datetime, data: Event, _: Event) -> None:
        self.verdict = data["verdict"]

    def _rework_requested(self, _at: datetime, _data: Event, _: Event) -> None:
        self.done = None

    def _evaluation_lapsed(self, _at: datetime, _data: Event, _: Event) -> None:
        self.lapsed = True

    def _evaluation_opened(self, _at: datetime, _data: Event, _: Event) -> None:
        self.lapsed = False

    def _dispatch_closed(self, at: datetime, data: Event, event: Event) -> None:
        self.outcome, self.kept = data["outcome"], data["in_time"]
        self.closed = self.causes.get(event["cause"], at)
        if self.outcome not in _NOBODYS:
            self._answers(at)

    # ------------------------------------------------------------ the definitions

    @property
    def is_open(self) -> bool:
        return self.closed is None

    def rates(self) -> Counter[str]:
        if self.outcome in _NOBODYS:
            return Counter({_NOBODYS[self.outcome]: 1})
        answered = self.first_answer is not None
        late = self.is_open and self.overdue
        done = self.is_open and self.done is not None and not late
        in_time = bool(self.kept)
        if self.is_open:
            in_time = (
                self.done is not None and self.done_by is not None and done and self.done <= self.done_by
            )
        due = not self.is_open or late or done
        content = self.verdict in ("satisfied", "mostly")
        return +Counter({
            "dispatched": 1, "answer_due": int(answered or self.broken),
            "answered_in_time": int(answered and not self.broken), "evaluated": int(self.verdict is not None),
            "solved": int(self.outcome == "solved" and content), "lapsed": int(self.lapsed and not self.verdict),
            **({self.verdict: 1} if self.verdict else {}), "due": int(due),
            "deferred": int(self.paused and not due), "closed_in_time": int(due and in_time),
        })  # fmt: skip

    def figures(self) -> Counter[str]:
        if self.outcome in _NOBODYS:
            return Counter({_NOBODYS[self.outcome]: 1})
        rates = self.rates()
        found = Counter({
            "dispatches": 1, "answer_due": rates["answer_due"], "answered_in_time": rates["answered_in_time"],
            "whistled": int(self.whistles > 0), "whistles": self.whistles, "referrals": self.referrals,
            "referrals_answered": self.referrals_answered, "refusals": self.refusals,
            "supervised": int(self.supervised), "overdue": int(self.overdue), "closed": int(not self.is_open),
            "closing_ms": (self.closed - self.placed) // _MS if self.closed else 0,
        })  # fmt: skip
        for one in self.asks:
            if one.cancelled:
                continue
            unit = f"{one.what}|{one.unit}"
            found[f"asked|{unit}"] += 1
            if one.answered:
                found[f"answered|{unit}"] += 1
                found[f"in_time|{unit}"] += one.answered <= one.until
                found[f"ms|{unit}"] += (one.answered - one.at) // _MS
            elif one.missed(self.closed or self.until):
                found[f"missed|{unit}"] += 1
        return +found


class Told:
    """What all orders add up to, by area and period."""

    def __init__(self, orders: Sequence[Order]) -> None:
        self._by_area: dict[str, list[tuple[Order, Counter[str], Counter[str]]]] = defaultdict(list)
        for one in orders:
            row = (one, one.rates(), one.figures())
            for area in above(one.area):
                self._by_area[area].append(row)
        self.areas = sorted(self._by_area)

    def rates(
        self,
        area: str,
        since: datetime,
        until: datetime,
        category: str | None = None,
        department: str | None = None,
    ) -> Counter[str]:
        total: Counter[str] = Counter()
        for one, rates, _ in self._by_area[area]:
            same = category in (None, one.category) and department in (None, one.department)
            if same and since <= one.placed < until:
                total.update(rates)
        return total

    def figures(self, area: str, since: datetime, until: datetime) -> Counter[str]:
        total: Counter[str] = Counter()
        for one, _, figures in self._by_area[area]:
            if since <= one.placed < until:
                total.update(figures)
        return total


def in_order(histories: Mapping[str, Sequence[Event]]) -> Iterator[tuple[str, Event]]:
    """By time; of the same moment what caused the other first, and what dispatch says last."""
    rank = {"intake": 0, "evaluation": 1, "dispatch": 2}
    every = [(sender, event) for sender, events in histories.items() for event in events]
    return iter(sorted(every, key=lambda one: (one[1]["at"], rank[one[0]], one[1]["n"])))


def _named(unit: str) -> str:
    """A level by its area path, a department by its id."""
    return _LEVELS[unit.count("/") + 1] if unit[0].isdigit() else unit


def _time(text: str | datetime) -> datetime:
    return text if isinstance(text, datetime) else datetime.fromisoformat(text)
