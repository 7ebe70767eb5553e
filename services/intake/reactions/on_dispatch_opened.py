"""`dispatch.dispatch_opened` → the order has its place in the grid, and a clock runs."""

from __future__ import annotations

from services.intake.domain.order import Order, noted
from services.intake.domain.timeline import Progress
from shared.contracts.from_dispatch.dispatch_opened import DispatchOpenedV1
from shared.contracts.message import Heard
from shared.entry import Decision


def on_dispatch_opened(order: Order, heard: Heard[DispatchOpenedV1]) -> Decision[Order]:
    return noted(
        order.but(area=heard.data.area),
        heard,
        Progress.ACCEPTED,
        show=("area", "answer_by", "close_by", "in_no_grid"),
    )
