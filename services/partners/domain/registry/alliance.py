"""Alliances (红色合伙人聚盟): partners of an area under one name, kept by the staff of that area."""

from __future__ import annotations

from datetime import datetime
from typing import Self
from uuid import UUID

from services.partners.domain.registry.members import must_own
from services.partners.domain.registry.partner import DECIDERS, Change, Registered, with_change
from services.partners.domain.registry.refusals import AllianceFull, AreaNotServed, NotAsking
from services.partners.domain.registry.resource import AreaPath, Name
from shared.caller import Caller, lies_in
from shared.command import Code, Command
from shared.entry import Kept
from shared.problems import NotAllowed

_MOST = 2000  # partners, those who ask included


class PutAlliance(Command):
    """An alliance as it shall be."""

    name: Name
    area: AreaPath
    about: Name | None = None


class AskToJoin(Command):
    """A partner asks to belong to it."""

    partner_id: UUID


class AnswerRequest(Command):
    """The staff of the area say yes or no to a partner that asks."""

    partner_id: UUID
    admit: bool


class Alliance(Kept):
    """As it is kept: readers ignore what they do not know."""

    id: Code
    name: Name
    area: AreaPath
    about: Name | None = None
    partners: tuple[UUID, ...] = ()
    asking: tuple[UUID, ...] = ()
    changes: tuple[Change, ...] = ()

    def noted(self, by: Caller, at: datetime, what: str) -> Self:
        return self.but(changes=with_change(self.changes, by, at, what))


def must_keep(by: Caller, area: str) -> None:
    """Raises NotAllowed."""
    if by.role not in DECIDERS or not by.covers(area):
        raise NotAllowed("The staff of its area do this.")


def keep(before: Alliance | None, id: str, command: PutAlliance, *, by: Caller, at: datetime) -> Alliance:
    """Made, or changed. Who moves it to another area has to be above both."""
    must_keep(by, command.area)
    if before is None:
        return Alliance(id=id, **dict(command)).noted(by, at, "made")
    must_keep(by, before.area)
    after = before.but(**dict(command))
    return before if after == before else after.noted(by, at, "changed")


def ask_to_join(alliance: Alliance, partner: Registered, *, by: Caller, at: datetime) -> Alliance:
    """By an owner, for a partner that may claim and serves something there.

    Raises NotVerified, Suspended, AreaNotServed, AllianceFull.
    """
    must_own(partner, by)
    if partner.id in (*alliance.partners, *alliance.asking):
        return alliance
    partner.must_be_able_to_claim()
    if not partner.serves(alliance.area) and not any(lies_in(area, alliance.area) for area in partner.areas):
        raise AreaNotServed(alliance.area)
    if len(alliance.partners) + len(alliance.asking) >= _MOST:
        raise AllianceFull(most=_MOST)
    return alliance.but(asking=(*alliance.asking, partner.id)).noted(by, at, f"asked:{partner.id}")


def answer_request(alliance: Alliance, command: AnswerRequest, *, by: Caller, at: datetime) -> Alliance:
    must_keep(by, alliance.area)
    if command.admit and command.partner_id in alliance.partners:
        return alliance
    if command.partner_id not in alliance.asking:
        raise NotAsking
    left = alliance.but(asking=_without(alliance.asking, command.partner_id))
    if not command.admit:
        return left.noted(by, at, f"declined:{command.partner_id}")
    return left.but(partners=(*left.partners, command.partner_id)).noted(
        by, at, f"admitted:{command.partner_id}"
    )


def leave(alliance: Alliance, partner: Registered, *, by: Caller, at: datetime) -> Alliance:
    """By an owner of the partner, or by the staff who keep the alliance."""
    if not (by.role in DECIDERS and by.covers(alliance.area)):
        must_own(partner, by)
    if partner.id not in (*alliance.partners, *alliance.asking):
        return alliance
    left = alliance.but(
        partners=_without(alliance.partners, partner.id), asking=_without(alliance.asking, partner.id)
    )
    return left.noted(by, at, f"left:{partner.id}")


def _without(partners: tuple[UUID, ...], gone: UUID) -> tuple[UUID, ...]:
    return tuple([one for one in partners if one != gone])
