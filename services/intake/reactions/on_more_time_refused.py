"""`dispatch.more_time_refused` → residents see that there is no more time."""

from __future__ import annotations

from services.intake.domain.order import Order, noted
from shared.contracts.from_dispatch.more_time_refused import MoreTimeRefusedV1
from shared.contracts.message import Heard
from shared.entry import Decision


def on_more_time_refused(order: Order, heard: Heard[MoreTimeRefusedV1]) -> Decision[Order]:
    return noted(order, heard, None, show=("kind", "note"))
