"""A member takes back what the partner could give."""

from __future__ import annotations

from uuid import UUID

from services.partners.books import Registry
from services.partners.domain import giving
from services.partners.domain.partner import Registered
from shared.asked import Asked
from shared.store import Record, retry_lost_races


@retry_lost_races
async def withdraw_resource(
    id: UUID, resource_id: str, registry: Registry, asked: Asked
) -> Record[Registered]:
    """Raises NotFound, NotAMember."""
    return await registry.change(
        id,
        lambda partner: giving.withdraw_resource(partner, resource_id, by=asked.caller, at=asked.now),
        asked,
    )
