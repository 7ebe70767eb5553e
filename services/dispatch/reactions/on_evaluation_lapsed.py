"""`evaluation.evaluation_lapsed` → it has passed its check and nobody objected: `dispatch_closed`."""

from __future__ import annotations

from services.dispatch.domain.closing import close_silent
from services.dispatch.domain.dispatch import Dispatch
from shared.contracts.from_evaluation.evaluation_lapsed import EvaluationLapsedV1
from shared.contracts.message import Heard
from shared.entry import Decision


def on_evaluation_lapsed(dispatch: Dispatch, heard: Heard[EvaluationLapsedV1]) -> Decision[Dispatch]:
    return close_silent(dispatch, at=heard.at)
