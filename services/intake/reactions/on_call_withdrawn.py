"""`dispatch.call_withdrawn` → partners are not asked any more; the unit that called has it again."""

from __future__ import annotations

from services.intake.domain.order import Order, noted
from services.intake.domain.timeline import Progress
from shared.contracts.from_dispatch.call_withdrawn import CallWithdrawnV1
from shared.contracts.message import Heard
from shared.entry import Decision


def on_call_withdrawn(order: Order, heard: Heard[CallWithdrawnV1]) -> Decision[Order]:
    return noted(order, heard, Progress.DISPATCHED, show=("round", "reason"))
