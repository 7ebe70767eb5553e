"""`evaluation.work_evaluated` → it counts for the standing of whoever did the work."""

from __future__ import annotations

from services.partners.domain.appeals import note_verdict
from services.partners.domain.call import Call
from shared.contracts.from_evaluation.work_evaluated import WorkEvaluatedV1
from shared.contracts.message import Heard
from shared.entry import Decision


def on_work_evaluated(call: Call, heard: Heard[WorkEvaluatedV1]) -> Decision[Call]:
    return note_verdict(call, n=heard.n, verdict=heard.data.verdict, at=heard.at)
