"""By another calendar what is open is counted anew, some at a time → `end_moved` where the whole ends elsewhen."""

from __future__ import annotations

import asyncio
from uuid import UUID

from services.dispatch.domain.clocks.changed_calendar import by_calendar
from services.dispatch.domain.clocks.limits import Limits
from services.dispatch.store import Dispatches
from shared.asked import Asked
from shared.caller import system
from shared.store import Database, retry_lost_races
from shared.telemetry import trace_from

_AT_ONCE = 100
_NOTE = "calendar"  # by which of them all that is open was counted last


async def apply_calendar(area: str, dispatches: Dispatches, database: Database, limits: Limits) -> int:
    """How many were looked at. What breaks off is begun again: counting twice counts once."""
    known = {"fingerprint": limits.calendar.fingerprint}
    if await database.recall(_NOTE) == known:
        return 0
    asked = Asked(system("calendar"), database.now(), trace_from(None), cause="calendar")
    looked, cursor = 0, None
    while True:
        batch = await dispatches.open_under(area, cursor=cursor, limit=_AT_ONCE)
        await asyncio.gather(*(_count_one_anew(row["_id"], dispatches, limits, asked) for row in batch.items))
        looked, cursor = looked + len(batch.items), batch.next
        if cursor is None:
            break
    await database.remember(_NOTE, known)
    return looked


@retry_lost_races
async def _count_one_anew(id: UUID, dispatches: Dispatches, limits: Limits, asked: Asked) -> None:
    entry = await dispatches.peek(id)
    await dispatches.save(entry, by_calendar(entry.state, limits=limits), asked)
