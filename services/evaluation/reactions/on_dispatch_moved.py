"""`dispatch.dispatch_moved` → it counts for the area that has it now."""

from __future__ import annotations

from services.evaluation.domain.evaluation import Evaluation
from shared.contracts.from_dispatch.dispatch_moved import DispatchMovedV1
from shared.contracts.message import Heard
from shared.entry import Decision, decided


def on_dispatch_moved(evaluation: Evaluation, heard: Heard[DispatchMovedV1]) -> Decision[Evaluation]:
    return decided(evaluation.but(area=heard.data.area))
