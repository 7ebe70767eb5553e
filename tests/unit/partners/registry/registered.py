"""Partners of the registry in every state, and the people around them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from services.partners.domain.registry.partner import (
    Contact,
    Member,
    MemberRole,
    PartnerKind,
    PartnerState,
    Registered,
)
from services.partners.domain.registry.registering import ApplyAsPartner, apply
from services.partners.domain.registry.resource import Name
from shared.caller import Caller, Role
from tests.unit.partners.given import LATER, NOW, TERMS

ID = UUID("01900000-0000-7000-8000-00000000bbbb")
COMMUNITY_AREA = "370203/370203014/370203014008"
OWNER, MEMBER, STRANGER = (Caller(name, Role.RESIDENT) for name in ("wang", "li", "zhao"))
COMMUNITY = Caller("community-1", Role.COMMUNITY, area=COMMUNITY_AREA)
STREET = Caller("street-1", Role.STREET, area="370203/370203014")
ELSEWHERE = Caller("community-2", Role.COMMUNITY, area="370203/370203015/370203015005")
WORKER = Caller("sun", Role.GRID_WORKER, area="370203/370203014")
END = LATER + timedelta(days=3)


def application(**changes: Any) -> ApplyAsPartner:
    given: dict[str, Any] = {
        "kind": PartnerKind.SHOP,
        "name": Name(zh="五金店"),
        "areas": (COMMUNITY_AREA,),
        "licence": "91370203MA3C",
        "contact": Contact(name="王", telephone="13800000000"),
    }
    return ApplyAsPartner(**{**given, **changes})


def applied() -> Registered:
    return apply(application(), id=ID, by=OWNER, at=NOW, terms=TERMS)


def partner_in(state: PartnerState) -> Registered:
    """With an owner and a member; suspended until `END`."""
    people = (*applied().members, Member(person=MEMBER.id, role=MemberRole.MEMBER, since=NOW))
    until = END if state is PartnerState.SUSPENDED else None
    return applied().but(state=state, members=people, suspended_until=until)
