"""`dispatch.whistle_answered` → who was called is there, and says what it will do."""

from __future__ import annotations

from services.intake.domain.order import Order, noted
from services.intake.domain.timeline import Progress
from shared.contracts.from_dispatch.whistle_answered import WhistleAnsweredV1, WhistleAnsweredV2
from shared.contracts.message import Heard
from shared.entry import Decision


def on_whistle_answered(
    order: Order, heard: Heard[WhistleAnsweredV1] | Heard[WhistleAnsweredV2]
) -> Decision[Order]:
    """Of several units that were called, the last one that is waited for brings it on."""
    if isinstance(heard.data, WhistleAnsweredV1):
        return noted(order, heard, Progress.DISPATCHED, show=("level", "measures"))
    progress = None if heard.data.waiting else Progress.DISPATCHED
    show = ("unit", "level", "measures", "contacted", "deadline", "waiting")
    return noted(order, heard, progress, show=show)
