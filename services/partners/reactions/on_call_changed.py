"""`dispatch.call_changed` → the need stands on the board as it is now → `change_published`."""

from __future__ import annotations

from services.partners.domain.call import Call
from services.partners.domain.calling import change
from services.partners.domain.terms import Terms
from shared.contracts.from_dispatch.call_changed import CallChangedV1
from shared.contracts.message import Heard
from shared.entry import Decision


def on_call_changed(call: Call, heard: Heard[CallChangedV1], *, terms: Terms) -> Decision[Call]:
    return change(call, heard.data, at=heard.at, terms=terms)
