"""`dispatch.referral_answered` → the department takes it up, or refuses with a reason."""

from __future__ import annotations

from services.intake.domain.order import Order, noted
from services.intake.domain.timeline import Progress
from shared.contracts.from_dispatch.referral_answered import ReferralAnsweredV1
from shared.contracts.message import Heard
from shared.entry import Decision


def on_referral_answered(order: Order, heard: Heard[ReferralAnsweredV1]) -> Decision[Order]:
    progress = Progress.IN_WORK if heard.data.accepted else Progress.DISPATCHED
    return noted(order, heard, progress, show=("department", "accepted", "reason", "rule", "refusals"))
