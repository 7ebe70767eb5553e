"""An owner asks somebody to act for the partner."""

from __future__ import annotations

from uuid import UUID

from services.partners.books import Registry
from services.partners.domain import members
from services.partners.domain.members import InviteMember
from services.partners.domain.partner import Registered
from services.partners.domain.terms import Terms
from shared.asked import Asked
from shared.store import Record, retry_lost_races


@retry_lost_races
async def invite_member(
    id: UUID, command: InviteMember, registry: Registry, terms: Terms, asked: Asked
) -> Record[Registered]:
    """Raises NotFound, NotAMember, NotAnOwner, InvitationOver, TooManyMembers."""

    def invited(partner: Registered) -> Registered:
        return members.invite(
            partner,
            command,
            by=asked.caller,
            at=asked.now,
            good_for=terms.invitation_good_for,
            most=terms.members_most,
        )

    return await registry.change(id, invited, asked)
