"""`dispatch.objection_answered` → what became of an objection, and why."""

from __future__ import annotations

from services.intake.domain.order import Order, noted
from services.intake.domain.timeline import Progress
from shared.contracts.from_dispatch.objection_answered import ObjectionAnsweredV1
from shared.contracts.message import Heard
from shared.entry import Decision


def on_objection_answered(order: Order, heard: Heard[ObjectionAnsweredV1]) -> Decision[Order]:
    return noted(order, heard, Progress.BEING_DISCUSSED, show=("number", "upheld", "reason"))
