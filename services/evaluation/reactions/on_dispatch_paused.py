"""`dispatch.dispatch_paused` → while it is put off it is not due."""

from __future__ import annotations

from services.evaluation.domain.evaluation import Evaluation
from shared.contracts.from_dispatch.dispatch_paused import DispatchPausedV1
from shared.contracts.message import Heard
from shared.entry import Decision, decided


def on_dispatch_paused(evaluation: Evaluation, heard: Heard[DispatchPausedV1]) -> Decision[Evaluation]:
    return decided(evaluation.but(deferred=heard.data.kind))
