"""Who can take something on, and with what."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.partners.domain.refusals import NotAPartner
from shared.caller import Caller

AreaPath = Annotated[str, Field(pattern=r"^\d{6}(/\d{9}(/\d{12}(/\d{2})?)?)?$")]
ResourceKind = Literal["funds", "goods", "labour", "venue", "professional_service", "data"]


class PartnerKind(StrEnum):
    """What sort of partner it is."""

    SHOP = "shop"
    COMPANY = "company"
    ORGANISATION = "organisation"
    PROFESSIONAL = "professional"
    PARTY_MEMBER = "party_member"


class Name(BaseModel):
    """A name in Chinese and in English."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    zh: Annotated[str, Field(min_length=1, max_length=100)]
    en: Annotated[str, Field(min_length=1, max_length=100)]

    def __str__(self) -> str:
        return f"{self.zh} / {self.en}"


class Resource(BaseModel):
    """What a partner can give. `quantity` is fen for funds, whole units for everything else."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: ResourceKind
    name: Name
    quantity: Annotated[int, Field(gt=0, le=2**53)]
    unit: Annotated[str, Field(min_length=1, max_length=20)]
    area: AreaPath  # where it is given


class Partner(BaseModel):
    """One partner of the registry. `areas` is where it serves: each path and everything below it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: UUID
    kind: PartnerKind
    name: Name
    areas: Annotated[tuple[AreaPath, ...], Field(min_length=1)]
    resources: tuple[Resource, ...] = ()
    about: Name | None = None


def partner_of(caller: Caller) -> UUID:
    """The partner that a caller acts for. Raises NotAPartner."""
    try:
        return UUID(caller.partner or "")
    except ValueError as error:
        raise NotAPartner from error
