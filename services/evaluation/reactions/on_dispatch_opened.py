"""`dispatch.dispatch_opened` → the order counts as dispatched, and its limits run."""

from __future__ import annotations

from services.evaluation.domain.evaluation import Evaluation
from shared.contracts.from_dispatch.dispatch_opened import DispatchOpenedV1
from shared.contracts.message import Heard
from shared.entry import Decision, decided


def on_dispatch_opened(evaluation: Evaluation, heard: Heard[DispatchOpenedV1]) -> Decision[Evaluation]:
    said = heard.data
    return decided(
        evaluation.but(
            area=said.area,
            # A correction may have been heard before what it corrects.
            category=evaluation.category if evaluation.corrected else said.category,
            urgency=said.urgency,
            dispatched_at=heard.at,
            answer_by=said.answer_by,
            close_by=said.close_by,
        )
    )
