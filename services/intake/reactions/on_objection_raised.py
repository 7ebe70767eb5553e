"""`dispatch.objection_raised` → a household objects to what is on public notice."""

from __future__ import annotations

from services.intake.domain.order import Order, noted
from services.intake.domain.timeline import Progress
from shared.contracts.from_dispatch.objection_raised import ObjectionRaisedV1
from shared.contracts.message import Heard
from shared.entry import Decision


def on_objection_raised(order: Order, heard: Heard[ObjectionRaisedV1]) -> Decision[Order]:
    return noted(order, heard, Progress.BEING_DISCUSSED, show=("number", "objections"))
