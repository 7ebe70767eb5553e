"""`evaluation.evaluation_lapsed` → nobody said anything in time; that is shown as silence."""

from __future__ import annotations

from services.intake.domain.order import Order, noted
from shared.contracts.from_evaluation.evaluation_lapsed import EvaluationLapsedV1
from shared.contracts.message import Heard
from shared.entry import Decision


def on_evaluation_lapsed(order: Order, heard: Heard[EvaluationLapsedV1]) -> Decision[Order]:
    return noted(order, heard, show=("round",))
