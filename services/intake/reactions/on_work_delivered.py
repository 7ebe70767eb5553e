"""`partners.work_delivered` → the partners say that their work is done."""

from __future__ import annotations

from services.intake.domain.order import Order, noted
from services.intake.domain.timeline import Progress
from shared.contracts.from_partners.work_delivered import WorkDeliveredV1, WorkDeliveredV2
from shared.contracts.message import Heard
from shared.entry import Decision


def on_work_delivered(order: Order, heard: Heard[WorkDeliveredV1 | WorkDeliveredV2]) -> Decision[Order]:
    return noted(order, heard, Progress.TO_BE_CHECKED, show=("round", "note"))
