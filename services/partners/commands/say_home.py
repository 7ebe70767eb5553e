"""A member says where it lives."""

from __future__ import annotations

from uuid import UUID

from services.partners.books import Registry
from services.partners.domain import members
from services.partners.domain.members import SayHome
from services.partners.domain.partner import Registered
from shared.asked import Asked
from shared.store import Record, retry_lost_races


@retry_lost_races
async def say_home(id: UUID, command: SayHome, registry: Registry, asked: Asked) -> Record[Registered]:
    """Raises NotFound, NotAMember."""
    return await registry.change(
        id, lambda partner: members.say_home(partner, command, by=asked.caller), asked
    )
