"""It was closed and is not good: whoever it was done for opens it again, for a while and not for ever."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from services.intake.domain.order import NotYourOrder, Order, said
from services.intake.domain.timeline import Progress, Reopening
from shared.caller import Caller
from shared.command import READ_AT_WORK, Command, Note
from shared.contracts.from_intake import OrderReopenedV1
from shared.contracts.message import Part
from shared.entry import Decision, unchanged
from shared.problems import NotFound, RuleBroken, WrongState

_MS = timedelta(milliseconds=1)


class Again(StrEnum):
    """Why it is opened again."""

    NOT_DONE = "not_done"  # nothing, or not all of it, was done
    CAME_BACK = "came_back"  # it was good and is bad again
    WRONGLY_CLOSED = "wrongly_closed"  # it was closed as what it is not
    OTHER = "other"


class NotClosed(WrongState):
    """Only what was closed can be opened again; who withdrew an order places a new one."""


class ReopeningTooLate(RuleBroken):
    """It was closed too long ago to be opened again: place a new order."""


class ReopenedTooOften(RuleBroken):
    """It was opened again as often as is allowed: place a new order."""


class ReopenOrder(Command):
    """Why, as a code that everybody may see, and in words."""

    reason: Again
    words: Annotated[Note, Field(description=READ_AT_WORK)] = ""


class ReopeningTerms(Part):
    """Until when after the closing, and how often."""

    within: timedelta = timedelta(days=10)
    most: int = 3


def reopen(
    order: Order, command: ReopenOrder, *, by: Caller, at: datetime, terms: ReopeningTerms
) -> Decision[Order]:
    """Whoever ordered says that it is not good; for somebody without an account the staff of the area do.

    Asking twice changes nothing. Raises NotYourOrder, NotClosed, ReopeningTooLate, ReopenedTooOften.
    """
    if not order.is_seen_by(by):
        raise NotFound
    if not order.speaks_for_it(by):
        raise NotYourOrder
    last = order.reopenings[-1] if order.reopenings else None
    if last and order.closed_at is None and (last.reason, last.words) == (command.reason, command.words):
        return unchanged(order)
    if order.progress is not Progress.CLOSED or order.closed_at is None:
        raise NotClosed(progress=order.progress, outcome=order.outcome)
    if at > (until := order.closed_at + terms.within):
        raise ReopeningTooLate(f"Until {until.isoformat()}", until=until.isoformat())
    number = len(order.reopenings) + 1
    if number > terms.most:
        raise ReopenedTooOften(f"{terms.most} times", most=terms.most)
    at = max(at, order.moved_at + _MS)  # clocks of two lists differ a little: it follows what it opens again
    opened = order.but(
        reopenings=(
            *order.reopenings,
            Reopening(
                at=at,
                reason=command.reason,
                words=command.words,
                outcome=order.outcome or "",
                closed_at=order.closed_at,
            ),
        ),
        outcome=None,
        closed_at=None,
    )
    told = OrderReopenedV1(number=number, reason=command.reason)
    return said(opened, told, Progress.ACCEPTED, by=by, at=at, show=("number", "reason"))
