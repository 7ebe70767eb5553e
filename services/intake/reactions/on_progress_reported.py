"""`partners.progress_reported` → the work goes on."""

from __future__ import annotations

from services.intake.domain.order import Order, noted
from services.intake.domain.timeline import Progress
from shared.contracts.from_partners.progress_reported import ProgressReportedV1
from shared.contracts.message import Heard
from shared.entry import Decision


def on_progress_reported(order: Order, heard: Heard[ProgressReportedV1]) -> Decision[Order]:
    return noted(order, heard, Progress.IN_WORK, show=("partner_name", "note", "percent"))
