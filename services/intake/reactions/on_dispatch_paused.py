"""`dispatch.dispatch_paused` → residents see that it waits, why, and until when."""

from __future__ import annotations

from services.intake.domain.order import Order, noted
from shared.contracts.from_dispatch.dispatch_paused import DispatchPausedV1
from shared.contracts.message import Heard
from shared.entry import Decision


def on_dispatch_paused(order: Order, heard: Heard[DispatchPausedV1]) -> Decision[Order]:
    return noted(order, heard, None, show=("kind", "reason", "until"))
