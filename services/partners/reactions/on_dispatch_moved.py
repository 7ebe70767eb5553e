"""`dispatch.dispatch_moved` → a call that there is lies in another area; one to come will say where."""

from __future__ import annotations

from services.partners.domain.call import Call
from shared.contracts.from_dispatch.dispatch_moved import DispatchMovedV1
from shared.contracts.message import Heard
from shared.entry import Decision, decided, unchanged


def on_dispatch_moved(call: Call, heard: Heard[DispatchMovedV1]) -> Decision[Call]:
    return decided(call.but(area=heard.data.area)) if call.area else unchanged(call)
