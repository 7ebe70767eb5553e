"""`dispatch.supervision_raised` → the district watches over it now."""

from __future__ import annotations

from services.intake.domain.order import Order, noted
from shared.contracts.from_dispatch.supervision_raised import SupervisionRaisedV1
from shared.contracts.message import Heard
from shared.entry import Decision


def on_supervision_raised(order: Order, heard: Heard[SupervisionRaisedV1]) -> Decision[Order]:
    return noted(order, heard, show=("cause",))
