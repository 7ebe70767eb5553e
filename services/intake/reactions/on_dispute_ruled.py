"""`dispatch.dispute_ruled` → residents see whether the department has to do it."""

from __future__ import annotations

from services.intake.domain.order import Order, noted
from services.intake.domain.timeline import Progress
from shared.contracts.from_dispatch.dispute_ruled import DisputeRuledV1
from shared.contracts.message import Heard
from shared.entry import Decision


def on_dispute_ruled(order: Order, heard: Heard[DisputeRuledV1]) -> Decision[Order]:
    return noted(order, heard, Progress.DISPATCHED, show=("department", "upheld", "note"))
