"""Who can take something on, and with what."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from services.partners.domain.refusals import NotAPartner
from services.partners.domain.resource import AreaPath, Name, Resource
from shared.caller import Caller
from shared.command import Code

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


class PartnerKind(StrEnum):
    """What sort of partner it is."""

    SHOP = "shop"
    COMPANY = "company"
    ORGANISATION = "organisation"
    PROFESSIONAL = "professional"
    PARTY_MEMBER = "party_member"


class PartnerState(StrEnum):
    """Where a partner stands with the registry. Only who is verified may claim."""

    APPLIED = "applied"
    VERIFIED = "verified"
    REFUSED = "refused"
    SUSPENDED = "suspended"
    LEFT = "left"


class Seat(BaseModel):
    """Where a partner sits, WGS-84 in degrees."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    longitude: Annotated[float, Field(ge=-180, le=180)]
    latitude: Annotated[float, Field(ge=-90, le=90)]


def _with_ids(resources: tuple[Resource, ...]) -> tuple[Resource, ...]:
    """Each has an id of its own; those without one get it by their order."""
    named = tuple(
        one if one.id else one.model_copy(update={"id": f"r{n}"}) for n, one in enumerate(resources, 1)
    )
    if len({one.id for one in named}) < len(named):
        raise ValueError("two resources have the same id")
    return named


class Partner(BaseModel):
    """What the public may know of a partner of the registry. `areas`: where it serves, each path and all below it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: UUID
    kind: PartnerKind
    name: Name
    areas: Annotated[tuple[AreaPath, ...], Field(min_length=1, max_length=50)]
    resources: Annotated[tuple[Resource, ...], Field(max_length=200), AfterValidator(_with_ids)] = ()
    about: Name | None = None
    seat: Seat | None = None
    categories: Annotated[
        tuple[Code, ...], Field(max_length=50)
    ] = ()  # it is willing to help with; none: with all
    state: PartnerState = PartnerState.VERIFIED

    def but(self, **changes: Any) -> Self:
        return self.model_copy(update=changes)

    @property
    def may_claim(self) -> bool:
        return self.state is PartnerState.VERIFIED


class Registered(Partner):
    """A partner as the registry keeps it: readers ignore what they do not know."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    changed_at: datetime = _LONG_AGO  # by the database's clock

    def public(self) -> Partner:
        return Partner.model_validate(self.model_dump(include=set(Partner.model_fields)))


def partner_of(caller: Caller) -> UUID:
    """The partner that a caller acts for. Raises NotAPartner."""
    try:
        return UUID(caller.partner or "")
    except ValueError as error:
        raise NotAPartner from error
