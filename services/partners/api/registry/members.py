"""The people of a partner, and what it can give."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Path
from starlette.responses import Response

from services.partners.api.registry.partners import OWN, changed, on_partner
from services.partners.api.router import PARTNER, SignedIn, Uses, router
from services.partners.domain.registry import giving, members
from services.partners.domain.registry.refusals import (
    AreaNotServed,
    InvitationOver,
    LastOwner,
    NotAMember,
    NotInvited,
    TooManyMembers,
    TooManyResources,
)
from services.partners.domain.registry.resource import ResourceIn
from services.partners.queries.registry import MembershipsOut, memberships_of
from shared.http import problems
from shared.problems import Changed, LostRace, NotFound

PersonId = Annotated[members.Person, Path()]
ResourceId = Annotated[str, Path(pattern=r"^[a-z0-9_-]{1,40}$")]
_GIVING = (NotFound, NotAMember, AreaNotServed, Changed, LostRace)


@router.get("/memberships", tags=["registry"])
async def get_memberships(asked: SignedIn, use: Uses) -> MembershipsOut:
    """The partners you belong to, and those that invite you."""
    return await memberships_of(use.registry, asked.caller, asked.now)


@on_partner("/invitations", *OWN, InvitationOver, TooManyMembers)
async def post_invitation(id: UUID, body: members.InviteMember, asked: SignedIn, use: Uses) -> Response:
    """Ask somebody to act for the partner, as an owner or a member; also a member to be the other. For its owners."""
    return await changed(
        use,
        id,
        asked,
        lambda it: members.invite(
            it,
            body,
            by=asked.caller,
            at=asked.now,
            good_for=use.terms.invitation_good_for,
            most=use.terms.members_most,
        ),
    )


@router.post(
    PARTNER + "/invitations/answer",
    tags=["registry"],
    status_code=204,
    responses=problems(NotFound, NotInvited, LastOwner, LostRace),
)
async def post_invitation_answer(
    id: UUID, body: members.AnswerInvitation, asked: SignedIn, use: Uses
) -> Response:
    """Accept or decline an invitation of yours."""
    await use.registry.change(id, lambda it: members.answer(it, body, by=asked.caller, at=asked.now), asked)
    return Response(status_code=204)


@router.put(
    PARTNER + "/home",
    tags=["registry"],
    status_code=204,
    responses=problems(NotFound, NotAMember, Changed, LostRace),
)
async def put_home(id: UUID, body: members.SayHome, asked: SignedIn, use: Uses) -> Response:
    """Say where you live, as a member: the partner cannot claim what your household bears. `GET /memberships` shows it
    to you, and nobody else sees it."""
    await use.registry.change(id, lambda it: members.say_home(it, body, by=asked.caller), asked)
    return Response(status_code=204)


@router.delete(
    PARTNER + "/members/{person}", tags=["registry"], status_code=204, responses=problems(*OWN, LastOwner)
)
async def delete_member(id: UUID, person: PersonId, asked: SignedIn, use: Uses) -> Response:
    """Somebody acts for the partner no more, or is invited no more. For its owners, and for whoever goes."""
    await use.registry.change(id, lambda it: members.remove(it, person, by=asked.caller, at=asked.now), asked)
    return Response(status_code=204)


@on_partner("/resources", *_GIVING, TooManyResources)
async def post_resource(id: UUID, body: ResourceIn, asked: SignedIn, use: Uses) -> Response:
    """Say what else the partner can give. It gets an id of its own. For its members."""
    return await changed(
        use, id, asked, lambda it: giving.add_resource(it, body.kept(), by=asked.caller, at=asked.now)
    )


@on_partner("/resources/{resource_id}", *_GIVING, method="PUT")
async def put_resource(
    id: UUID, resource_id: ResourceId, body: ResourceIn, asked: SignedIn, use: Uses
) -> Response:
    """Change it. A quantity may become less than what is promised: then nothing is free. For its members."""
    return await changed(
        use,
        id,
        asked,
        lambda it: giving.change_resource(it, resource_id, body.kept(), by=asked.caller, at=asked.now),
    )


@on_partner("/resources/{resource_id}", NotFound, NotAMember, Changed, LostRace, method="DELETE")
async def delete_resource(id: UUID, resource_id: ResourceId, asked: SignedIn, use: Uses) -> Response:
    """It is not offered any more. What was promised of it stays promised. For its members."""
    return await changed(
        use, id, asked, lambda it: giving.withdraw_resource(it, resource_id, by=asked.caller, at=asked.now)
    )
