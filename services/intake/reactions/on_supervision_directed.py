"""`dispatch.supervision_directed` → residents see what the district demands, and until when."""

from __future__ import annotations

from services.intake.domain.order import Order, noted
from shared.contracts.from_dispatch.supervision_directed import SupervisionDirectedV1
from shared.contracts.message import Heard
from shared.entry import Decision


def on_supervision_directed(order: Order, heard: Heard[SupervisionDirectedV1]) -> Decision[Order]:
    return noted(order, heard, show=("unit", "measures", "due"))
