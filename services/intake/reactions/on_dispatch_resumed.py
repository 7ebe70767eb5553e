"""`dispatch.dispatch_resumed` → residents see that it goes on, and until when it must have ended."""

from __future__ import annotations

from services.intake.domain.order import Order, noted
from shared.contracts.from_dispatch.dispatch_resumed import DispatchResumedV1
from shared.contracts.message import Heard
from shared.entry import Decision


def on_dispatch_resumed(order: Order, heard: Heard[DispatchResumedV1]) -> Decision[Order]:
    return noted(order, heard, None, show=("kind", "how", "close_by", "note"))
