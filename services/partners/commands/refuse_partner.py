"""Staff of its area do not verify who applied, and say why."""

from __future__ import annotations

from uuid import UUID

from services.partners.books import Registry
from services.partners.domain import registering
from services.partners.domain.partner import Registered
from services.partners.domain.registering import RefusePartner
from shared.asked import Asked
from shared.store import Record, retry_lost_races


@retry_lost_races
async def refuse_partner(
    id: UUID, command: RefusePartner, registry: Registry, asked: Asked
) -> Record[Registered]:
    """Raises NotFound, NotAllowed, OwnPartner, WrongState."""
    return await registry.change(
        id, lambda partner: registering.refuse(partner, command, by=asked.caller, at=asked.now), asked
    )
