"""`dispatch.work_reported` → the unit that handled it says that its work is done."""

from __future__ import annotations

from services.intake.domain.order import Order, noted
from services.intake.domain.timeline import Progress
from shared.contracts.from_dispatch.work_reported import WorkReportedV1
from shared.contracts.message import Heard
from shared.entry import Decision


def on_work_reported(order: Order, heard: Heard[WorkReportedV1]) -> Decision[Order]:
    return noted(order, heard, Progress.TO_BE_CHECKED, show=("note",))
