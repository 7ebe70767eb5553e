"""`partners.claim_stale` → residents see that nothing was heard of a partner in time."""

from __future__ import annotations

from services.intake.domain.order import Order, noted
from shared.contracts.from_partners.claim_stale import ClaimStaleV1
from shared.contracts.message import Heard
from shared.entry import Decision


def on_claim_stale(order: Order, heard: Heard[ClaimStaleV1]) -> Decision[Order]:
    return noted(order, heard, show=("claim_id", "partner_name", "waits_for", "taken_back_at"))
