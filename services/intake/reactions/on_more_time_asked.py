"""`dispatch.more_time_asked` → residents see that more time was asked for, why, and who decides."""

from __future__ import annotations

from services.intake.domain.order import Order, noted
from shared.contracts.from_dispatch.more_time_asked import MoreTimeAskedV1
from shared.contracts.message import Heard
from shared.entry import Decision


def on_more_time_asked(order: Order, heard: Heard[MoreTimeAskedV1]) -> Decision[Order]:
    return noted(order, heard, None, show=("kind", "reason", "until", "decided_by"))
