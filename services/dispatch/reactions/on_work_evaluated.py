"""`evaluation.work_evaluated` → solved, when whoever ordered it is content: `dispatch_closed`."""

from __future__ import annotations

from services.dispatch.domain.closing import close_evaluated
from services.dispatch.domain.dispatch import Dispatch
from shared.contracts.from_evaluation.work_evaluated import WorkEvaluatedV1
from shared.contracts.message import Heard
from shared.entry import Decision


def on_work_evaluated(dispatch: Dispatch, heard: Heard[WorkEvaluatedV1]) -> Decision[Dispatch]:
    return close_evaluated(dispatch, by=heard.by.id, verdict=heard.data.verdict, at=heard.at)
