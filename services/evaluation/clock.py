"""What time does to an evaluation: the window closes → `evaluation_lapsed`."""

from __future__ import annotations

from datetime import datetime

from services.evaluation.domain.evaluation import WINDOW, Evaluation, lapse
from shared.entry import Decision, decided


def strike(evaluation: Evaluation, name: str, at: datetime) -> Decision[Evaluation]:  # noqa: ARG001 - the form of every clock
    if name == WINDOW:
        return lapse(evaluation)
    return decided(evaluation.with_clock(name, None))  # not one of ours
