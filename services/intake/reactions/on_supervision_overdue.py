"""`dispatch.supervision_overdue` → residents see that what the district demands is late."""

from __future__ import annotations

from services.intake.domain.order import Order, noted
from shared.contracts.from_dispatch.supervision_overdue import SupervisionOverdueV1
from shared.contracts.message import Heard
from shared.entry import Decision


def on_supervision_overdue(order: Order, heard: Heard[SupervisionOverdueV1]) -> Decision[Order]:
    return noted(order, heard, show=("due", "unit"))
