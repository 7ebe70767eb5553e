"""A partner asks to belong to an alliance."""

from __future__ import annotations

from uuid import UUID

from services.partners.books import Registry
from services.partners.domain import alliance
from services.partners.domain.alliance import Alliance
from shared.asked import Asked
from shared.store import Record, retry_lost_races


@retry_lost_races
async def join_alliance(id: str, partner_id: UUID, registry: Registry, asked: Asked) -> Record[Alliance]:
    """Raises NotFound, NotAMember, NotAnOwner, NotVerified, Suspended, AreaNotServed, AllianceFull."""
    partner = (await registry.get(partner_id)).value
    before = await registry.alliances.get(id)
    after = alliance.ask_to_join(before.value, partner, by=asked.caller, at=asked.now)
    if after is before.value:
        return before
    return await registry.alliances.put(id, after, on=before.version)
