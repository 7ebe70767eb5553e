"""`partners.takeover_ended` → residents see whether the work changes hands."""

from __future__ import annotations

from services.intake.domain.order import Order, noted
from shared.contracts.from_partners.takeover_ended import TakeoverEndedV1
from shared.contracts.message import Heard
from shared.entry import Decision


def on_takeover_ended(order: Order, heard: Heard[TakeoverEndedV1]) -> Decision[Order]:
    return noted(order, heard, show=("claim_id", "partner_name", "outcome", "reason"))
