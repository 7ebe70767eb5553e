"""`partners.pledge_received` → money, goods or hours that were pledged have come in."""

from __future__ import annotations

from services.intake.domain.order import Order, noted
from shared.contracts.from_partners.pledge_received import PledgeReceivedV1
from shared.contracts.message import Heard
from shared.entry import Decision


def on_pledge_received(order: Order, heard: Heard[PledgeReceivedV1]) -> Decision[Order]:
    return noted(order, heard, show=("claim_id", "partner_name", "kind", "amount", "unit"))
