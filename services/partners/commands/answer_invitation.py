"""Somebody who is invited becomes a member, or does not."""

from __future__ import annotations

from uuid import UUID

from services.partners.books import Registry
from services.partners.domain import members
from services.partners.domain.members import AnswerInvitation
from services.partners.domain.partner import Registered
from shared.asked import Asked
from shared.store import Record, retry_lost_races


@retry_lost_races
async def answer_invitation(
    id: UUID, command: AnswerInvitation, registry: Registry, asked: Asked
) -> Record[Registered]:
    """Raises NotFound, NotInvited, LastOwner."""
    return await registry.change(
        id, lambda partner: members.answer(partner, command, by=asked.caller, at=asked.now), asked
    )
