"""`dispatch.whistle_answered` → the level that was called is there, and says what it will do."""

from __future__ import annotations

from services.intake.domain.order import Order, noted
from services.intake.domain.timeline import Progress
from shared.contracts.from_dispatch.whistle_answered import WhistleAnsweredV1
from shared.contracts.message import Heard
from shared.entry import Decision


def on_whistle_answered(order: Order, heard: Heard[WhistleAnsweredV1]) -> Decision[Order]:
    return noted(order, heard, Progress.DISPATCHED, show=("level", "measures"))
