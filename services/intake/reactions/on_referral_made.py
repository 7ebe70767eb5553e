"""`dispatch.referral_made` → a department is asked to act."""

from __future__ import annotations

from services.intake.domain.order import Order, noted
from services.intake.domain.timeline import Progress
from shared.contracts.from_dispatch.referral_made import ReferralMadeV1
from shared.contracts.message import Heard
from shared.entry import Decision


def on_referral_made(order: Order, heard: Heard[ReferralMadeV1]) -> Decision[Order]:
    return noted(order, heard, Progress.DISPATCHED, show=("department", "answer_by", "note"))
