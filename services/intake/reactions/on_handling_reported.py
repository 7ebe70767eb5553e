"""`dispatch.handling_reported` → residents see how it stands, in the words of whoever has it."""

from __future__ import annotations

from services.intake.domain.order import Order, noted
from shared.contracts.from_dispatch.handling_reported import HandlingReportedV1
from shared.contracts.message import Heard
from shared.entry import Decision


def on_handling_reported(order: Order, heard: Heard[HandlingReportedV1]) -> Decision[Order]:
    return noted(order, heard, None, show=("note",))
