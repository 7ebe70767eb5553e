"""The staff of its area end an alliance that no partner belongs to any more."""

from __future__ import annotations

from services.partners.books import Registry
from services.partners.domain.registry.alliance import must_keep
from services.partners.domain.registry.refusals import AllianceInUse
from shared.asked import Asked
from shared.store import retry_lost_races


@retry_lost_races
async def end_alliance(id: str, registry: Registry, asked: Asked) -> None:
    """Raises NotFound, NotAllowed, AllianceInUse, Changed."""
    alliance, on = await registry.alliances.get(id)
    must_keep(asked.caller, alliance.area)
    asked.must_expect(on)
    if alliance.partners:
        raise AllianceInUse(partners=len(alliance.partners))
    await registry.alliances.delete(id, on=on)
