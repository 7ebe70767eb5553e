"""The read side: what each caller is shown of an order."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel

from services.intake.domain.hands import Reads, may_read
from services.intake.domain.order import Contact, Order, StaffNote
from services.intake.domain.timeline import Line, Look, Progress, Question, Reopening, Seen, in_order
from services.intake.store import Orders
from shared.caller import STAFF, Caller, Role
from shared.contracts.called import apart
from shared.contracts.from_intake.orders import Place
from shared.contracts.message import copied
from shared.entry import Entry
from shared.live import LiveEvent
from shared.problems import NotFound
from shared.store import Page


class FundingOut(BaseModel):
    """Whole fen. `cost = shares + subsidies + pledged + gap`."""

    cost: int
    shares: int
    subsidies: int
    pledged: int
    gap: int


class OriginalOut(BaseModel):
    """How far the order is that this one repeats."""

    progress: Progress
    outcome: str | None
    closed_at: datetime | None


class LookOut(BaseModel):
    """Somebody read what is private, for the first time on that day. `id`, who it was: for the staff of the area."""

    role: str
    department: str | None
    partner: str | None  # id of the partner
    what: Seen  # text; or contact, which includes the text
    at: datetime
    id: str | None

    @classmethod
    def of(cls, look: Look, *, named: bool) -> Self:
        return cls(
            role=look.role,
            department=look.office if look.role == Role.DEPARTMENT else None,
            partner=look.office if look.role == Role.PARTNER else None,
            what=look.what,
            at=look.at,
            id=look.id if named else None,
        )


class Following(Order):
    """An order as it is shown while it repeats another one: with what everybody may know of that."""

    theirs: tuple[Line, ...] = ()
    how_far: OriginalOut


class AlwaysOut(BaseModel):
    """What whoever may look at an order reads of it."""

    id: UUID
    kind: str
    category: str
    title: str
    place: Place | None
    urgency: str
    area: str
    progress: Progress
    placed_at: datetime | None

    @classmethod
    def always(cls, entry: Entry[Order]) -> dict[str, Any]:
        return dict(copied(AlwaysOut, entry.state, id=entry.id))


class OrderOut(AlwaysOut):
    """An order with its timeline by the numbers of its lines. Text, contact and people: only for the owners, and for
    the staff when they open it, which stands in `looks`; a list does not show them what others wrote.

    While it repeats another order, and when it has ended with that, the lines of that one are among its own, with the
    number 0, wherever it is read. What areas and departments are called: `GET /api/dispatch/v1/names`.
    """

    channel: str
    outcome: str | None
    closed_at: datetime | None
    funding: FundingOut
    timeline: list[Line]
    original: OriginalOut | None = None  # the order that it repeats
    questions: list[Question] = []  # with the answers
    text: str | None = None
    contact: Contact | None = None
    answers: dict[str, str] | None = None  # to the category's questions
    subject: str | None = None  # what the resident called it
    withdrawn_because: str | None = None
    reopenings: list[Reopening] = []
    placed_by: str | None = None
    ordered_for: str | None = None
    looks: list[LookOut] = []  # who else read it, the latest last
    notes: list[StaffNote] | None = None  # for the staff alone

    @classmethod
    def of(cls, entry: Entry[Order], caller: Caller, *, opened: bool = True) -> Self:
        order = entry.state
        inside = order.is_seen_by(caller) if opened else order.is_of(caller)
        return cls(
            **cls.always(entry),
            channel=order.channel,
            outcome=order.outcome,
            closed_at=order.closed_at,
            funding=copied(FundingOut, order.funding),
            timeline=[_shown(line) for line in _lines(order)],
            original=order.how_far if isinstance(order, Following) else None,
            questions=list(order.questions) if inside else [],
            text=order.text if inside else None,
            contact=order.contact if inside else None,
            answers=dict(order.answers) if inside else None,
            subject=order.subject if inside else None,
            withdrawn_because=order.withdrawn_because if inside else None,
            reopenings=list(order.reopenings) if inside else [],
            placed_by=order.placed_by.id if inside and order.placed_by else None,
            ordered_for=order.ordered_for if inside else None,
            looks=_looks(order, caller) if inside else [],
            notes=list(order.notes) if opened and _is_staff_of(order, caller) else None,
        )


def _looks(order: Order, caller: Caller) -> list[LookOut]:
    named = _is_staff_of(order, caller)
    return [LookOut.of(one, named=named) for one in order.looks]


def _is_staff_of(order: Order, caller: Caller) -> bool:
    return caller.role in STAFF and caller.covers(order.area)


class ReworkOut(BaseModel):
    """It was not good: since when it is done again, and why."""

    at: datetime
    reason: str  # code; what the resident wrote besides stays with the staff


class WorkOut(AlwaysOut):
    """An order as a department or a partner reads it that has the work, or is asked whether it takes it.

    Contact, questions, reworks and reopenings: only for who has it. Who ordered it, and what households discuss, is
    not here.
    """

    text: str
    subject: str  # what the resident called it
    answers: dict[str, str]  # to the category's questions
    contact: Contact | None = None
    questions: list[Question] = []  # with the answers
    reworks: list[ReworkOut] = []
    reopenings: list[Reopening] = []  # what was not good, in the resident's words

    @classmethod
    def of(cls, entry: Entry[Order], reads: Reads) -> Self:
        order = entry.state
        has = reads is Reads.ALL
        return cls(
            **cls.always(entry),
            text=order.text,
            subject=order.subject,
            answers=dict(order.answers),
            contact=order.contact if has else None,
            questions=list(order.questions) if has else [],
            reworks=list(_reworks(order)) if has else [],
            reopenings=list(order.reopenings) if has else [],
        )


def _reworks(order: Order) -> Iterator[ReworkOut]:
    for line in order.timeline:
        if line.event == "rework_requested":
            yield ReworkOut(at=line.at, reason=line.data["reason"])


def shown_to(entry: Entry[Order], caller: Caller) -> OrderOut | WorkOut:
    """The order as this caller reads it."""
    if caller.role not in (Role.DEPARTMENT, Role.PARTNER) or entry.state.is_seen_by(caller):
        return OrderOut.of(entry, caller)
    reads = may_read(entry.state, caller)
    return WorkOut.of(entry, reads) if reads else OrderOut.of(entry, caller)


def shown_in_list(entry: Entry[Order], caller: Caller) -> OrderOut:
    """One of many: nobody's look is noted, so what is private is only there for whose it is."""
    return OrderOut.of(entry, caller, opened=False)


def _lines(order: Order) -> list[Line]:
    theirs = order.theirs if isinstance(order, Following) else ()
    return in_order(order.timeline, theirs, lambda line: line.at)


def _shown(line: Line) -> Line:
    """A partner's name is one text in the messages; here each language is for itself."""
    name = line.data.get("partner_name")
    return line if name is None else line.but(data={**line.data, "partner_name": apart(name)})


def seen_by(entry: Entry[Order], caller: Caller) -> bool:
    """Whether the caller may read it, and may go on reading it live."""
    return entry.state.is_seen_by(caller)


async def order_for(orders: Orders, order_id: UUID, caller: Caller) -> Entry[Order]:
    """The order, if the caller may see it. Raises NotFound otherwise, as if there were none."""
    entry = await orders.peek(order_id)
    if not seen_by(entry, caller):
        raise NotFound
    return await with_original(orders, entry)


def followed_by(entry: Entry[Order]) -> UUID | None:
    """The order that this one repeats."""
    return entry.state.original


async def with_original(orders: Orders, entry: Entry[Order]) -> Entry[Order]:
    """As it is shown. What it repeats may repeat another one: the last of them says how far it is."""
    chain = [entry]
    while (original := followed_by(chain[-1])) and all(one.id != original for one in chain):
        try:
            chain.append(await orders.peek(original))
        except NotFound:  # after a restore it may not be here yet
            break
    if len(chain) == 1:
        return entry
    theirs = tuple(
        line.but(number=0) for one in chain[1:] for line in one.state.timeline if _is_ours(one, line)
    )
    how_far = copied(OriginalOut, chain[-1].state)
    return replace(
        entry, state=Following.model_construct(**dict(entry.state), theirs=theirs, how_far=how_far)
    )


def _is_ours(entry: Entry[Order], line: Line) -> bool:
    """Whether a line concerns those who repeat this order as well: what is done for it.

    What its resident says and is asked stays with them; why they do not want it any more is told again by others.
    """
    if entry.state.progress is Progress.WITHDRAWN or line.service not in ("dispatch", "partners"):
        return False
    return line.event != "question_asked" and line.data.get("kind") != "question"


async def orders_for(
    orders: Orders,
    caller: Caller,
    *,
    area: str | None,
    progress: Progress | None,
    cursor: str | None,
    limit: int,
) -> Page[Entry[Order]]:
    """Staff: the orders of their area, or of a part of it. Everybody else: their own."""
    if area is not None and not (caller.role in STAFF and caller.covers(area)):
        raise NotFound("area: not one of yours")
    if caller.role not in STAFF:
        page = await orders.of_person(caller.id, progress=progress, cursor=cursor, limit=limit)
    elif within := area or caller.area:
        page = await orders.of_area(within, progress=progress, cursor=cursor, limit=limit)
    else:
        return Page((), None)
    return Page(tuple(await asyncio.gather(*(with_original(orders, one) for one in page.items))), page.next)


def live_lines(entry: Entry[Order], *originals: Entry[Order]) -> list[LiveEvent]:
    """The timeline as it came in, each line with the progress and the funding that it led to.

    The line numbers are what a client resumes from, so they follow the arrival; the lines themselves say when things
    happened. Whoever is behind gets the same events as whoever was there. After the last line of a closed order nothing
    comes. Of the orders that it repeats come those lines that are shown, with the number 0.
    """
    own = [(line.at, LiveEvent(line.number, line.event, shown)) for line, shown in _as_they_were(entry)]
    theirs = [
        (line.at, LiveEvent(None, line.event, shown, key=f"{one.id}:{line.number}"))
        for one in originals
        for line, shown in _as_they_were(one, number=0)
        if _is_ours(one, line)
    ]
    events = [event for _, event in in_order(own, theirs, lambda pair: pair[0])]
    if entry.state.closed_at is not None:
        events[-1] = replace(events[-1], last=True)
    return events


def _as_they_were(entry: Entry[Order], **shown_as: int) -> Iterator[tuple[Line, dict[str, Any]]]:
    """Each line, and what is sent of it."""
    order = Order()
    for line in entry.state.timeline:
        order = order.with_line(line)
        yield line, _as_it_was(order, line.but(**shown_as))


def _as_it_was(order: Order, line: Line) -> dict[str, Any]:
    return {
        "line": _shown(line).model_dump(mode="json"),
        "progress": order.progress,
        "funding": copied(FundingOut, order.funding).model_dump(),
    }
