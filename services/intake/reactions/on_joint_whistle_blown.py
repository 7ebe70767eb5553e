"""`dispatch.joint_whistle_blown` → residents see which units are called, and until when each must answer."""

from __future__ import annotations

from services.intake.domain.order import Order, noted
from services.intake.domain.timeline import Progress
from shared.contracts.from_dispatch.joint_whistle_blown import JointWhistleBlownV1
from shared.contracts.message import Heard
from shared.entry import Decision


def on_joint_whistle_blown(order: Order, heard: Heard[JointWhistleBlownV1]) -> Decision[Order]:
    return noted(order, heard, Progress.WHISTLED, show=("from_level", "units", "note"))
