"""Staff of its area let a suspended partner claim again."""

from __future__ import annotations

from uuid import UUID

from services.partners.books import Registry
from services.partners.domain import registering
from services.partners.domain.partner import Registered
from shared.asked import Asked
from shared.store import Record, retry_lost_races


@retry_lost_races
async def reinstate_partner(id: UUID, registry: Registry, asked: Asked) -> Record[Registered]:
    """Raises NotFound, NotAllowed, OwnPartner, WrongState."""
    return await registry.change(
        id, lambda partner: registering.reinstate(partner, by=asked.caller, at=asked.now), asked
    )
