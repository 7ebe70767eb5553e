"""`intake.order_amended` → its grid is found again, and rules decide again while nobody has it: `dispatch_moved`."""

from __future__ import annotations

from services.dispatch.domain.amending import amend
from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.ground import Ground
from services.dispatch.domain.limits import Limits
from shared.contracts.from_intake.order_amended import OrderAmendedV1
from shared.contracts.message import Heard
from shared.entry import Decision


def on_order_amended(
    dispatch: Dispatch, heard: Heard[OrderAmendedV1], *, ground: Ground, limits: Limits
) -> Decision[Dispatch]:
    return amend(dispatch, heard.data, ground=ground, at=heard.at, limits=limits)
