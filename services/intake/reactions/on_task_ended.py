"""`dispatch.task_ended` → residents see that a part is done, or not needed any more."""

from __future__ import annotations

from services.intake.domain.order import Order, noted
from shared.contracts.from_dispatch.task_ended import TaskEndedV1
from shared.contracts.message import Heard
from shared.entry import Decision


def on_task_ended(order: Order, heard: Heard[TaskEndedV1]) -> Decision[Order]:
    return noted(order, heard, show=("number", "unit", "ended", "late", "note"))
