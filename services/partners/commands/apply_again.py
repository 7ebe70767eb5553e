"""Who was refused, or has left, applies again; what still waits is corrected."""

from __future__ import annotations

from uuid import UUID

from services.partners.books import Registry
from services.partners.domain.registry import registering
from services.partners.domain.registry.partner import Registered
from services.partners.domain.registry.refusals import AlreadyApplied
from services.partners.domain.registry.registering import ApplyAsPartner
from services.partners.domain.terms import Terms
from shared.asked import Asked
from shared.store import Record, retry_lost_races


@retry_lost_races
async def apply_again(
    id: UUID, command: ApplyAsPartner, registry: Registry, terms: Terms, asked: Asked
) -> Record[Registered]:
    """Raises NotFound, NotAMember, NotAnOwner, OutsideDistrict, AlreadyApplied, WrongState."""
    waits = await registry.applied_by(asked.caller.id)
    if waits is not None and waits.value.id != id:
        raise AlreadyApplied(partner_id=waits.value.id)
    return await registry.change(
        id,
        lambda partner: registering.apply_again(partner, command, by=asked.caller, at=asked.now, terms=terms),
        asked,
    )
