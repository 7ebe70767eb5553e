"""`intake.order_withdrawn` → work on it stops: `call_withdrawn` when partners have it, `dispatch_closed`."""

from __future__ import annotations

from services.dispatch.domain.closing import close_withdrawn
from services.dispatch.domain.dispatch import Dispatch
from shared.contracts.from_intake.order_withdrawn import OrderWithdrawnV1
from shared.contracts.message import Heard
from shared.entry import Decision


def on_order_withdrawn(dispatch: Dispatch, heard: Heard[OrderWithdrawnV1]) -> Decision[Dispatch]:
    return close_withdrawn(dispatch, heard.data.reason, at=heard.at)
