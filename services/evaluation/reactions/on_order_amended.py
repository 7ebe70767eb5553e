"""`intake.order_amended` → it counts for the category that it was corrected to."""

from __future__ import annotations

from services.evaluation.domain.evaluation import Evaluation
from shared.contracts.from_intake.order_amended import OrderAmendedV1
from shared.contracts.message import Heard
from shared.entry import Decision, decided


def on_order_amended(evaluation: Evaluation, heard: Heard[OrderAmendedV1]) -> Decision[Evaluation]:
    return decided(evaluation.but(category=heard.data.category, corrected=True))
