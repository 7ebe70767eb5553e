"""`partners.call_published` → the need stands on the partners' board."""

from __future__ import annotations

from services.intake.domain.order import Order, noted
from services.intake.domain.timeline import Progress
from shared.contracts.from_partners.call_published import CallPublishedV1
from shared.contracts.message import Heard
from shared.entry import Decision


def on_call_published(order: Order, heard: Heard[CallPublishedV1]) -> Decision[Order]:
    return noted(
        order, heard, Progress.OPEN_TO_PARTNERS, show=("round", "lines", "gap", "exclusive", "offered")
    )
