"""`partners.work_surveyed` → residents see what a partner found on the spot."""

from __future__ import annotations

from services.intake.domain.order import Order, noted
from shared.contracts.from_partners.work_surveyed import WorkSurveyedV1
from shared.contracts.message import Heard
from shared.entry import Decision


def on_work_surveyed(order: Order, heard: Heard[WorkSurveyedV1]) -> Decision[Order]:
    return noted(order, heard, show=("claim_id", "partner_name", "note", "photos"))
