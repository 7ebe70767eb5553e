"""`partners.call_expired` → the call ended too early; the unit that called has the need again."""

from __future__ import annotations

from services.intake.domain.order import Order, noted
from services.intake.domain.timeline import Progress
from shared.contracts.from_partners.call_expired import CallExpiredV1
from shared.contracts.message import Heard
from shared.entry import Decision


def on_call_expired(order: Order, heard: Heard[CallExpiredV1]) -> Decision[Order]:
    return noted(order, heard, Progress.DISPATCHED, show=("round", "gap"))
