"""The three rates and the on-time rate: what they count, and how they are worked out. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, tzinfo

from pydantic import BaseModel

from services.evaluation.domain.evaluation import Evaluation, EvaluationState, Verdict
from shared.periods import day_of


class Counts(BaseModel):
    """What was counted among the orders dispatched in an area and a period.

    What residents said, or did not say, is null where it is too few to be shown: it would tell what one household said.
    """

    dispatched: int = 0
    answered_in_time: int = 0
    evaluated: int | None = 0
    solved: int | None = 0  # of those evaluated
    satisfied: int | None = 0
    mostly: int | None = 0
    unsatisfied: int | None = 0
    lapsed: int | None = 0
    due: int = 0
    deferred: int = 0  # of those due, put off when their limit passed
    closed_in_time: int = 0

    def for_the_public(self, least: int) -> Counts:
        """The same without what fewer than `least` evaluations say."""
        if self.evaluated is None or self.evaluated >= least:
            return self
        return self.model_copy(update=dict.fromkeys(_SAID))


def counted(evaluation: Evaluation, zone: tzinfo) -> Counter[str]:
    """What an order that was dispatched adds, as `what|category|department`.

    Of one that is open, the day on which its limit passes: from then on it is due. What repeats another adds nothing.
    """
    if evaluation.merged:
        return Counter()
    it, verdict = evaluation, evaluation.verdict
    what = {
        "dispatched": True,
        "answered_in_time": bool(it.answered_at and it.answer_by and it.answered_at <= it.answer_by),
        "evaluated": verdict is not None,
        "solved": verdict is not None and it.outcome == "solved",
        **{each.value: verdict is each for each in Verdict},
        "lapsed": it.state is EvaluationState.LAPSED
        and it.orderer != "",  # nobody was asked: nobody kept silent
        "due": it.closed_at is not None,
        "closed_in_time": it.closed_at is not None and it.in_time is True,
    }
    if ends := open_until(it):
        what[f"due {day_of(ends, zone)}"] = True
        what[f"deferred {day_of(ends, zone)}"] = it.deferred is not None
    return Counter(f"{name}|{it.category}|{it.department or ''}" for name, so in what.items() if so)


def open_until(evaluation: Evaluation) -> datetime | None:
    """When an order that was dispatched and is open has to be closed."""
    if evaluation.merged or evaluation.closed_at is not None:
        return None
    return evaluation.close_by if evaluation.dispatched_at else None


def counts_of(
    added: Mapping[str, int], category: str | None, department: str | None, *, today: str, late: Counter[str]
) -> Counts:
    """Of what orders add up to, all of it or of a category and a department.

    Due are, of those that are open, those whose limit passed before `today`, and those that are `late` since then.
    """
    total = Counter(late)
    for name, n in added.items():
        what, its_category, its_department = name.split("|", 2)
        what, _, day = what.partition(" ")
        if category in (None, its_category) and department in (None, its_department) and day < today:
            total[what] += n
    return Counts.model_validate(total)


_SAID = ("evaluated", "solved", "satisfied", "mostly", "unsatisfied", "lapsed")

DEFINITIONS: Mapping[str, str] = {
    "response": "answered within the limit ÷ dispatched",
    "resolution": "said to be solved ÷ evaluated",
    "satisfaction": "(satisfied + mostly × weight) ÷ evaluated; an order counts with its last verdict",
    "on_time": "closed in time ÷ (due − deferred); due are those that ended and those whose limit has passed, "
    "deferred are those of them that are put off for now: paused, or waiting for the resident",
}


class Rate(BaseModel):
    """A rate between 0 and 1, or null when there is nothing to divide by. All null: too few to be shown."""

    rate: float | None
    numerator: float | None
    denominator: int | None
    definition: str


class Rates(BaseModel):
    """Of the orders dispatched in the period. Silence (`lapsed`) is counted beside, never as satisfied."""

    response: Rate
    resolution: Rate
    satisfaction: Rate
    on_time: Rate
    mostly_weight: float
    counts: Counts


def rates_of(counts: Counts, mostly_weight: float) -> Rates:
    satisfied: float | None = counts.satisfied
    if satisfied is not None and counts.mostly is not None:
        satisfied = round(satisfied + counts.mostly * mostly_weight, 6)
    return Rates(
        response=_rate("response", counts.answered_in_time, counts.dispatched),
        resolution=_rate("resolution", counts.solved, counts.evaluated),
        satisfaction=_rate("satisfaction", satisfied, counts.evaluated),
        on_time=_rate("on_time", counts.closed_in_time, counts.due - counts.deferred),
        mostly_weight=mostly_weight,
        counts=counts,
    )


def _rate(name: str, numerator: float | None, denominator: int | None) -> Rate:
    return Rate(
        rate=round(numerator / denominator, 6) if numerator is not None and denominator else None,
        numerator=numerator,
        denominator=denominator,
        definition=DEFINITIONS[name],
    )
