"""`dispatch.task_given` → residents see which part a unit does, and until when."""

from __future__ import annotations

from services.intake.domain.order import Order, noted
from shared.contracts.from_dispatch.task_given import TaskGivenV1
from shared.contracts.message import Heard
from shared.entry import Decision


def on_task_given(order: Order, heard: Heard[TaskGivenV1]) -> Decision[Order]:
    return noted(order, heard, show=("number", "title", "unit", "deadline"))
