"""`dispatch.whistle_blown` → residents see which level is called, and until when it must answer."""

from __future__ import annotations

from services.intake.domain.order import Order, noted
from services.intake.domain.timeline import Progress
from shared.contracts.from_dispatch.whistle_blown import WhistleBlownV1
from shared.contracts.message import Heard
from shared.entry import Decision


def on_whistle_blown(order: Order, heard: Heard[WhistleBlownV1]) -> Decision[Order]:
    return noted(
        order,
        heard,
        Progress.WHISTLED,
        show=("kind", "from_level", "to_level", "answer_by", "by_silence", "note"),
    )
