"""How one becomes a partner and ceases to be one: applied, verified or refused, suspended, left."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field

from services.partners.domain.registry.members import must_be_of, must_own
from services.partners.domain.registry.partner import (
    Contact,
    Member,
    MemberRole,
    PartnerKind,
    PartnerState,
    Registered,
    Seat,
)
from services.partners.domain.registry.refusals import (
    HoldsClaims,
    OutsideDistrict,
    OwnPartner,
    SuspensionOver,
)
from services.partners.domain.registry.resource import AreaPath, Name
from services.partners.domain.terms import Terms
from services.partners.domain.words import STAYS_WITH_PARTNER
from shared.caller import Caller
from shared.command import Code, Command, Line, Remark, Time
from shared.contracts.called import apart, called
from shared.problems import NotAllowed, NotFound

Reason = Annotated[Remark, Field(min_length=1, description=STAYS_WITH_PARTNER)]


class EditPartner(Command):
    """What its members may change themselves. The contact is shown to them and to the staff that decides alone."""

    about: Name | None = None
    seat: Seat | None = None
    categories: Annotated[tuple[Code, ...], Field(max_length=50)] = ()
    contact: Contact


def _told_apart(name: Name) -> Name:
    """Messages have both languages as one text."""
    if apart(str(name)) != called(name.zh, name.en):
        raise ValueError("zh: no ` / ` in it")
    return name


class ApplyAsPartner(EditPartner):
    """Who wants to be a partner. `areas`: where it serves; `categories`: what it is willing to help with, none: all."""

    kind: PartnerKind
    name: Annotated[Name, AfterValidator(_told_apart)]
    areas: Annotated[tuple[AreaPath, ...], Field(min_length=1, max_length=50)]
    licence: Annotated[Line, Field(max_length=40, description=STAYS_WITH_PARTNER)] | None = None


class RefusePartner(Command):
    """It is not verified, and why."""

    reason: Reason


class SuspendPartner(Command):
    """It may claim nothing, until then or until it is reinstated."""

    reason: Reason
    until: Time | None = None


class LeaveRegistry(Command):
    """The partner goes."""

    reason: Annotated[Remark, Field(description=STAYS_WITH_PARTNER)] = ""


def apply(command: ApplyAsPartner, *, id: UUID, by: Caller, at: datetime, terms: Terms) -> Registered:
    """Whoever applies is its first owner. Raises OutsideDistrict, NoSuchName."""
    _must_lie_in(terms.district, command.areas)
    terms.must_know(command.categories)
    owner = Member(person=by.id, role=MemberRole.OWNER, since=at)
    return Registered(
        id=id, state=PartnerState.APPLIED, members=(owner,), applicant=by.id, **dict(command)
    ).noted(by, at, "applied")


def apply_again(
    partner: Registered, command: ApplyAsPartner, *, by: Caller, at: datetime, terms: Terms
) -> Registered:
    """After a refusal, or after it left; while it waits, what it said can be corrected. Raises OutsideDistrict,
    NoSuchName."""
    must_own(partner, by)
    _must_lie_in(terms.district, command.areas)
    terms.must_know(command.categories)
    after = partner.but(**dict(command))
    if partner.state is PartnerState.APPLIED:
        return partner if after == partner else after.noted(by, at, "corrected")
    return after.moved(PartnerState.APPLIED).but(applicant=by.id).noted(by, at, "applied")


def edit(partner: Registered, command: EditPartner, *, by: Caller, at: datetime, terms: Terms) -> Registered:
    """Raises NoSuchName for a category that it did not have before either."""
    must_be_of(partner, by)
    terms.must_know(set(command.categories) - set(partner.categories))
    after = partner.but(**dict(command))
    return partner if after == partner else after.noted(by, at, "edited")


def verify(partner: Registered, *, by: Caller, at: datetime) -> Registered:
    must_decide(partner, by)
    if partner.state is PartnerState.VERIFIED:
        return partner
    partner.must_be(PartnerState.APPLIED)  # who is suspended is reinstated
    return partner.moved(PartnerState.VERIFIED).noted(by, at, "verified")


def refuse(partner: Registered, command: RefusePartner, *, by: Caller, at: datetime) -> Registered:
    must_decide(partner, by)
    if partner.state is PartnerState.REFUSED and partner.reason == command.reason:
        return partner
    return partner.moved(PartnerState.REFUSED, reason=command.reason).noted(by, at, "refused", command.reason)


def suspend(partner: Registered, command: SuspendPartner, *, by: Caller, at: datetime) -> Registered:
    """What it holds it can finish or give back; it can take nothing more."""
    must_decide(partner, by)
    until = command.until
    if until is not None and until <= at:
        raise SuspensionOver
    if partner.state is PartnerState.SUSPENDED:
        if (partner.reason, partner.suspended_until) == (command.reason, until):
            return partner
        after = partner.but(reason=command.reason, suspended_until=until)
    else:
        after = partner.moved(PartnerState.SUSPENDED, reason=command.reason, until=until)
    return after.noted(by, at, "suspended", command.reason)


def reinstate(partner: Registered, *, by: Caller, at: datetime) -> Registered:
    must_decide(partner, by)
    if partner.state is PartnerState.VERIFIED:
        return partner
    partner.must_be(PartnerState.SUSPENDED)  # who applies is verified
    return _reinstated(partner, by, at)


def end_suspension(partner: Registered, *, by: Caller, at: datetime) -> Registered:
    """What time does: the end that was named has come."""
    if partner.state is not PartnerState.SUSPENDED or not partner.suspended_until:
        return partner
    return partner if at < partner.suspended_until else _reinstated(partner, by, at)


def leave(partner: Registered, command: LeaveRegistry, *, holds: int, by: Caller, at: datetime) -> Registered:
    """`holds`: on how many calls it has something in hand."""
    must_own(partner, by)
    if partner.state is PartnerState.LEFT and partner.reason == command.reason:
        return partner
    if holds:
        raise HoldsClaims(calls=holds)
    return partner.moved(PartnerState.LEFT, reason=command.reason).noted(by, at, "left", command.reason)


def must_decide(partner: Registered, by: Caller) -> None:
    """Raises NotFound for who does not see it, NotAllowed for who may not decide, OwnPartner."""
    if not partner.is_decided_by(by):
        raise NotAllowed if partner.is_public or partner.role_of(by) else NotFound
    if partner.role_of(by):
        raise OwnPartner


def _must_lie_in(district: str, areas: Iterable[str]) -> None:
    """Nobody here could decide about another district's."""
    outside = [area for area in areas if area.partition("/")[0] != district]
    if outside:
        raise OutsideDistrict(outside[0])


def _reinstated(partner: Registered, by: Caller, at: datetime) -> Registered:
    return partner.moved(PartnerState.VERIFIED).noted(by, at, "reinstated")
