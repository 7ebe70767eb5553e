"""What every figure must be, by its definition in words, from what was told: nothing here knows how it is counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from shared.caller import above

Event = Mapping[str, Any]
_MS = timedelta(milliseconds=1)
_LEVELS = {1: "district", 2: "street", 3: "community", 4: "grid"}
_End = Callable[[str, str, str, datetime], datetime]  # by unit, urgency, category, since
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
    recalled: bool = False  # it counts for neither side
    late: bool = False  # a pause moves the end of a task

    def missed(self, until: datetime) -> bool:
        ends = [end for end in (self.over, until) if end]
        return self.late if self.what == "task" else self.until <= min(ends)


@dataclass
class Order:
    """One order, as its histories tell of it until `until`."""

    placed: datetime
    until: datetime
    end: _End  # when a unit must have answered
    causes: Mapping[str, datetime]  # of what was heard: when it was said
    area: str = ""
    category: str = ""
    urgency: str = ""
    emergency: bool = False  # the whistle that waits was blown as one
    merged: bool = False  # it repeats another one
    nobodys: bool = False  # nobody with an account placed it
    asked: bool = False  # the resident was, of the work since it was opened (again)
    department: str = ""
    outcome: str | None = None
    closed: datetime | None = None
    kept: bool = False  # it ended before its limit
    was_late: bool = False  # a check was passed after the limit, since it was opened (again)
    late_before: bool = False  # so, or overdue, before it was opened again
    reopenings: int = 0
    close_by: datetime | None = None
    overdue: bool = False
    done: datetime | None = None
    paused: datetime | None = None  # since when
    first_answer: datetime | None = None
    waiting: list[Asked] = field(default_factory=list)  # whose limits run for the first answer
    broken: bool = False  # such a limit has passed
    asks: list[Asked] = field(default_factory=list)
    calling: bool = False  # several are called together
    group: list[Asked] = field(default_factory=list)  # who is called by the last whistle
    disputed: bool = False
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
        """From now on these are waited for, and nobody else is: who was silent stays whom that is said of."""
        for one in [*self._open("whistle"), *self._open("referral")]:
            one.over = asked[0].at
        self.disputed = False
        self.asks += [one for one in asked if one.what]
        self.waiting = [*asked]

    def _open(self, what: str) -> list[Asked]:
        waits = (one for one in self.asks if one.answered is None and one.over is None and not one.recalled)
        return [one for one in waits if one.what == what]

    def _dispatch_opened(self, at: datetime, data: Event, _: Event) -> None:
        self.area, self.category = data["area"], self.category or data["category"]
        self.urgency = self.urgency or data["urgency"]
        self.close_by = _time(data["close_by"])
        self._asks(Asked("", "", at, _time(data["answer_by"])))

    def _order_placed(self, _at: datetime, data: Event, _: Event) -> None:
        self.nobodys = data["channel"] != "app" and not data["ordered_for"]

    def _order_amended(self, at: datetime, data: Event, _: Event) -> None:
        """Who is waited for has the time of what is known now, but all of it, if shorter, since it is known."""
        self.category = data["category"]
        if not (urgency := data.get("urgency")):
            return
        self.urgency = urgency
        for one in [*self._open("whistle"), *self._open("referral")]:
            if one.until > at:
                by = "emergency" if self.emergency and one.what == "whistle" else urgency
                asked, known = (self.end(one.unit, by, self.category, then) for then in (one.at, at))
                one.until = max(asked, min(one.until, known))

    def _clocks_recounted(self, at: datetime, data: Event, event: Event) -> None:
        self.close_by = _time(data["close_by"])
        now = self.paused or self.causes[event["cause"]]  # for what stands still it is still that moment
        self.overdue &= self.close_by <= now
        if data["answer_by"]:
            self.waiting = [Asked("", "", at, _time(data["answer_by"]))]

    def _dispatch_merged(self, _at: datetime, _data: Event, _: Event) -> None:
        self.merged, self.overdue, self.waiting = True, False, []

    def _dispatch_unmerged(self, at: datetime, data: Event, _: Event) -> None:
        self.merged, self.close_by = False, _time(data["close_by"])
        self.waiting = [Asked("", "", at, _time(data["answer_by"]))]

    def _dispatch_reopened(self, at: datetime, data: Event, _: Event) -> None:
        """A good verdict counts no more, a bad one does; how late it was stays."""
        if self.outcome != "duplicate":
            self.late_before |= self.overdue or self.was_late or not self.kept
        self.reopenings, self.close_by = data["number"], _time(data["close_by"])
        self.closed = self.outcome = self.done = None
        self.merged = self.overdue = self.was_late = self.lapsed = self.asked = False
        self.verdict = self.verdict if self.verdict == "unsatisfied" else None
        self.waiting = [Asked("", "", at, _time(data["answer_by"]))] if data["answer_by"] else []

    def _area_succeeded(self, _at: datetime, data: Event, _: Event) -> None:
        self.area = data["area"]

    def _department_succeeded(self, at: datetime, data: Event, _: Event) -> None:
        gone, now = data["department"], data["successor"]
        self.department = now if self.department == gone else self.department
        waiting = [one for one in self._open("referral") if one.until > at]  # or the district has it again
        theirs = [*waiting, *self._open("task")]
        if self.disputed:
            theirs.append([one for one in self.asks if one.what == "referral"][-1])
        if all(one.unit != now for one in self.group):
            theirs += self._open("whistle")
        for one in theirs:
            one.unit = now if one.unit == gone else one.unit

    def _dispatch_moved(self, at: datetime, data: Event, _: Event) -> None:
        self.area = data["area"]
        for one in self._open("task"):  # the same level of where it lies now has its part
            if one.unit in above(data["from_area"]):
                one.unit = "/".join(self.area.split("/")[: one.unit.count("/") + 1])
        if data["answer_by"]:
            self.waiting = [Asked("", "", at, _time(data["answer_by"]))]

    def _dispatch_assigned(self, at: datetime, _data: Event, _: Event) -> None:
        self._answers(at)

    def _whistle_blown(self, at: datetime, data: Event, _: Event) -> None:
        one = Asked("whistle", data["to_level"], at, _time(data["answer_by"]))
        if data["by_silence"] and self.calling:  # the level above is called besides: it is the same whistle
            self.asks.append(one)
            self.waiting.append(one)
            self.group.append(one)
            return
        self.whistles, self.group = self.whistles + 1, [one]
        self.emergency = data["kind"] == "emergency"
        self._asks(one)

    def _joint_whistle_blown(self, at: datetime, data: Event, _: Event) -> None:
        self.whistles, self.calling = self.whistles + 1, True
        self.emergency = False
        self.group = [
            Asked("whistle", _named(one["unit"]), at, _time(one["answer_by"])) for one in data["units"]
        ]
        self._asks(*self.group)

    def _whistle_answered(self, at: datetime, data: Event, _: Event) -> None:
        unit = data["level"] or data["unit"]
        last = [
            one for one in self.asks if one.what == "whistle" and one.unit == unit and one.answered is None
        ][-1]
        last.answered = at
        self._answers(at)
        if self.calling and not data["waiting"]:
            self._whistle_ended(at, data, data)

    def _whistle_recalled(self, at: datetime, data: Event, event: Event) -> None:
        off = {_named(unit) for unit in data["units"]}
        for one in self._open("whistle"):
            one.recalled = one.unit in off
        self.waiting = [one for one in self.waiting if not one.recalled]
        self.whistles -= all(one.recalled for one in self.group)
        if not data["waiting"]:
            self._recalled(at, event)

    def _referral_recalled(self, at: datetime, data: Event, event: Event) -> None:
        of = (one for one in self.asks if one.what == "referral" and not one.recalled)
        last = [one for one in of if one.unit == data["department"]][-1]
        last.recalled, self.disputed = True, False
        self.referrals -= 1
        self.referrals_answered -= last.answered is not None
        self.refusals = data["refusals"]
        self._recalled(at, event)

    def _recalled(self, at: datetime, event: Event) -> None:
        """Who takes it back has it in hand; after a correction nobody has."""
        self.calling = False
        for one in self._open("whistle"):
            one.over = at
        if not event["cause"].startswith("intake:"):
            self._answers(at)

    def _refusal_disputed(self, _at: datetime, _data: Event, _: Event) -> None:
        self.disputed = True

    def _dispute_ruled(self, _at: datetime, _data: Event, _: Event) -> None:
        self.disputed = False

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

    def _dispatch_paused(self, at: datetime, _data: Event, _: Event) -> None:
        self.paused = at

    def _dispatch_resumed(self, _at: datetime, data: Event, _: Event) -> None:
        self.paused, self.close_by = None, _time(data["close_by"])

    def _extension_granted(self, _at: datetime, data: Event, _: Event) -> None:
        self.overdue, self.close_by = False, _time(data["close_by"])

    def _dispatch_overdue(self, _at: datetime, _data: Event, _: Event) -> None:
        self.overdue = True

    def _supervision_raised(self, _at: datetime, _data: Event, _: Event) -> None:
        self.supervised = True

    def _work_checked(self, at: datetime, data: Event, _: Event) -> None:
        if data["passed"]:
            self.was_late |= self.close_by is None or at > self.close_by
            self.done, self.overdue = at, False

    def _work_evaluated(self, _at: datetime, data: Event, _: Event) -> None:
        if self.asked or data["verdict"] == "unsatisfied":
            self.verdict = data["verdict"]

    def _end_moved(self, _at: datetime, data: Event, _: Event) -> None:
        """It is done again, in a time of its own."""
        self.done, self.close_by = None, _time(data["close_by"])

    def _evaluation_lapsed(self, _at: datetime, _data: Event, _: Event) -> None:
        self.lapsed = self.asked

    def _evaluation_opened(self, _at: datetime, _data: Event, _: Event) -> None:
        self.lapsed, self.asked = False, True

    def _dispatch_closed(self, at: datetime, data: Event, event: Event) -> None:
        self.outcome, self.paused = data["outcome"], None
        if not self.is_open:  # withdrawn in the same moment: it is one end, in time or not
            return
        self.closed = self.causes.get(event["cause"], at)
        on_time = self.done is not None or (self.close_by is not None and self.closed <= self.close_by)
        self.kept = on_time and not self.was_late
        for one in self._open("task"):
            one.cancelled = True
        for what in ("whistle", "referral", "task"):
            for one in self._open(what):
                one.over = at  # until it was heard somebody was waited for
        if self.outcome not in _NOBODYS:
            self._answers(at)

    # ------------------------------------------------------------ the definitions

    @property
    def is_open(self) -> bool:
        return self.closed is None

    @property
    def nobody_had_to(self) -> str | None:
        return _NOBODYS.get(self.outcome or ("duplicate" if self.merged else ""))

    def rates(self) -> Counter[str]:
        if self.nobody_had_to:
            return Counter({self.nobody_had_to: 1})
        answered = self.first_answer is not None
        late = self.is_open and (self.overdue or self.was_late)
        done = self.is_open and self.done is not None and not late
        in_time = done if self.is_open else self.kept
        due = not self.is_open or late or done
        content = self.verdict in ("satisfied", "mostly")
        return +Counter({
            "dispatched": 1, "answer_due": int(answered or self.broken),
            "answered_in_time": int(answered and not self.broken), "evaluated": int(self.verdict is not None),
            "solved": int(self.outcome == "solved" and content),
            "lapsed": int(self.lapsed and not self.verdict and not self.nobodys),
            **({self.verdict: 1} if self.verdict else {}), "due": int(due),
            "deferred": int(self.paused is not None and not due), "closed_in_time": int(due and in_time),
        })  # fmt: skip

    def figures(self) -> Counter[str]:
        if self.nobody_had_to:
            return Counter({self.nobody_had_to: 1})
        rates = self.rates()
        found = Counter({
            "dispatches": 1, "answer_due": rates["answer_due"], "answered_in_time": rates["answered_in_time"],
            "whistled": int(self.whistles > 0), "whistles": self.whistles, "referrals": self.referrals,
            "referrals_answered": self.referrals_answered, "refusals": self.refusals,
            "supervised": int(self.supervised), "overdue": int(
                self.overdue or self.was_late or self.late_before or not (self.is_open or self.kept)
            ),
            "reopened": int(self.reopenings > 0), "reopenings": self.reopenings, "closed": int(not self.is_open),
            "closing_ms": (self.closed - self.placed) // _MS if self.closed else 0,
        })  # fmt: skip
        for one in self.asks:
            if one.cancelled or one.recalled:
                continue
            unit = f"{one.what}|{one.unit}"
            found[f"asked|{unit}"] += 1
            if one.answered:
                found[f"answered|{unit}"] += 1
                found[f"in_time|{unit}"] += one.answered <= one.until
                found[f"ms|{unit}"] += (one.answered - one.at) // _MS
            elif one.missed(self.until):
                found[f"missed|{unit}"] += 1
        return +found


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
