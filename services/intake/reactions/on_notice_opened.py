"""`dispatch.notice_opened` → what was agreed is on public notice, until when."""

from __future__ import annotations

from services.intake.domain.order import Order, noted
from services.intake.domain.timeline import Progress
from shared.contracts.from_dispatch.notice_opened import NoticeOpenedV1
from shared.contracts.message import Heard
from shared.entry import Decision


def on_notice_opened(order: Order, heard: Heard[NoticeOpenedV1]) -> Decision[Order]:
    return noted(
        order, heard, Progress.BEING_DISCUSSED, show=("number", "until", "shares", "subsidies", "gap")
    )
