"""`partners.offer_declined` → residents see that a partner does not want it, and why."""

from __future__ import annotations

from services.intake.domain.order import Order, noted
from shared.contracts.from_partners.offer_declined import OfferDeclinedV1
from shared.contracts.message import Heard
from shared.entry import Decision


def on_offer_declined(order: Order, heard: Heard[OfferDeclinedV1]) -> Decision[Order]:
    return noted(order, heard, None, show=("round", "reason"))
