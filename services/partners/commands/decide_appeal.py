"""The street or the district decides an appeal of a partner: upheld, it counts no more."""

from __future__ import annotations

from uuid import UUID

from services.partners.books import Registry
from services.partners.domain import appeals
from services.partners.domain.appeals import DecideAppeal
from services.partners.domain.call import Call
from services.partners.store import Calls
from shared.asked import Asked
from shared.entry import Entry
from shared.store import retry_lost_races


@retry_lost_races
async def decide_appeal(
    order_id: UUID,
    appeal_id: UUID,
    command: DecideAppeal,
    calls: Calls,
    registry: Registry,
    asked: Asked,
) -> Entry[Call]:
    """Raises NotFound, NotAllowed, OwnPartner, AppealDecided."""
    entry = await calls.load(order_id, asked)
    decision = appeals.decide_appeal(
        entry.state, appeal_id, command, by=asked.caller, at=asked.now, people_of=registry.people_of
    )
    return await calls.save(entry, decision, asked)
