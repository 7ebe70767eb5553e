"""`dispatch.dispatch_closed` → it has ended, and how."""

from __future__ import annotations

from services.intake.domain.order import Order, noted
from services.intake.domain.timeline import Progress
from shared.contracts.from_dispatch.dispatch_closed import DispatchClosedV1
from shared.contracts.message import Heard
from shared.entry import Decision


def on_dispatch_closed(order: Order, heard: Heard[DispatchClosedV1]) -> Decision[Order]:
    closed = order.but(outcome=heard.data.outcome, closed_at=heard.at)
    progress = Progress.WITHDRAWN if heard.data.outcome == "withdrawn" else Progress.CLOSED
    return noted(closed, heard, progress, show=("outcome", "in_time", "note"))
