"""`partners.work_resumed` → residents see that the work goes on."""

from __future__ import annotations

from services.intake.domain.order import Order, noted
from shared.contracts.from_partners.work_resumed import WorkResumedV1
from shared.contracts.message import Heard
from shared.entry import Decision


def on_work_resumed(order: Order, heard: Heard[WorkResumedV1]) -> Decision[Order]:
    return noted(order, heard, show=("claim_id", "partner_name"))
