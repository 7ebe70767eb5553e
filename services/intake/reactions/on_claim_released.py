"""`partners.claim_released` → a partner gave its part back, and the gap is larger."""

from __future__ import annotations

from services.intake.domain.order import Order, noted
from services.intake.domain.timeline import Progress
from shared.contracts.from_partners.claim_released import ClaimReleasedV1
from shared.contracts.message import Heard
from shared.entry import Decision


def on_claim_released(order: Order, heard: Heard[ClaimReleasedV1]) -> Decision[Order]:
    # Only a call that had been covered goes back; one that was still open stays where it is.
    progress = Progress.OPEN_TO_PARTNERS if heard.data.reopened else None
    return noted(order, heard, progress, show=("round", "claim_id", "reason", "gap", "reopened"))
