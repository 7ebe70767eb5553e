"""`dispatch.round_opened` → the households discuss a proposal."""

from __future__ import annotations

from services.intake.domain.order import Order, noted
from services.intake.domain.timeline import Progress
from shared.contracts.from_dispatch.round_opened import RoundOpenedV1
from shared.contracts.message import Heard
from shared.entry import Decision


def on_round_opened(order: Order, heard: Heard[RoundOpenedV1]) -> Decision[Order]:
    return noted(
        order,
        heard,
        Progress.BEING_DISCUSSED,
        show=("number", "proposal", "cost", "allocation", "households"),
    )
