"""`dispatch.dispatch_moved` → the order lies in another area; residents see which unit has it."""

from __future__ import annotations

from services.intake.domain.order import Order, noted
from shared.contracts.from_dispatch.dispatch_moved import DispatchMovedV1
from shared.contracts.message import Heard
from shared.entry import Decision


def on_dispatch_moved(order: Order, heard: Heard[DispatchMovedV1]) -> Decision[Order]:
    return noted(order.but(area=heard.data.area), heard, None, show=("area", "cause", "reason", "answer_by"))
