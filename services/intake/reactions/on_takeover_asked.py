"""`partners.takeover_asked` → residents see that another partner would do it."""

from __future__ import annotations

from services.intake.domain.order import Order, noted
from shared.contracts.from_partners.takeover_asked import TakeoverAskedV1
from shared.contracts.message import Heard
from shared.entry import Decision


def on_takeover_asked(order: Order, heard: Heard[TakeoverAskedV1]) -> Decision[Order]:
    return noted(order, heard, show=("claim_id", "partner_name", "reason", "until"))
