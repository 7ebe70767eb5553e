"""`dispatch.whistle_ended` → of several units that were called some have not come; it goes on without them."""

from __future__ import annotations

from services.intake.domain.order import Order, noted
from services.intake.domain.timeline import Progress
from shared.contracts.from_dispatch.whistle_ended import WhistleEndedV1
from shared.contracts.message import Heard
from shared.entry import Decision


def on_whistle_ended(order: Order, heard: Heard[WhistleEndedV1]) -> Decision[Order]:
    return noted(order, heard, Progress.DISPATCHED, show=("level", "absent", "note"))
