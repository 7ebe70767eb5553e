"""`dispatch.dispatch_closed` → it has ended, and how."""

from __future__ import annotations

from services.evaluation.domain.evaluation import Evaluation, close
from shared.contracts.from_dispatch.dispatch_closed import DispatchClosedV1
from shared.contracts.message import Heard
from shared.entry import Decision


def on_dispatch_closed(evaluation: Evaluation, heard: Heard[DispatchClosedV1]) -> Decision[Evaluation]:
    return close(evaluation, outcome=heard.data.outcome, in_time=heard.data.in_time, at=heard.at)
