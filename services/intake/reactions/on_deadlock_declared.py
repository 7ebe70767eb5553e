"""`dispatch.deadlock_declared` → nobody is responsible, or nobody can; the way out follows."""

from __future__ import annotations

from services.intake.domain.order import Order, noted
from shared.contracts.from_dispatch.deadlock_declared import DeadlockDeclaredV1
from shared.contracts.message import Heard
from shared.entry import Decision


def on_deadlock_declared(order: Order, heard: Heard[DeadlockDeclaredV1]) -> Decision[Order]:
    return noted(order, heard, show=("reason",))
