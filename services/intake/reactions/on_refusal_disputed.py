"""`dispatch.refusal_disputed` → residents see that the refusal is not accepted, and who decides."""

from __future__ import annotations

from services.intake.domain.order import Order, noted
from services.intake.domain.timeline import Progress
from shared.contracts.from_dispatch.refusal_disputed import RefusalDisputedV1
from shared.contracts.message import Heard
from shared.entry import Decision


def on_refusal_disputed(order: Order, heard: Heard[RefusalDisputedV1]) -> Decision[Order]:
    return noted(
        order,
        heard,
        Progress.DISPATCHED,
        show=("department", "to_level", "answer_by", "by_silence", "reason"),
    )
