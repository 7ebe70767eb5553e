"""`dispatch.reminder_sent` → residents see that somebody was reminded, and until when they must act."""

from __future__ import annotations

from services.intake.domain.order import Order, noted
from shared.contracts.from_dispatch.reminder_sent import ReminderSentV1
from shared.contracts.message import Heard
from shared.entry import Decision


def on_reminder_sent(order: Order, heard: Heard[ReminderSentV1]) -> Decision[Order]:
    return noted(order, heard, None, show=("clock", "level", "ends"))
