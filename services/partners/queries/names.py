"""What partners are called, beside answers that show their ids. All who may claim are in memory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from uuid import UUID

from services.partners.domain.registry.partner import Partner
from shared.contracts.called import Called, called

Names = dict[UUID, Called]
Known = Mapping[UUID, Partner]


def names_of(ids: Iterable[UUID | str], known: Known) -> Names:
    """By id, of those who may claim now; everybody else is asked for at `/partners/{id}`."""
    found = dict.fromkeys(one if isinstance(one, UUID) else UUID(one) for one in ids)
    return {id: called(known[id].name.zh, known[id].name.en) for id in found if id in known}
