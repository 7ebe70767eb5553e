"""The three rates and the on-time rate: what they count, and how they are worked out. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel


class Counts(BaseModel):
    """What was counted among the orders dispatched in an area and a period."""

    dispatched: int = 0
    answered_in_time: int = 0
    evaluated: int = 0
    solved: int = 0  # of those evaluated
    satisfied: int = 0
    mostly: int = 0
    unsatisfied: int = 0
    lapsed: int = 0
    due: int = 0
    closed_in_time: int = 0


DEFINITIONS: Mapping[str, str] = {
    "response": "answered within the limit ÷ dispatched",
    "resolution": "said to be solved ÷ evaluated",
    "satisfaction": "(satisfied + mostly × weight) ÷ evaluated; an order counts with its last verdict",
    "on_time": "closed in time ÷ due, which are those that ended and those whose limit has passed",
}


class Rate(BaseModel):
    """A rate between 0 and 1, or null when there is nothing to divide by."""

    rate: float | None
    numerator: float
    denominator: int
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
    satisfied = round(counts.satisfied + counts.mostly * mostly_weight, 6)
    return Rates(
        response=_rate("response", counts.answered_in_time, counts.dispatched),
        resolution=_rate("resolution", counts.solved, counts.evaluated),
        satisfaction=_rate("satisfaction", satisfied, counts.evaluated),
        on_time=_rate("on_time", counts.closed_in_time, counts.due),
        mostly_weight=mostly_weight,
        counts=counts,
    )


def _rate(name: str, numerator: float, denominator: int) -> Rate:
    return Rate(
        rate=round(numerator / denominator, 6) if denominator else None,
        numerator=numerator,
        denominator=denominator,
        definition=DEFINITIONS[name],
    )
