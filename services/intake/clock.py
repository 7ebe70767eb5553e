"""What time does to an order: nothing. Whatever waits, waits in the list that answers for it."""

from __future__ import annotations

from datetime import datetime

from services.intake.domain.order import Order
from shared.entry import Decision, decided


def strike(order: Order, name: str, at: datetime) -> Decision[Order]:  # noqa: ARG001 - the form of every clock
    """Stop a clock that nobody here has set."""
    return decided(order.with_clock(name, None))
