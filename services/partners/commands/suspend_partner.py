"""Staff of its area suspend a partner, with a reason and perhaps an end."""

from __future__ import annotations

from uuid import UUID

from services.partners.books import Registry
from services.partners.domain import registering
from services.partners.domain.partner import Registered
from services.partners.domain.registering import SuspendPartner
from shared.asked import Asked
from shared.store import Record, retry_lost_races


@retry_lost_races
async def suspend_partner(
    id: UUID, command: SuspendPartner, registry: Registry, asked: Asked
) -> Record[Registered]:
    """Raises NotFound, NotAllowed, OwnPartner, SuspensionOver, WrongState."""
    return await registry.change(
        id, lambda partner: registering.suspend(partner, command, by=asked.caller, at=asked.now), asked
    )
