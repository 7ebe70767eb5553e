"""The end of something that people may choose: in the future, not for ever, and as exact as the store keeps it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from services.dispatch.domain.limits import Limits
from shared.problems import RuleBroken


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
    until = until.astimezone(UTC)
    return until.replace(microsecond=until.microsecond // 1000 * 1000)


def deadline_within(until: datetime, at: datetime, limits: Limits) -> datetime:
    """What a unit promises or is given. Raises DeadlineOutOfRange."""
    longest = limits.longest_deadline
    return chosen_end(until, at, usual=longest, longest=longest, refusal=DeadlineOutOfRange)
