"""`dispatch.round_closed` → what the households agreed to pay, and the gap that stays."""

from __future__ import annotations

from services.intake.domain.order import Order, noted
from services.intake.domain.timeline import Progress
from shared.contracts.from_dispatch.round_closed import RoundClosedV1, RoundClosedV2
from shared.contracts.message import Heard
from shared.entry import Decision

SHOWN = ("number", "agreed", "cost", "shares", "subsidies", "gap", "consenting", "households")


def on_round_closed(order: Order, heard: Heard[RoundClosedV1 | RoundClosedV2]) -> Decision[Order]:
    binds = ("binds",) if isinstance(heard.data, RoundClosedV2) else ()
    return noted(order, heard, Progress.BEING_DISCUSSED, show=(*SHOWN, *binds))
