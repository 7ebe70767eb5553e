"""`dispatch.supervision_closed` → residents see what has come of the supervision."""

from __future__ import annotations

from services.intake.domain.order import Order, noted
from shared.contracts.from_dispatch.supervision_closed import SupervisionClosedV1
from shared.contracts.message import Heard
from shared.entry import Decision


def on_supervision_closed(order: Order, heard: Heard[SupervisionClosedV1]) -> Decision[Order]:
    return noted(order, heard, show=("result",))
