"""A member says what else the partner can give."""

from __future__ import annotations

from uuid import UUID

from services.partners.books import Registry
from services.partners.domain import giving
from services.partners.domain.partner import Registered
from services.partners.domain.resource import Resource
from shared.asked import Asked
from shared.store import Record, retry_lost_races


@retry_lost_races
async def add_resource(id: UUID, resource: Resource, registry: Registry, asked: Asked) -> Record[Registered]:
    """Raises NotFound, NotAMember, AreaNotServed, TooManyResources."""
    return await registry.change(
        id, lambda partner: giving.add_resource(partner, resource, by=asked.caller, at=asked.now), asked
    )
