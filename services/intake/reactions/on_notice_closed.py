"""`dispatch.notice_closed` → what was agreed binds, or it is void."""

from __future__ import annotations

from services.intake.domain.order import Order, noted
from services.intake.domain.timeline import Progress
from shared.contracts.from_dispatch.notice_closed import NoticeClosedV1
from shared.contracts.message import Heard
from shared.entry import Decision


def on_notice_closed(order: Order, heard: Heard[NoticeClosedV1]) -> Decision[Order]:
    return noted(
        order,
        heard,
        Progress.BEING_DISCUSSED,
        show=("number", "stands", "objections", "cost", "shares", "subsidies", "gap"),
    )
