"""`partners.call_covered` → partners have all of it."""

from __future__ import annotations

from services.intake.domain.order import Order, noted
from services.intake.domain.timeline import Progress
from shared.contracts.from_partners.call_covered import CallCoveredV1
from shared.contracts.message import Heard
from shared.entry import Decision


def on_call_covered(order: Order, heard: Heard[CallCoveredV1]) -> Decision[Order]:
    return noted(order, heard, Progress.CLAIMED, show=("round", "pledged"))
