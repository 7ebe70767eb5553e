"""The limits that rules work with. Every one is a setting of the jurisdiction; these are the defaults.

Time is counted on the clock for now, nights and holidays included: the working-time calendar comes later.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from fractions import Fraction

GENERAL = "general"


def _take() -> Mapping[str, timedelta]:
    return {"emergency": timedelta(hours=1), "urgent": timedelta(hours=2), GENERAL: timedelta(hours=24)}


def _answer() -> Mapping[str, timedelta]:
    return {"emergency": timedelta(minutes=30), "urgent": timedelta(hours=2), GENERAL: timedelta(days=1)}


@dataclass(frozen=True, slots=True)
class Limits:
    """How long things may take and how often they may fail."""

    take: Mapping[str, timedelta] = field(default_factory=_take)  # by urgency: until somebody has taken it
    answer: Mapping[str, timedelta] = field(default_factory=_answer)  # by urgency: of a level or a department
    close: timedelta = timedelta(days=15)
    close_by_category: Mapping[str, timedelta] = field(default_factory=dict)  # where it is not the usual one
    deadlock: timedelta = timedelta(days=5)
    call: timedelta = timedelta(days=15)  # when nobody says until when partners are called
    longest_call: timedelta = timedelta(days=30)
    round: timedelta = timedelta(days=7)  # of deliberation, when nobody says until when
    longest_round: timedelta = timedelta(days=30)
    notice: timedelta = timedelta(days=3)  # of what was agreed; 0: it binds at once
    objection: timedelta = timedelta(days=2)  # until an objection is answered
    returned: timedelta = timedelta(days=5)  # until the unit says what comes next
    quorum: Fraction = Fraction(2, 3)  # of the households must say yes or no
    threshold: Fraction = Fraction(2, 3)  # of those who say anything must say yes
    supervision: timedelta = timedelta(days=5)  # until what is supervised must have moved
    strikes: int = 3  # refusals, or reworks, that raise supervision
    rounds: int = 20  # of deliberation for one order
    referrals: int = 20  # of one order
    calls: int = 50  # to partners for one order

    def take_within(self, urgency: str) -> timedelta:
        """An urgency nobody knows counts as general."""
        return self.take.get(urgency, self.take[GENERAL])

    def answer_within(self, urgency: str) -> timedelta:
        return self.answer.get(urgency, self.answer[GENERAL])

    def close_within(self, category: str) -> timedelta:
        return self.close_by_category.get(category, self.close)
