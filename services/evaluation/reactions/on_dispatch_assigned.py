"""`dispatch.dispatch_assigned` → somebody has it in hand."""

from __future__ import annotations

from services.evaluation.domain.evaluation import Evaluation, taken_in_hand
from shared.contracts.from_dispatch.dispatch_assigned import DispatchAssignedV1
from shared.contracts.message import Heard
from shared.entry import Decision, decided


def on_dispatch_assigned(evaluation: Evaluation, heard: Heard[DispatchAssignedV1]) -> Decision[Evaluation]:
    return decided(taken_in_hand(evaluation, heard.at))
