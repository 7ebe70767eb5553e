"""`partners.change_published` → more is needed than was called for, or for longer."""

from __future__ import annotations

from services.intake.domain.order import Order, noted
from services.intake.domain.timeline import Progress
from shared.contracts.from_partners.change_published import ChangePublishedV1
from shared.contracts.message import Heard
from shared.entry import Decision


def on_change_published(order: Order, heard: Heard[ChangePublishedV1]) -> Decision[Order]:
    progress = Progress.OPEN_TO_PARTNERS if heard.data.reopened else None
    return noted(order, heard, progress, show=("round", "change", "gap", "reopened"))
