"""The limits that rules work with. Every one is a setting of the jurisdiction; these are the defaults.

A limit is calendar time (it runs through nights and holidays) or working time; the calendar says when it is over.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from fractions import Fraction
from typing import Any

from services.dispatch.domain.clocks.record import Delay
from services.dispatch.domain.states import Level
from services.dispatch.domain.works.record import Checklists
from shared.calendar import Allowance, Calendar, Term, Within, Workdays
from shared.contracts.message import Part
from shared.problems import RuleBroken

GENERAL = "general"


class Limit(StrEnum):
    """What a limit is for."""

    TAKE = "take"  # until somebody has taken it
    ANSWER = "answer"  # of a level that was whistled to, or of a department
    HANDLE = "handle"  # until whoever has it says how it stands
    CLOSE = "close"  # until it must have ended


class Special(Part):
    """A limit that is not the usual one. What is left out may be anything; of several that fit the first counts."""

    limit: Limit
    urgency: str | None = None
    category: str | None = None
    level: Level | None = None
    department: str | None = None
    within: Within

    def fits(
        self, limit: Limit, urgency: str, category: str, level: Level | None, department: str | None
    ) -> bool:
        return (
            self.limit is limit
            and self.urgency in (None, urgency)
            and self.category in (None, category)
            and self.level in (None, level)
            and self.department in (None, department)
        )


def _usual() -> Mapping[Limit, Mapping[str, Allowance]]:
    hours = [timedelta(hours=n) for n in (1, 2, 24)]
    return {
        Limit.TAKE: {"emergency": hours[0], "urgent": hours[1], GENERAL: hours[2]},
        Limit.ANSWER: {"emergency": timedelta(minutes=30), "urgent": hours[1], GENERAL: Workdays(1)},
        Limit.HANDLE: {"emergency": timedelta(hours=4), "urgent": Workdays(1), GENERAL: Workdays(5)},
        Limit.CLOSE: {GENERAL: Workdays(15)},
    }


def _longest() -> Mapping[Delay, timedelta]:
    days = timedelta(days=1)
    return {Delay.PAUSE: 30 * days, Delay.DEFERRAL: 180 * days, Delay.EXTENSION: 30 * days}


@dataclass(frozen=True, slots=True)
class Limits:
    """How long things may take and how often they may fail."""

    usual: Mapping[Limit, Mapping[str, Allowance]] = field(default_factory=_usual)  # by urgency
    special: tuple[Special, ...] = ()
    calendar: Calendar = field(default_factory=Calendar)
    deadlock: Allowance = field(default_factory=lambda: Workdays(5))
    call: timedelta = timedelta(days=15)  # when nobody says until when partners are called
    longest_call: timedelta = timedelta(days=30)
    round: Allowance = field(
        default_factory=lambda: Workdays(5)
    )  # of deliberation, when nobody says until when
    longest_round: timedelta = timedelta(days=30)
    # of what was agreed; 0: it binds at once
    notice: Allowance = field(default_factory=lambda: Workdays(3))
    objection: Allowance = field(default_factory=lambda: Workdays(2))  # until an objection is answered
    returned: Allowance = field(default_factory=lambda: Workdays(5))  # until the unit says what comes next
    check: Allowance = field(default_factory=lambda: Workdays(2))  # until delivered work is checked
    rework: Allowance = field(default_factory=lambda: Workdays(5))  # for what residents want done again
    window: timedelta = timedelta(days=14)  # in which residents may say something
    quorum: Fraction = Fraction(2, 3)  # of the households must say yes or no
    threshold: Fraction = Fraction(2, 3)  # of those who say anything must say yes
    # of what is supervised, until it moves
    supervision: Allowance = field(default_factory=lambda: Workdays(5))
    longest_deadline: timedelta = timedelta(days=90)  # that a unit may promise or be given
    whistles_kept: int = 10  # of each level, in the record
    overdue: Allowance = field(default_factory=lambda: Workdays(1))  # after the end, until it is supervised
    reminder: Fraction = Fraction(3, 4)  # of a clock's time, then its reminder comes
    question: Allowance = timedelta(days=5)  # until the resident has answered
    longest_delay: Mapping[Delay, timedelta] = field(default_factory=_longest)
    delays: int = 10  # pauses, deferrals and extensions that are asked for, of one order
    questions: int = 10  # to the resident, of one order
    strikes: int = 3  # refusals, or reworks, that raise supervision
    payments: int = 2000  # of the households of one order, with returns
    checklists: Checklists = field(default_factory=dict)  # by category
    rounds: int = 20  # of deliberation for one order
    tasks: int = 10  # of one order
    referrals: int = 20  # of one order
    calls: int = 50  # to partners for one order
    duplicates: int = 200  # of one order
    chain: int = 10  # of orders that repeat one another
    solved_lately: timedelta = timedelta(days=10)  # so long what was solved can still be repeated
    sliver: float = 10.0  # m² that areas of the territory may overlap or stick out

    def term(
        self,
        limit: Limit,
        at: datetime,
        *,
        urgency: str,
        category: str,
        level: Level | None = None,
        department: str | None = None,
    ) -> Term:
        """When this limit is over, counted from `at`. An urgency nobody knows counts as general."""
        for one in self.special:
            if one.fits(limit, urgency, category, level, department):
                return self.calendar.term(at, one.within)
        usual = self.usual[limit]
        return self.calendar.term(at, usual.get(urgency, usual[GENERAL]))

    def end(self, limit: Limit, at: datetime, **of: Any) -> datetime:
        """The end of `term`."""
        return self.term(limit, at, **of).end


class DeadlineOutOfRange(RuleBroken):
    """A deadline lies in the future, and not further off than is allowed."""


def chosen_end(
    until: datetime | None,
    at: datetime,
    *,
    usual: timedelta,
    longest: timedelta,
    refusal: type[RuleBroken],
) -> datetime:
    """`until`, or the usual time from now when nobody says. Raises `refusal` when it is out of range."""
    if until is None:
        return at + usual
    latest = at + longest
    if not at < until <= latest:
        raise refusal(f"Until {until.isoformat()}", earliest=at.isoformat(), latest=latest.isoformat())
    return until


def deadline_within(until: datetime, at: datetime, limits: Limits) -> datetime:
    """What a unit promises or is given. Raises DeadlineOutOfRange."""
    longest = limits.longest_deadline
    return chosen_end(until, at, usual=longest, longest=longest, refusal=DeadlineOutOfRange)
