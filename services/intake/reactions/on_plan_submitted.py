"""`partners.plan_submitted` → residents see how and when the work will be done."""

from __future__ import annotations

from services.intake.domain.order import Order, noted
from shared.contracts.from_partners.plan_submitted import PlanSubmittedV1
from shared.contracts.message import Heard
from shared.entry import Decision


def on_plan_submitted(order: Order, heard: Heard[PlanSubmittedV1]) -> Decision[Order]:
    return noted(order, heard, show=("partner_name", "plan", "starts", "ends"))
