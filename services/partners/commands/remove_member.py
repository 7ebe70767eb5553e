"""An owner removes a member or an invitation, or somebody goes."""

from __future__ import annotations

from uuid import UUID

from services.partners.books import Registry
from services.partners.domain import members
from services.partners.domain.partner import Registered
from shared.asked import Asked
from shared.store import Record, retry_lost_races


@retry_lost_races
async def remove_member(id: UUID, person: str, registry: Registry, asked: Asked) -> Record[Registered]:
    """Raises NotFound, NotAMember, NotAnOwner, LastOwner."""
    return await registry.change(
        id, lambda partner: members.remove(partner, person, by=asked.caller, at=asked.now), asked
    )
