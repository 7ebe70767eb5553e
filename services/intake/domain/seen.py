"""How a message that intake hears becomes a line of the timeline. What residents see of which stands in bus.py."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from services.intake.domain.order import Order, line_of
from services.intake.domain.timeline import Progress, Question
from shared.contracts.from_dispatch import (
    DispatchClosedV1,
    DispatchMergedV1,
    DispatchUnmergedV1,
    QuestionAskedV1,
)
from shared.contracts.from_partners import ClaimMadeV1
from shared.contracts.message import Heard, M, Message
from shared.entry import Decision, decided

Reaction = Callable[[Order, Heard[Any]], Decision[Order]]


def _as_it_is(order: Order, heard: Heard[Any]) -> Order:  # noqa: ARG001 - the form of all these
    return order


def seen(
    message: type[M],
    progress: Progress | Callable[[M], Progress | None] | None,
    *show: str,
    also: Callable[[Order, Heard[M]], Order] = _as_it_is,
) -> tuple[type[Message], Reaction]:
    """A row of the table: the message, and what becomes of an order when it is heard.

    `progress` is what the order comes to by it, `show` names the fields that everybody may see, `also` does what else
    there is to do. Raises AssertionError when the message has no such field.
    """
    assert set(show) <= message.model_fields.keys(), f"{message.type()} has no such fields: {show}"

    def noted(order: Order, heard: Heard[M]) -> Decision[Order]:
        comes_to = progress(heard.data) if callable(progress) else progress
        line = line_of(order, heard.data, comes_to, show, at=heard.at, n=heard.n, role=heard.by.role)
        return decided(also(order, heard).with_line(line))

    return message, noted


def unseen(message: type[M], also: Callable[[Order, Heard[M]], Order]) -> tuple[type[Message], Reaction]:
    """A row of what is noted of an order and is no line of its timeline."""
    return message, lambda order, heard: decided(also(order, heard))


def table(*rows: tuple[type[Message], Reaction]) -> dict[type[Message], Reaction]:
    """Raises AssertionError when a message has two rows."""
    found = dict(rows)
    assert len(found) == len(rows), "a message has two rows"
    return found


def lies_in(order: Order, heard: Heard[Any]) -> Order:
    """The order in the area that the message names."""
    return order.but(area=heard.data.area)


def follows(order: Order, heard: Heard[DispatchMergedV1]) -> Order:
    """The order with the one that it repeats."""
    return order.but(original=heard.data.original)


def goes_alone(order: Order, heard: Heard[DispatchUnmergedV1]) -> Order:  # noqa: ARG001 - the form of all these
    """The order once it repeats no other any more."""
    return order.but(original=None)


def ended(order: Order, heard: Heard[DispatchClosedV1]) -> Order:
    """The order once its dispatch has ended."""
    outcome = heard.data.outcome
    original = order.original if outcome == "duplicate" else None  # withdrawn, it is not followed any more
    return order.but(outcome=outcome, closed_at=heard.at, original=original)


def asked_about(order: Order, heard: Heard[QuestionAskedV1]) -> Order:
    """The order with the question, which the resident may answer."""
    asked = heard.data
    new = Question(number=asked.number, text=asked.question, asked_at=heard.at, until=asked.until)
    return order.but(questions=(*order.questions, new))


def claimed(order: Order, heard: Heard[ClaimMadeV1]) -> Order:
    """The order with whose claim it is: the line names partners, but not by id."""
    made = heard.data
    return order.but(claimants={**order.claimants, str(made.claim_id): str(made.partner_id)})
