"""`evaluation.evaluation_opened` → whoever ordered may say whether it is good."""

from __future__ import annotations

from services.intake.domain.order import Order, noted
from services.intake.domain.timeline import Progress
from shared.contracts.from_evaluation.evaluation_opened import EvaluationOpenedV1
from shared.contracts.message import Heard
from shared.entry import Decision


def on_evaluation_opened(order: Order, heard: Heard[EvaluationOpenedV1]) -> Decision[Order]:
    return noted(order, heard, Progress.TO_BE_EVALUATED, show=("until", "round"))
