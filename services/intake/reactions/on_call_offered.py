"""`partners.call_offered` → residents see to how many it is offered, and until when."""

from __future__ import annotations

from services.intake.domain.order import Order, noted
from shared.contracts.from_partners.call_offered import CallOfferedV1
from shared.contracts.message import Heard
from shared.entry import Decision


def on_call_offered(order: Order, heard: Heard[CallOfferedV1]) -> Decision[Order]:
    return noted(order, heard, None, show=("round", "step", "offered", "to_all", "until"))
