"""`dispatch.dispatch_resumed` → it is due again, by its new end."""

from __future__ import annotations

from services.evaluation.domain.evaluation import Evaluation
from shared.contracts.from_dispatch.dispatch_resumed import DispatchResumedV1
from shared.contracts.message import Heard
from shared.entry import Decision, decided


def on_dispatch_resumed(evaluation: Evaluation, heard: Heard[DispatchResumedV1]) -> Decision[Evaluation]:
    return decided(evaluation.but(deferred=None, close_by=heard.data.close_by))
