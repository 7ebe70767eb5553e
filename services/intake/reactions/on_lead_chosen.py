"""`partners.lead_chosen` → residents see which partner speaks for all."""

from __future__ import annotations

from services.intake.domain.order import Order, noted
from shared.contracts.from_partners.lead_chosen import LeadChosenV1
from shared.contracts.message import Heard
from shared.entry import Decision


def on_lead_chosen(order: Order, heard: Heard[LeadChosenV1]) -> Decision[Order]:
    return noted(order, heard, show=("round", "partner_name"))
