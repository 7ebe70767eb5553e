"""The people of a partner: owners invite and remove, whoever is invited accepts or declines."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

from pydantic import AfterValidator, StringConstraints

from services.partners.domain.registry.partner import Home, Invitation, Member, MemberRole, Registered
from services.partners.domain.registry.refusals import (
    InvitationOver,
    LastOwner,
    NotAMember,
    NotAnOwner,
    NotInvited,
    TooManyMembers,
)
from shared.caller import Caller
from shared.command import Command, Time
from shared.contracts.message import names_nobody
from shared.problems import NotFound

Person = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$"), AfterValidator(names_nobody)
]


class InviteMember(Command):
    """Somebody is asked to act for the partner. `until`: when the invitation ends; as set, when none is named."""

    person: Person
    role: MemberRole = MemberRole.MEMBER
    until: Time | None = None


class AnswerInvitation(Command):
    """What the person who is invited says; with its own home the partner cannot claim what that household bears."""

    accept: bool
    home: Home | None = None


class SayHome(Command):
    """Where a member lives, so that the partner cannot claim what that household bears; null: it is not kept."""

    home: Home | None


def must_be_of(partner: Registered, by: Caller) -> MemberRole:
    """Raises NotAMember; NotFound where the partner itself is not for everybody to see."""
    role = partner.role_of(by)
    if role is None:
        raise NotAMember if partner.is_public else NotFound
    return role


def must_own(partner: Registered, by: Caller) -> None:
    if must_be_of(partner, by) is not MemberRole.OWNER:
        raise NotAnOwner


def invite(
    partner: Registered, command: InviteMember, *, by: Caller, at: datetime, good_for: timedelta, most: int
) -> Registered:
    """Who is a member already can be asked to be something else."""
    must_own(partner, by)
    if any((one.person, one.role) == (command.person, command.role) for one in partner.members):
        return partner
    if command.until and command.until <= at:
        raise InvitationOver
    latest = at + good_for
    until = min(command.until, latest) if command.until else latest
    made = Invitation(person=command.person, role=command.role, until=until)
    standing = [one for one in partner.invitations if one.until > at and one.person != command.person]
    before = next((one for one in partner.invitations if one.person == command.person), None)
    if before and before.until > at and before.role is command.role and command.until in (None, before.until):
        return partner
    if len(partner.members) + len(standing) >= most:
        raise TooManyMembers(most=most)
    members = partner.members or (Member(person=by.id, role=MemberRole.OWNER, since=at),)
    return partner.but(members=members, invitations=(*standing, made)).noted(
        by, at, f"invited:{command.person}"
    )


def answer(partner: Registered, command: AnswerInvitation, *, by: Caller, at: datetime) -> Registered:
    """A member from now on, or not. Raises NotInvited, NotFound."""
    mine = next((one for one in partner.invitations if one.person == by.id and one.until > at), None)
    if mine is None:
        if command.accept and any(one.person == by.id for one in partner.members):
            return partner
        raise NotInvited if partner.is_public else NotFound
    without = partner.but(invitations=tuple([one for one in partner.invitations if one is not mine]))
    if not command.accept:
        return without.noted(by, at, "declined")
    others = tuple([one for one in partner.members if one.person != by.id])
    before = next((one.home for one in partner.members if one.person == by.id), None)
    if mine.role is MemberRole.MEMBER:
        _must_leave_an_owner(others, partner)
    member = Member(person=by.id, role=mine.role, since=at, home=command.home or before)
    return without.but(members=(*others, member)).noted(by, at, "joined")


def say_home(partner: Registered, command: SayHome, *, by: Caller) -> Registered:
    """Of oneself alone. The changes do not tell of it: it is shown to nobody else."""
    must_be_of(partner, by)
    mine = next((one for one in partner.members if one.person == by.id), None)
    if mine is None:
        raise NotAMember
    if mine.home == command.home:
        return partner
    said = mine.but(home=command.home)
    return partner.but(members=tuple([said if one is mine else one for one in partner.members]))


def remove(partner: Registered, person: str, *, by: Caller, at: datetime) -> Registered:
    """By an owner, or by the person who goes; an invitation that stands ends, too."""
    role = must_be_of(partner, by)
    if role is not MemberRole.OWNER and person != by.id:
        raise NotAnOwner
    members = tuple([one for one in partner.members if one.person != person])
    invitations = tuple([one for one in partner.invitations if one.person != person])
    if (members, invitations) == (partner.members, partner.invitations):
        return partner
    _must_leave_an_owner(members, partner)
    return partner.but(members=members, invitations=invitations).noted(by, at, f"removed:{person}")


def _must_leave_an_owner(left: tuple[Member, ...], partner: Registered) -> None:
    if partner.members and not any(one.role is MemberRole.OWNER for one in left):
        raise LastOwner
