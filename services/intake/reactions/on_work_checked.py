"""`dispatch.work_checked` → the work passed the check, or is done again. Who did it is not shown."""

from __future__ import annotations

from services.intake.domain.order import Order, noted
from services.intake.domain.timeline import Progress
from shared.contracts.from_dispatch.work_checked import WorkCheckedV1
from shared.contracts.message import Heard
from shared.entry import Decision


def on_work_checked(order: Order, heard: Heard[WorkCheckedV1]) -> Decision[Order]:
    progress = Progress.TO_BE_EVALUATED if heard.data.passed else Progress.REWORK
    return noted(order, heard, progress, show=("passed", "note", "reworks"))
