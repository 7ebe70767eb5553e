"""Somebody wants to be a partner: the application waits for the staff of its area."""

from __future__ import annotations

from contextlib import suppress
from uuid import UUID, uuid5

from uuid_utils.compat import uuid7

from services.partners.books import Registry
from services.partners.domain import registering
from services.partners.domain.partner import Registered
from services.partners.domain.registering import ApplyAsPartner
from services.partners.domain.registry_refusals import AlreadyApplied
from shared.asked import Asked
from shared.problems import LostRace
from shared.store import Record

_KEYS = UUID("6f9a3a52-6c6e-5d0c-9f6a-5b1f2a3c4d5e")


async def apply_as_partner(command: ApplyAsPartner, registry: Registry, asked: Asked) -> Record[Registered]:
    """With the same key it is the same application. Raises AlreadyApplied."""
    id: UUID = uuid5(_KEYS, f"{asked.key} {asked.fingerprint}") if asked.key else uuid7()
    waits = await registry.applied_by(asked.caller.id)
    if waits is not None:
        if waits.value.id != id:
            raise AlreadyApplied(partner_id=waits.value.id)
        return waits
    with suppress(LostRace):  # the same request, a moment ago
        made = registering.apply(command, id=id, by=asked.caller, at=asked.now)
        return await registry.put(made, asked, on=0)
    return await registry.get(id)
