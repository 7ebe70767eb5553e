"""A partner leaves the registry, once it has nothing in hand, and with it the alliances it belongs to."""

from __future__ import annotations

from uuid import UUID

from services.partners.books import Registry
from services.partners.domain.registry import alliance, registering
from services.partners.domain.registry.partner import Registered
from services.partners.domain.registry.registering import LeaveRegistry
from services.partners.store import Calls
from shared.asked import Asked
from shared.store import Record, retry_lost_races


@retry_lost_races
async def leave_registry(
    id: UUID, command: LeaveRegistry, calls: Calls, registry: Registry, asked: Asked
) -> Record[Registered]:
    """Raises NotFound, NotAMember, NotAnOwner, HoldsClaims, WrongState."""
    holds = await calls.held_number(id)
    left = await registry.change(
        id,
        lambda partner: registering.leave(partner, command, holds=holds, by=asked.caller, at=asked.now),
        asked,
    )
    for before, on in await registry.alliances_of(id):
        after = alliance.leave(before, left.value, by=asked.caller, at=asked.now)
        await registry.alliances.put(before.id, after, on=on)
    return left
