"""`partners.pledge_returned` → something that had come in from a partner went back."""

from __future__ import annotations

from services.intake.domain.order import Order, noted
from shared.contracts.from_partners.pledge_returned import PledgeReturnedV1
from shared.contracts.message import Heard
from shared.entry import Decision


def on_pledge_returned(order: Order, heard: Heard[PledgeReturnedV1]) -> Decision[Order]:
    return noted(order, heard, show=("claim_id", "partner_name", "kind", "amount", "unit", "reason"))
