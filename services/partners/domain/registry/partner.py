"""Who can take something on, and with what."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints

from services.partners.domain.registry.refusals import NotAPartner, NotVerified, Suspended
from services.partners.domain.registry.resource import AreaPath, Name, Resource
from services.partners.domain.words import STAYS_WITH_PARTNER
from shared.caller import Caller, Role, lies_in
from shared.command import Code, Line
from shared.contracts.message import Part, names_nobody
from shared.entry import Kept
from shared.problems import WrongState

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_CHANGES_KEPT = 200
_STANDS = ("applied", "verified", "suspended", "reinstated")  # changes that say where it stood before it left
_GONE: dict[str, Any] = {"resources": (), "about": None, "seat": None, "categories": ()}
DECIDERS = (Role.COMMUNITY, Role.STREET, Role.DISTRICT)


class PartnerKind(StrEnum):
    """What sort of partner it is."""

    SHOP = "shop"
    COMPANY = "company"
    ORGANISATION = "organisation"
    PROFESSIONAL = "professional"
    PARTY_MEMBER = "party_member"


class PartnerState(StrEnum):
    """Where a partner stands with the registry. Only who is verified may claim."""

    APPLIED = "applied"  # waits for the staff of its area
    VERIFIED = "verified"
    REFUSED = "refused"  # with a reason; it may apply again
    SUSPENDED = "suspended"  # with a reason, and an end if one was named
    LEFT = "left"  # by its own will; it may apply again


# Who suspends a partner takes nothing from it: what it holds it can finish or give back.
NEXT: dict[PartnerState, frozenset[PartnerState]] = {
    PartnerState.APPLIED: frozenset({PartnerState.VERIFIED, PartnerState.REFUSED, PartnerState.LEFT}),
    PartnerState.VERIFIED: frozenset({PartnerState.SUSPENDED, PartnerState.LEFT}),
    PartnerState.REFUSED: frozenset({PartnerState.APPLIED}),
    PartnerState.SUSPENDED: frozenset({PartnerState.VERIFIED, PartnerState.LEFT}),
    PartnerState.LEFT: frozenset({PartnerState.APPLIED}),
}


class Seat(Part):
    """Where a partner sits, WGS-84 in degrees."""

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


class Partner(Part):
    """What the public may know of a partner of the registry. `areas`: where it serves, each path and all below it."""

    id: UUID
    kind: PartnerKind
    name: Name
    areas: Annotated[tuple[AreaPath, ...], Field(min_length=1, max_length=50)]
    resources: Annotated[tuple[Resource, ...], Field(max_length=200), AfterValidator(_with_ids)] = ()
    about: Name | None = None
    seat: Seat | None = None
    # it is willing to help with; none: with all
    categories: Annotated[tuple[Code, ...], Field(max_length=50)] = ()
    state: PartnerState = PartnerState.VERIFIED

    def but(self, **changes: Any) -> Self:
        return self.model_copy(update=changes)

    @property
    def may_claim(self) -> bool:
        return self.state is PartnerState.VERIFIED

    def must_be_able_to_claim(self) -> None:
        """Raises NotVerified, Suspended."""
        if self.state is PartnerState.SUSPENDED:
            raise Suspended
        if not self.may_claim:
            raise NotVerified(f"it is {self.state.value}")

    def serves(self, area: str) -> bool:
        return any(lies_in(area, own) for own in self.areas)


class MemberRole(StrEnum):
    """An owner invites and removes, and can leave the registry for the partner; both act for it."""

    OWNER = "owner"
    MEMBER = "member"


class Home(Kept):
    """A flat, as rounds of deliberation name it, in an area or in anything below it."""

    area: AreaPath
    household: Annotated[str, StringConstraints(pattern=r"^[\w-]{1,20}$"), AfterValidator(names_nobody)]


class Member(Kept):
    """`person` is the id in their token. `home` is read by the rule about one's own matter; nobody else sees it."""

    person: str
    role: MemberRole
    since: datetime
    home: Home | None = None


class Invitation(Kept):
    """Good until then, once."""

    person: str
    role: MemberRole
    until: datetime


class Contact(Part):
    """Whom to call. Personal: for its own members and the staff that decides, and in no event, list or log."""

    name: Annotated[Line, Field(max_length=100, description=STAYS_WITH_PARTNER)]
    telephone: Annotated[str, StringConstraints(pattern=r"^\+?[0-9][0-9 -]{2,18}[0-9]$")]


class Application(Kept):
    """The request that made a partner: a repetition of it is answered as it was."""

    fingerprint: str
    at: datetime


class Change(Kept):
    """Who did what, and when: never more than codes, ids, and words without numbers of people."""

    at: datetime
    role: str
    by: str
    what: str
    note: str = ""


def with_change(
    changes: tuple[Change, ...], by: Caller, at: datetime, what: str, note: str = ""
) -> tuple[Change, ...]:
    """The latest changes, oldest first."""
    made = Change(at=at, role=by.role.value, by=by.id, what=what, note=note)
    return (*changes, made)[-_CHANGES_KEPT:]


class Registered(Partner):
    """A partner as the registry keeps it: readers ignore what they do not know, and no error shows what is kept."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    licence: str | None = None
    contact: Contact | None = None
    applicant: str = ""  # who applied last: of one person, one application waits
    application: Application | None = None  # the first; None: without a key, or made before this was kept
    reason: str = ""  # why it was refused or suspended, or left
    suspended_until: datetime | None = None
    members: tuple[Member, ...] = ()
    invitations: tuple[Invitation, ...] = ()
    resources_made: int = 0  # ever, so that no id comes twice
    withdrew: tuple[str, ...] = ()  # what it once said it had, the latest
    changes: tuple[Change, ...] = ()
    changed_at: datetime = _LONG_AGO  # by the database's clock

    @property
    def is_public(self) -> bool:
        """Whose application waits, was refused or taken back is shown to its own members and the staff that decides."""
        if self.state is not PartnerState.LEFT:
            return self.may_claim or self.state is PartnerState.SUSPENDED
        stood = (one.what for one in reversed(self.changes) if one.what in _STANDS)
        return next(stood, "verified") != "applied"  # those of the file were never asked

    def public(self) -> Partner:
        """Who has left keeps the name that histories know."""
        shown = self.model_dump(include=set(Partner.model_fields))
        gone = _GONE if self.state is PartnerState.LEFT else {}
        return Partner.model_validate({**shown, **gone})

    def noted(self, by: Caller, at: datetime, what: str, note: str = "") -> Self:
        return self.but(changes=with_change(self.changes, by, at, what, note))

    def must_be(self, *allowed: PartnerState) -> None:
        if self.state not in allowed:
            raise WrongState(f"the partner is {self.state.value}", state=self.state.value)

    def moved(self, to: PartnerState, *, reason: str = "", until: datetime | None = None) -> Self:
        """In another state. The one place that checks the table."""
        self.must_be(*[state for state in NEXT if to in NEXT[state]])
        return self.but(state=to, reason=reason, suspended_until=until)

    def role_of(self, by: Caller) -> MemberRole | None:
        """What somebody is here. Of a partner that named no members, whoever's token says so is an owner."""
        if not self.members:
            return MemberRole.OWNER if by.partner == str(self.id) else None
        return next((one.role for one in self.members if one.person == by.id), None)

    def is_decided_by(self, by: Caller) -> bool:
        """Staff of a community or above, whose area has all of the partner's: nobody decides for others."""
        return by.role in DECIDERS and all(by.covers(area) for area in self.areas)


def partner_of(caller: Caller) -> UUID:
    """The partner that a caller acts for. Raises NotAPartner."""
    try:
        return UUID(caller.partner or "")
    except ValueError as error:
        raise NotAPartner from error


def must_act_for(members: Iterable[str], caller: Caller) -> None:
    """The token names the partner, and a partner with members is served by them alone. Raises NotAPartner."""
    people = frozenset(members)
    if people and caller.id not in people:
        raise NotAPartner("You are not one of its members.")
