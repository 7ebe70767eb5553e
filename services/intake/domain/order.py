"""An order: what a resident said is wrong or missing, and what has become of it. Pure rules."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints

from services.intake.domain.category import Category, Urgency
from services.intake.domain.outline import Outline
from services.intake.domain.timeline import Funding, Line, Look, Progress, Question, Reopening
from shared.caller import STAFF, By, Caller, Role
from shared.command import READ_AT_WORK, STAYS_WITH_STAFF, Code, Command, Note, Prose
from shared.command import Line as Text
from shared.contracts.from_intake import (
    OrderPlacedV2,
    OrderReopenedV1,
    OrderWithdrawnV1,
)
from shared.contracts.from_intake.orders import Place
from shared.contracts.message import Message, copied, mask, names_nobody
from shared.entry import Decision, Kept, State, decided, unchanged
from shared.problems import NotAllowed, NotFound, RuleBroken, WrongState


class Kind(StrEnum):
    PROBLEM = "problem"
    NEED = "need"
    SUGGESTION = "suggestion"


class Channel(StrEnum):
    """The way an order came in."""

    APP = "app"
    BUILDING_LEADER = "building_leader"
    GRID_WORKER = "grid_worker"
    HOTLINE = "hotline"
    OPEN311 = "open311"
    IMPORT = "import"


# Who takes orders on which channel; the first is meant when none is named.
CHANNELS: Mapping[Role, tuple[Channel, ...]] = {
    Role.RESIDENT: (Channel.APP,),
    Role.BUILDING_LEADER: (Channel.BUILDING_LEADER, Channel.APP),
    Role.GRID_WORKER: (Channel.GRID_WORKER,),
    Role.COMMUNITY: (Channel.HOTLINE,),
    Role.STREET: (Channel.HOTLINE,),
    Role.DISTRICT: (Channel.HOTLINE,),
    Role.OPERATOR: (Channel.HOTLINE, Channel.OPEN311, Channel.IMPORT),
}

# Whose words may be a title.
WRITES_TITLES = (*STAFF, Role.OPERATOR)
BROUGHT = (Channel.OPEN311, Channel.IMPORT)  # here it is the words of others, whoever brings them

# What people may do to an order; every other move is heard from the other lists (bus.py).
NEXT: Mapping[Progress, frozenset[Progress]] = {
    progress: frozenset()
    if progress in (Progress.WITHDRAWN, Progress.CLOSED)
    else frozenset({Progress.WITHDRAWN})
    for progress in Progress
}


class OutsideJurisdiction(RuleBroken):
    """The place lies outside the area that this office answers for."""


class UnknownCategory(RuleBroken):
    """There is no such category."""


class ChannelNotYours(NotAllowed):
    """Your role does not take orders on this channel."""


class ForWhomMissing(RuleBroken):
    """Whoever orders for somebody else says for whom.

    `ordered_for` is somebody else's account; of somebody without one, `contact` says how to reach them.
    """


class OnlyForYourself(NotAllowed):
    """On this channel you order for yourself only."""


class NotYourOrder(NotAllowed):
    """Only the one who placed the order, or for whom it was placed, may do this."""


class SayWhyWithdrawn(RuleBroken):
    """For somebody else it is withdrawn with a reason."""


class OrderClosed(WrongState):
    """The order is closed."""


Title = Annotated[Text, AfterValidator(mask)]

PersonId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$"), AfterValidator(names_nobody)]


class Contact(Kept):
    """How to reach the resident. It stays in intake."""

    name: Annotated[Text, Field(description=READ_AT_WORK)]
    phone: Annotated[str, StringConstraints(pattern=r"^\+?[0-9][0-9 -]{3,18}[0-9]$")]


class StaffNote(Kept):
    """A word beside a correction that stays with the staff of the area."""

    at: datetime
    by: str
    text: str


class WhereIn(Command):
    """A point, WGS-84 in degrees, and the address as people say it."""

    longitude: Annotated[float, Field(ge=-180, le=180)]
    latitude: Annotated[float, Field(ge=-90, le=90)]
    address: Annotated[Note, Field(description=READ_AT_WORK)] = ""


class ContactIn(Contact, Command):
    """How to reach the resident; seen by them, by the staff of the area, and by whoever has the work as long as they
    have it. Who looked stands on the order."""


_TITLE = (
    f"{READ_AT_WORK} What staff write, but of orders that others brought, is the title that everybody reads."
)


class PlaceOrder(Command):
    """What is wrong or missing, and where.

    Who has no account is named by `contact`, on every channel but the app's.
    """

    kind: Kind = Kind.PROBLEM
    category: Code
    title: Annotated[Text | None, Field(description=_TITLE)] = None
    text: Annotated[Prose, Field(description=READ_AT_WORK)]
    place: WhereIn
    urgency: Urgency | None = None  # that of the category
    channel: Channel | None = None  # that of the caller's role
    ordered_for: PersonId | None = None
    contact: ContactIn | None = None
    # to the category's questions, by their codes
    answers: Annotated[Mapping[Code, Note], Field(max_length=20)] = {}


class WithdrawOrder(Command):
    reason: Annotated[Note, Field(description=f"{STAYS_WITH_STAFF} You read it too.")] = ""


class Order(State):
    """One order. `text`, `subject`, `contact`, `answers` and what else a resident wrote are private: no message, no log
    and no stranger's view has them. Who has the work reads what it needs (hands.py)."""

    kind: str = ""
    category: str = ""
    title: str = ""
    text: str = ""
    subject: str = ""  # what the resident called it
    contact: Contact | None = None
    answers: Mapping[str, str] = Field(default_factory=dict)
    place: Place | None = None
    urgency: str = ""
    urgency_set: bool = False  # by the staff: it follows no category any more
    channel: str = ""
    placed_by: By | None = None
    ordered_for: str | None = None
    owners: tuple[
        str, ...
    ] = ()  # ids of those whose order it is: for whom it was placed, and who placed it in person
    placed_at: datetime | None = None
    area: str = ""  # the whole jurisdiction until dispatch has found the grid
    progress: Progress = Progress.PLACED
    moved_at: datetime = datetime.fromtimestamp(0, UTC)  # when it came to this progress
    timeline: tuple[Line, ...] = ()
    funding: Funding = Field(default_factory=Funding)
    questions: tuple[Question, ...] = ()
    withdrawn_because: str = ""
    original: UUID | None = None  # the order that it repeats, as dispatch says: it is followed there
    outcome: str | None = None
    closed_at: datetime | None = None
    notes: tuple[StaffNote, ...] = ()  # oldest first; in no message
    reopenings: tuple[Reopening, ...] = ()
    reopened: tuple[datetime, ...] = ()  # as the lines say; their progress begins anew with each
    claimants: Mapping[str, str] = Field(
        default_factory=dict
    )  # ids of partners, by claim; some hold it no more
    looks: tuple[Look, ...] = ()  # who read what is private, oldest first
    looks_before: int = 0  # how many there were before those

    @property
    def is_of_nobody(self) -> bool:
        """Whether nobody with an account ordered it, and nobody it was ordered for."""
        return self.ordered_for is None and self.channel != Channel.APP

    def is_of(self, caller: Caller) -> bool:
        """Whether it is the caller's own order."""
        if caller.id == self.ordered_for:
            return True
        placed_by_caller = self.placed_by is not None and caller.by == self.placed_by
        return placed_by_caller and caller.id in self.owners

    def speaks_for_it(self, caller: Caller) -> bool:
        """Whether the caller's word is the resident's: the owners', and for whom has no account that of the staff."""
        return self.is_of(caller) or (self.is_of_nobody and caller.role in STAFF and caller.covers(self.area))

    def is_seen_by(self, caller: Caller) -> bool:
        """Whether the caller may know of it: their own, or staff of the area."""
        return self.is_of(caller) or (caller.role in STAFF and caller.covers(self.area))

    def with_line(self, line: Line) -> Self:
        """The order once this line is known."""
        reopened = (*self.reopened, line.at) if line.event == OrderReopenedV1.name else self.reopened
        moved = (
            {"progress": line.progress, "moved_at": line.at}
            if line.weighs(self.progress, self.moved_at, reopened)
            else {}
        )
        return self.but(
            timeline=(*self.timeline, line), funding=self.funding.after(line), reopened=reopened, **moved
        )


def owners_of(by: Caller, ordered_for: str | None) -> tuple[str, ...]:
    """Staff who take an order for somebody, or find something, do so in their office: it is not theirs for ever."""
    in_person = (by.id,) if by.role not in (*STAFF, Role.OPERATOR) else ()
    return tuple(dict.fromkeys((*in_person, *([ordered_for] if ordered_for else ()))))


def channel_for(command: PlaceOrder, by: Caller) -> Channel:
    """The channel the order comes in on. Raises when it is not one of the caller's, or for whom does not fit it."""
    allowed = CHANNELS.get(by.role, ())
    if not allowed or (command.channel is not None and command.channel not in allowed):
        raise ChannelNotYours(f"{by.role.value} orders on: {', '.join(allowed) or 'no channel'}")
    channel = command.channel or allowed[0]
    for_another = command.ordered_for not in (None, by.id)
    if channel is Channel.APP and for_another:
        raise OnlyForYourself
    # Whoever takes orders for others does not evaluate what becomes of them.
    if channel is not Channel.APP and not for_another and not _is_for_nobody(command, channel):
        raise ForWhomMissing
    return channel


def _is_for_nobody(command: PlaceOrder, channel: Channel) -> bool:
    """Somebody without an account said it, or a grid worker found it: nobody here will evaluate it."""
    return command.ordered_for is None and (command.contact is not None or channel is Channel.GRID_WORKER)


def place(
    command: PlaceOrder,
    *,
    by: Caller,
    at: datetime,
    categories: Mapping[str, Category],
    outline: Outline,
    jurisdiction: str,
) -> Decision[Order]:
    """Take an order, so that it will not be lost.

    Its title is what staff wrote, or the words of the category: never what a resident wrote.

    Raises ChannelNotYours, OnlyForYourself, ForWhomMissing, UnknownCategory, OutsideJurisdiction, UnknownQuestion,
    AnswerMissing, NoSuchChoice.
    """
    channel = channel_for(command, by)
    category = categories.get(command.category)
    if category is None:
        raise UnknownCategory(command.category)
    where = command.place
    if not outline.holds(where.longitude, where.latitude):
        raise OutsideJurisdiction
    writes_title = by.role in WRITES_TITLES and channel not in BROUGHT
    told = OrderPlacedV2(
        kind=command.kind,
        category=category.code,
        title=(command.title if writes_title else None) or category.title,
        place=copied(Place, where),
        urgency=command.urgency or category.urgency,
        channel=channel,
        ordered_for=command.ordered_for,
        answers=category.chosen(command.answers),
    )
    order = copied(
        Order,
        told,
        text=command.text,
        subject="" if writes_title else command.title or "",
        contact=command.contact and copied(Contact, command.contact),
        answers=command.answers,
        placed_by=by.by,
        owners=owners_of(by, told.ordered_for),
        placed_at=at,
        area=jurisdiction,
    )
    return said(
        order, told, Progress.PLACED, by=by, at=at, show=("kind", "category", "title", "urgency", "channel")
    )


def withdraw(order: Order, command: WithdrawOrder, *, by: Caller, at: datetime) -> Decision[Order]:
    """Whoever ordered does not want it any more; for whom has no account, whoever wrote it down says so, and why.

    Asking twice changes nothing.
    """
    wrote_it_down = order.is_of_nobody and by.by == order.placed_by
    if not (order.is_seen_by(by) or wrote_it_down):
        raise NotFound
    if not order.is_of(by):
        if not wrote_it_down:
            raise NotYourOrder
        if not command.reason:
            raise SayWhyWithdrawn
    if order.progress is Progress.WITHDRAWN and order.withdrawn_because == command.reason:
        return unchanged(order)
    if Progress.WITHDRAWN not in NEXT[order.progress]:
        raise OrderClosed(progress=order.progress, outcome=order.outcome)
    told = OrderWithdrawnV1()  # why is private: partners would read it
    kept = order.but(withdrawn_because=command.reason)
    return said(kept, told, Progress.WITHDRAWN, by=by, at=at, show=("reason",))


def said(
    order: Order,
    event: Message,
    progress: Progress | None,
    *,
    by: Caller,
    at: datetime,
    show: tuple[str, ...],
) -> Decision[Order]:
    """What intake says itself becomes a line of the timeline, and is told."""
    n = 1 + sum(line.service == event.sender for line in order.timeline)
    return decided(
        order.with_line(line_of(order, event, progress, show, at=at, n=n, role=by.role.value)), event
    )


def line_of(
    order: Order,
    event: Message,
    progress: Progress | None,
    show: tuple[str, ...],
    *,
    at: datetime,
    n: int,
    role: str,
) -> Line:
    """The line that a message becomes.

    `progress` is what the order came to by it; `show` names the fields that everybody may see: what is not named stays
    out of sight.
    """
    data = event.model_dump(mode="json", include=set(show))
    assert len(data) == len(show), f"{event.type()} has no such fields: {show}"
    return Line(
        number=len(order.timeline) + 1,
        at=at,
        event=event.name,
        service=event.sender,
        n=n,
        role=role,
        progress=progress,
        data=data,
    )
