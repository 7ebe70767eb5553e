"""`dispatch.task_late` → residents see that a part is late."""

from __future__ import annotations

from services.intake.domain.order import Order, noted
from shared.contracts.from_dispatch.task_late import TaskLateV1
from shared.contracts.message import Heard
from shared.entry import Decision


def on_task_late(order: Order, heard: Heard[TaskLateV1]) -> Decision[Order]:
    return noted(order, heard, show=("number", "unit", "deadline"))
