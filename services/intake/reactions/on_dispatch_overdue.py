"""`dispatch.dispatch_overdue` → residents see that it is late; how far it is stays as it was."""

from __future__ import annotations

from services.intake.domain.order import Order, noted
from shared.contracts.from_dispatch.dispatch_overdue import DispatchOverdueV1
from shared.contracts.message import Heard
from shared.entry import Decision


def on_dispatch_overdue(order: Order, heard: Heard[DispatchOverdueV1]) -> Decision[Order]:
    return noted(order, heard, None, show=("close_by",))
