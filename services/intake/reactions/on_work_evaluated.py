"""`evaluation.work_evaluated` → a resident said how good it is."""

from __future__ import annotations

from services.intake.domain.order import Order, noted
from shared.contracts.from_evaluation.work_evaluated import WorkEvaluatedV1
from shared.contracts.message import Heard
from shared.entry import Decision


def on_work_evaluated(order: Order, heard: Heard[WorkEvaluatedV1]) -> Decision[Order]:
    return noted(order, heard, show=("verdict", "result", "speed", "manner", "reason", "round"))
