"""What time does: silence climbs the ladder, lateness is noted, a long deadlock is supervised."""

from __future__ import annotations

from datetime import datetime

from services.dispatch.domain.clocks import time_is_up
from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.limits import Limits
from shared.entry import Decision


def strike(dispatch: Dispatch, name: str, at: datetime, *, limits: Limits) -> Decision[Dispatch]:
    return time_is_up(dispatch, name, at=at, limits=limits)
