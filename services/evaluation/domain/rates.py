"""The three rates and the on-time rate: what they count, and how they are worked out. Pure.

Everything that is counted is a fact that was told, no time is compared here: so the same orders are in the rates, in
the figures and on the lists of dispatch.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from pydantic import BaseModel

from services.evaluation.domain.evaluation import Evaluation, EvaluationState, Verdict

NOBODYS = ("withdrawn", "duplicate")  # outcomes of what nobody had to answer or to end
_CONTENT = (Verdict.SATISFIED, Verdict.MOSTLY)


class Counts(BaseModel):
    """Of the orders placed in a period that dispatch knows in an area: how many there are of each kind.

    `withdrawn` and `duplicates` are counted as that and nowhere else; `dispatched` are all others, and the rest are
    parts of them. All null: not public.
    """

    dispatched: int | None = 0
    answer_due: int | None = 0  # somebody answered, or the limit of one who was asked has passed
    answered_in_time: int | None = 0  # of these: the first answer came before any such limit had passed
    evaluated: int | None = 0  # the resident gave a verdict; the last one counts
    solved: int | None = 0  # of those evaluated: satisfied or mostly, and it ended as solved
    satisfied: int | None = 0
    mostly: int | None = 0
    unsatisfied: int | None = 0
    lapsed: int | None = 0  # the resident was asked, and gave no verdict at all
    due: int | None = 0  # it ended, or its work passed the check, or the limit of the whole has passed
    deferred: int | None = 0  # put off for now, and not due: paused, or waiting for the resident
    closed_in_time: int | None = 0  # of those due: the check was passed, or the end came, before that limit
    withdrawn: int | None = 0
    duplicates: int | None = 0

    @classmethod
    def hidden(cls) -> Counts:
        return cls.model_validate(dict.fromkeys(cls.model_fields))


def counted(evaluation: Evaluation) -> Counter[str]:
    """What an order that was dispatched adds, as `what|category|department`."""
    it, closed = evaluation, evaluation.closed_at is not None
    # a duplicate also while it only waits for how the other one ends, unless it is withdrawn meanwhile
    nobodys = "duplicate" if it.merged and it.outcome is None else it.outcome
    if nobodys in NOBODYS:
        return Counter({f"{nobodys}|{it.category}|{it.department or ''}": 1})
    in_time = it.in_time if closed else it.done_in_time
    due = closed or in_time is not None
    what = {
        "dispatched": True,
        "answer_due": it.answered_in_time is not None,
        "answer_kept": it.answered_in_time is True,
        "evaluated": it.verdict is not None,
        "solved": closed and it.outcome == "solved" and it.verdict in _CONTENT,
        **{each.value: it.verdict is each for each in Verdict},
        # of what nobody ordered nobody was asked, and nobody kept silent
        "lapsed": it.state is EvaluationState.LAPSED and it.verdict is None and it.orderer != "",
        "due": due,
        "deferred": it.deferred is not None and not due,
        "closed_in_time": due and in_time is True,
    }
    return Counter(f"{name}|{it.category}|{it.department or ''}" for name, so in what.items() if so)


def counts_in(evaluation: Evaluation, figure: str) -> bool:
    """Whether a figure of the counts has this order in it."""
    return bool(getattr(counts_of(counted(evaluation)), figure))


# By the name in sums. What was counted of answers before dispatch judged them has another one, and counts no more.
_NAMES = {name: name for name in Counts.model_fields if name not in ("answered_in_time", "duplicates")} | {
    "answer_kept": "answered_in_time",
    "duplicate": "duplicates",
}


def counts_of(added: Mapping[str, int], category: str | None = None, department: str | None = None) -> Counts:
    """Of what orders add up to, all of it or of a category and a department."""
    total: Counter[str] = Counter()
    for name, n in added.items():
        what, its_category, its_department = name.split("|", 2)
        if what in _NAMES and category in (None, its_category) and department in (None, its_department):
            total[_NAMES[what]] += n
    return Counts.model_validate(total)


_OF = "of the orders placed in the period, without those withdrawn and those that repeat another: "

DEFINITIONS: Mapping[str, str] = {
    "response": f"{_OF}answered in time ÷ answer due. The answer is due when somebody answered or the limit of one who "
    "was asked has passed; in time is a first answer before any such limit had passed, each counted from when that one "
    "was asked. Who takes it in hand answers, and who accepts, refuses or ends it with a reason",
    "resolution": f"{_OF}solved ÷ evaluated. Evaluated are those with a verdict of the resident; solved are those of "
    "them that ended as solved and whose last verdict is satisfied or mostly",
    "satisfaction": f"{_OF}(satisfied + mostly × weight) ÷ evaluated; an order counts with its last verdict",
    "on_time": f"{_OF}in time ÷ due. Due are those that ended, whose work passed its check, or whose limit has passed "
    "(what is put off is not, unless its limit passed before); in time are those that passed the check, or ended, "
    "before their limit",
}


class Rate(BaseModel):
    """A rate between 0 and 1, or null when there is nothing to divide by. All null: not public."""

    rate: float | None
    numerator: float | None
    denominator: int | None
    definition: str


class Rates(BaseModel):
    """Of the orders placed in the period. Silence (`lapsed`) is counted beside, never as satisfied."""

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
        response=_rate("response", counts.answered_in_time, counts.answer_due),
        resolution=_rate("resolution", counts.solved, counts.evaluated),
        satisfaction=_rate("satisfaction", satisfied, counts.evaluated),
        on_time=_rate("on_time", counts.closed_in_time, counts.due),
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
