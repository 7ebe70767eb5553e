"""`partners.claim_reminded` → residents see that a partner was reminded, and until when a word is due."""

from __future__ import annotations

from services.intake.domain.order import Order, noted
from shared.contracts.from_partners.claim_reminded import ClaimRemindedV1
from shared.contracts.message import Heard
from shared.entry import Decision


def on_claim_reminded(order: Order, heard: Heard[ClaimRemindedV1]) -> Decision[Order]:
    return noted(order, heard, show=("claim_id", "partner_name", "waits_for", "ends"))
