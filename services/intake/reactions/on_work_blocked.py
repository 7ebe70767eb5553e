"""`partners.work_blocked` → residents see what keeps a partner from its work."""

from __future__ import annotations

from services.intake.domain.order import Order, noted
from shared.contracts.from_partners.work_blocked import WorkBlockedV1
from shared.contracts.message import Heard
from shared.entry import Decision


def on_work_blocked(order: Order, heard: Heard[WorkBlockedV1]) -> Decision[Order]:
    return noted(order, heard, show=("claim_id", "partner_name", "reason", "until"))
