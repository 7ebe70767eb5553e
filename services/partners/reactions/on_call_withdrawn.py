"""`dispatch.call_withdrawn` → nobody can take it any more, and whoever had a part of it is free."""

from __future__ import annotations

from services.partners.domain.call import Call
from services.partners.domain.calling import withdraw
from shared.contracts.from_dispatch.call_withdrawn import CallWithdrawnV1
from shared.contracts.message import Heard
from shared.entry import Decision


def on_call_withdrawn(call: Call, heard: Heard[CallWithdrawnV1]) -> Decision[Call]:
    return withdraw(call, round=heard.data.round, at=heard.at)
