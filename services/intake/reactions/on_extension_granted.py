"""`dispatch.extension_granted` → residents see that it may take longer, and why."""

from __future__ import annotations

from services.intake.domain.order import Order, noted
from shared.contracts.from_dispatch.extension_granted import ExtensionGrantedV1
from shared.contracts.message import Heard
from shared.entry import Decision


def on_extension_granted(order: Order, heard: Heard[ExtensionGrantedV1]) -> Decision[Order]:
    return noted(order, heard, None, show=("reason", "close_by"))
