"""What everybody is shown of the partners, what their members and the staff are shown, and the alliances."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import BaseModel

from services.partners.books import Registry
from services.partners.domain.registry.alliance import Alliance
from services.partners.domain.registry.members import must_be_of
from services.partners.domain.registry.partner import (
    DECIDERS,
    Change,
    Contact,
    Home,
    Invitation,
    MemberRole,
    Partner,
    PartnerState,
    Registered,
)
from services.partners.domain.registry.resource import Name
from shared.caller import Caller
from shared.contracts.called import Called, called
from shared.problems import NotFound
from shared.store import Record, under

_MOST = 500  # alliances in one answer


Names = dict[UUID, Called]
Known = Mapping[UUID, Partner]  # all who may claim, in memory


def names_of(ids: Iterable[UUID | str], known: Known) -> Names:
    """What partners are called, beside their ids. Whoever may not claim now is asked for at `/partners/{id}`."""
    found = dict.fromkeys(one if isinstance(one, UUID) else UUID(one) for one in ids)
    return {id: called(known[id].name.zh, known[id].name.en) for id in found if id in known}


class PartnerPage(BaseModel):
    """A page of partners."""

    items: list[Partner]
    next: str | None


class AllianceName(BaseModel):
    """An alliance by its name."""

    id: str
    name: Name


class PublicPartner(Partner):
    """The public page of a partner: no contact, no licence number, no people."""

    alliances: list[AllianceName]


class MemberOut(BaseModel):
    """Somebody who acts for the partner. Where they live is shown to themselves alone."""

    person: str
    role: MemberRole
    since: datetime


class RegistrationOut(Partner):
    """What its own members see, and the staff that decides. `version` is the ETag; `role`: the caller's own."""

    licence: str | None
    contact: Contact | None
    reason: str
    suspended_until: datetime | None
    members: list[MemberOut]
    invitations: list[Invitation]
    changes: list[Change]
    role: MemberRole | None
    version: int

    @classmethod
    def of(cls, record: Record[Registered], caller: Caller, now: datetime) -> Self:
        """Invitations that have ended are not shown."""
        standing = tuple([one for one in record.value.invitations if one.until > now])
        shown = record.value.but(invitations=standing).model_dump(include=set(cls.model_fields))
        return cls(**shown, role=record.value.role_of(caller), version=record.version)


class MembershipOut(BaseModel):
    """Where somebody is a member, or is invited to be one (`until`: as long as the invitation stands)."""

    partner_id: UUID
    name: Name
    state: PartnerState
    role: MemberRole
    until: datetime | None = None
    home: Home | None = None  # as they said


class MembershipsOut(BaseModel):
    """At most a hundred."""

    items: list[MembershipOut]


class AllianceOut(BaseModel):
    """An alliance and its partners. Those who ask, and the changes, are shown to the staff who keep it.

    `names`: of the partners in it, by id. What areas are called: `GET /api/dispatch/v1/names`.
    """

    id: str
    name: Name
    area: str
    about: Name | None
    partners: list[UUID]
    asking: list[UUID] | None
    changes: list[Change] | None
    version: int
    names: Names = {}

    @classmethod
    def of(cls, record: Record[Alliance], caller: Caller, known: Known) -> Self:
        one = record.value
        keeps = caller.role in DECIDERS and caller.covers(one.area)
        return cls(
            id=one.id,
            name=one.name,
            area=one.area,
            about=one.about,
            partners=list(one.partners),
            asking=list(one.asking) if keeps else None,
            changes=list(one.changes) if keeps else None,
            version=record.version,
            names=names_of((*one.partners, *(one.asking if keeps else ())), known),
        )


class AlliancesOut(BaseModel):
    """At most 500, by id."""

    items: list[AllianceOut]


async def public_partner(registry: Registry, id: UUID) -> PublicPartner:
    """Raises NotFound, also for who is not shown to everybody."""
    partner = (await registry.get(id)).value
    if not partner.is_public:
        raise NotFound
    of = await registry.alliances.find({"value.partners": str(id)}, _MOST)
    alliances = [AllianceName(id=one.value.id, name=one.value.name) for one in of]
    return PublicPartner(**partner.public().model_dump(), alliances=alliances)


async def registration_for(registry: Registry, id: UUID, caller: Caller) -> Record[Registered]:
    """Raises NotFound, NotAMember."""
    record = await registry.get(id)
    if not record.value.is_decided_by(caller):
        must_be_of(record.value, caller)
    return record


async def registrations_in(
    registry: Registry,
    caller: Caller,
    *,
    state: PartnerState,
    area: str | None,
    cursor: str | None,
    limit: int,
) -> PartnerPage:
    """For the staff of an area above, those that they decide about. Raises NotFound."""
    within = area or caller.area
    if within is None or not caller.covers(within):
        raise NotFound
    page = await registry.within(
        within, all_in=caller.area or within, state=state, cursor=cursor, limit=limit
    )
    return PartnerPage(items=list(page.items), next=page.next)


async def memberships_of(registry: Registry, caller: Caller, now: datetime) -> MembershipsOut:
    items = []
    for record in await registry.around(caller.id):
        one = record.value
        mine = [(each.role, None, each.home) for each in one.members if each.person == caller.id]
        asked = [
            (each.role, each.until, None)
            for each in one.invitations
            if each.person == caller.id and each.until > now
        ]
        items += [
            MembershipOut(
                partner_id=one.id, name=one.name, state=one.state, role=role, until=until, home=home
            )
            for role, until, home in (*mine, *asked)
        ]
    return MembershipsOut(items=items)


async def alliances_in(registry: Registry, caller: Caller, area: str | None) -> AlliancesOut:
    found = await registry.alliances.find({"value.area": under(area)} if area else {}, _MOST)
    return AlliancesOut(items=[AllianceOut.of(one, caller, registry.roster.partners) for one in found])
