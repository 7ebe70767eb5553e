"""`dispatch.lead_named` → residents see who leads, and who has a part in it."""

from __future__ import annotations

from services.intake.domain.order import Order, noted
from shared.contracts.from_dispatch.lead_named import LeadNamedV1
from shared.contracts.message import Heard
from shared.entry import Decision


def on_lead_named(order: Order, heard: Heard[LeadNamedV1]) -> Decision[Order]:
    return noted(order, heard, show=("unit", "co_units", "note"))
