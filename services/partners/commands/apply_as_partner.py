"""Somebody wants to be a partner: the application waits for the staff of its area."""

from __future__ import annotations

from uuid import UUID, uuid5

from uuid_utils.compat import uuid7

from services.partners.books import Registry
from services.partners.domain.registry import registering
from services.partners.domain.registry.partner import Application, Registered
from services.partners.domain.registry.refusals import AlreadyApplied
from services.partners.domain.registry.registering import ApplyAsPartner
from services.partners.domain.terms import Terms
from shared.asked import Asked
from shared.problems import KeyReused
from shared.store import Record, retry_lost_races

_KEYS = UUID("6f9a3a52-6c6e-5d0c-9f6a-5b1f2a3c4d5e")


@retry_lost_races
async def apply_as_partner(
    command: ApplyAsPartner, registry: Registry, terms: Terms, asked: Asked
) -> Record[Registered]:
    """With the same key it is the same application, answered as it was.

    Raises OutsideDistrict, AlreadyApplied, KeyReused.
    Of two at once by one person the database keeps one; the other reads it when it tries again.
    """
    id: UUID = uuid5(_KEYS, asked.key) if asked.key else uuid7()
    at = asked.now
    known = await registry.known(id) if asked.key else None
    if known is not None:
        if known.application is None or known.application.fingerprint != asked.fingerprint:
            raise KeyReused
        at = known.application.at
    made = registering.apply(command, id=id, by=asked.caller, at=at, terms=terms)
    if known is not None:
        return Record(made, 1)
    waits = await registry.applied_by(asked.caller.id)
    if waits is not None and waits.value.id != id:
        raise AlreadyApplied(partner_id=waits.value.id)
    if asked.key:
        made = made.but(application=Application(fingerprint=asked.fingerprint, at=at))
    return await registry.put(made, asked, on=0)
