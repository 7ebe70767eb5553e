"""`evaluation.rework_requested` → it is not good; the same hands do it again."""

from __future__ import annotations

from services.intake.domain.order import Order, noted
from services.intake.domain.timeline import Progress
from shared.contracts.from_evaluation.rework_requested import ReworkRequestedV1
from shared.contracts.message import Heard
from shared.entry import Decision


def on_rework_requested(order: Order, heard: Heard[ReworkRequestedV1]) -> Decision[Order]:
    return noted(order, heard, Progress.REWORK, show=("reason", "round"))
