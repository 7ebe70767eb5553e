"""A member changes what the partner says of itself."""

from __future__ import annotations

from uuid import UUID

from services.partners.books import Registry
from services.partners.domain import registering
from services.partners.domain.partner import Registered
from services.partners.domain.registering import EditPartner
from shared.asked import Asked
from shared.store import Record, retry_lost_races


@retry_lost_races
async def edit_partner(
    id: UUID, command: EditPartner, registry: Registry, asked: Asked
) -> Record[Registered]:
    """Raises NotFound, NotAMember, Changed."""
    return await registry.change(
        id, lambda partner: registering.edit(partner, command, by=asked.caller, at=asked.now), asked
    )
