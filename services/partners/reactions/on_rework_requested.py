"""`evaluation.rework_requested` → the residents are not satisfied: the same partners work on."""

from __future__ import annotations

from services.partners.domain.call import Call
from services.partners.domain.calling import back_to_work
from services.partners.domain.terms import Terms
from shared.contracts.from_evaluation.rework_requested import ReworkRequestedV1
from shared.contracts.message import Heard
from shared.entry import Decision


def on_rework_requested(call: Call, heard: Heard[ReworkRequestedV1], *, terms: Terms) -> Decision[Call]:
    return back_to_work(call, at=heard.at, terms=terms)
