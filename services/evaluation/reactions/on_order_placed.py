"""`intake.order_placed` → who may evaluate is known: for whom it was ordered, or whoever ordered."""

from __future__ import annotations

from services.evaluation.domain.evaluation import Evaluation
from shared.contracts.from_intake.order_placed import OrderPlacedV1
from shared.contracts.message import Heard
from shared.entry import Decision, decided


def on_order_placed(evaluation: Evaluation, heard: Heard[OrderPlacedV1]) -> Decision[Evaluation]:
    said = heard.data
    return decided(
        evaluation.but(
            orderer=said.ordered_for or heard.by.id,
            title=said.title,
            # Dispatch may have put it into another category, and may have been heard before.
            category=evaluation.category or said.category,
            urgency=evaluation.urgency or said.urgency,
        )
    )
