"""`dispatch.dispatch_assigned` → somebody has the order in hand. Residents see the level, never the person."""

from __future__ import annotations

from services.intake.domain.order import Order, noted
from services.intake.domain.timeline import Progress
from shared.contracts.from_dispatch.dispatch_assigned import DispatchAssignedV1
from shared.contracts.message import Heard
from shared.entry import Decision


def on_dispatch_assigned(order: Order, heard: Heard[DispatchAssignedV1]) -> Decision[Order]:
    return noted(order, heard, Progress.DISPATCHED, show=("level",))
