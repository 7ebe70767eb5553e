"""What time does to a call: its end comes → `call_expired`."""

from __future__ import annotations

from datetime import datetime

from services.partners.domain.call import UNTIL, Call
from services.partners.domain.calling import expire
from services.partners.domain.states import CallState
from shared.entry import Decision, decided


def strike(call: Call, name: str, at: datetime) -> Decision[Call]:
    if name == UNTIL and call.state is CallState.OPEN:
        return expire(call, at)
    return decided(call.with_clock(name, None))  # nothing is left for it to do
