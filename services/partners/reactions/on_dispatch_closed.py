"""`dispatch.dispatch_closed` → what was done is accepted and its claims are fulfilled, or the call is withdrawn."""

from __future__ import annotations

from services.partners.domain.call import Call
from services.partners.domain.calling import close
from shared.contracts.from_dispatch.dispatch_closed import DispatchClosedV1
from shared.contracts.message import Heard
from shared.entry import Decision


def on_dispatch_closed(call: Call, heard: Heard[DispatchClosedV1]) -> Decision[Call]:
    return close(call, outcome=heard.data.outcome, at=heard.at)
