"""`partners.claim_made` → a partner took a part of it, and the gap is smaller."""

from __future__ import annotations

from services.intake.domain.order import Order, noted
from shared.contracts.from_partners.claim_made import ClaimMadeV1
from shared.contracts.message import Heard
from shared.entry import Decision


def on_claim_made(order: Order, heard: Heard[ClaimMadeV1]) -> Decision[Order]:
    return noted(order, heard, show=("round", "claim_id", "partner_name", "lines", "gap"))
