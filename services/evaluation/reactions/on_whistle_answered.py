"""`dispatch.whistle_answered` → who was called is there."""

from __future__ import annotations

from services.evaluation.domain.evaluation import Evaluation, taken_in_hand
from shared.contracts.from_dispatch.whistle_answered import WhistleAnsweredV1, WhistleAnsweredV2
from shared.contracts.message import Heard
from shared.entry import Decision, decided


def on_whistle_answered(
    evaluation: Evaluation, heard: Heard[WhistleAnsweredV1] | Heard[WhistleAnsweredV2]
) -> Decision[Evaluation]:
    return decided(taken_in_hand(evaluation, heard.at))
