"""Staff correct what an order is about, where it is, how urgent it is, or its title. Pure rules."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

from pydantic import Field

from services.intake.domain.category import Category, Urgency
from services.intake.domain.order import (
    Order,
    OrderClosed,
    OutsideJurisdiction,
    StaffNote,
    Title,
    UnknownCategory,
    WhereIn,
    said,
)
from services.intake.domain.outline import Outline
from services.intake.domain.timeline import Progress
from shared.caller import STAFF, Caller
from shared.command import READ_IN_PUBLIC, STAYS_WITH_STAFF, Code, Command, Note, Remark
from shared.contracts.from_intake import OrderAmendedV2, OrderRetitledV1
from shared.contracts.from_intake.orders import Place
from shared.contracts.message import copied
from shared.entry import Decision, decided, unchanged
from shared.problems import NotAllowed, NotFound

_NOTES = 200  # that are kept of one order, the latest


class AmendOrder(Command):
    """What is corrected, and why. A place without an address keeps the one it had.

    The urgency follows the category until somebody says another one. Answers are added to those that were given; the
    rules see those to questions that the category asks.
    A title is read by everybody, partners too: name nobody in it. Of a closed order the title alone can be changed.
    """

    category: Code | None = None
    title: Annotated[Title, Field(description=READ_IN_PUBLIC)] | None = None
    place: WhereIn | None = None
    urgency: Urgency | None = None
    answers: Annotated[Mapping[Code, Note], Field(max_length=20)] = {}
    reason: Annotated[Note, Field(min_length=1, description=READ_IN_PUBLIC)]
    note: Annotated[Remark, Field(description=STAYS_WITH_STAFF)] = ""


def amend(
    order: Order,
    command: AmendOrder,
    *,
    by: Caller,
    at: datetime,
    categories: Mapping[str, Category],
    outline: Outline,
) -> Decision[Order]:
    """Staff of the area correct where it is, what it is about or how urgent it is. Nothing different: nothing happens.

    The note is kept all the same, once. Raises UnknownCategory, OutsideJurisdiction, OrderClosed, NotAllowed, and for
    answers as `place` does.
    """
    if not order.is_seen_by(by) or order.place is None:
        raise NotFound
    if by.role not in STAFF:
        raise NotAllowed("the staff of the area correct it")
    where = command.place
    there = order.place
    if where is not None:
        there = copied(Place, where, address=where.address or there.address)
    corrected = order.but(
        category=command.category or order.category,
        place=there,
        urgency=_urgency(order, command, categories),
        urgency_set=order.urgency_set or command.urgency is not None,
        answers={**order.answers, **command.answers},
    )
    if corrected == order:
        return _with_note(order, _retitled(order, command, categories, by=by, at=at), command, by=by, at=at)
    if order.progress in (Progress.WITHDRAWN, Progress.CLOSED):
        raise OrderClosed(progress=order.progress, outcome=order.outcome)
    category = categories.get(corrected.category)
    if category is None:
        raise UnknownCategory(corrected.category)
    if not outline.holds(there.longitude, there.latitude):
        raise OutsideJurisdiction
    if command.answers:  # what else is required is not known to whoever only corrects the rest
        asked = {code: answer for code, answer in order.answers.items() if category.asks(code)}
        category.chosen({**asked, **command.answers})
    told = OrderAmendedV2(
        category=category.code,
        place=there,
        reason=command.reason,
        urgency=corrected.urgency,
        answers=category.choices_in(corrected.answers),
    )
    amended = said(corrected, told, None, by=by, at=at, show=("category", "reason", "urgency"))
    retitled = _retitled(amended.state, command, categories, by=by, at=at, was=order.category)
    decision = decided(retitled.state, *amended.events, *retitled.events)
    return _with_note(order, decision, command, by=by, at=at)


def _with_note(
    order: Order, decision: Decision[Order], command: AmendOrder, *, by: Caller, at: datetime
) -> Decision[Order]:
    said_before = any((one.by, one.text) == (by.id, command.note) for one in order.notes)
    if not command.note or (decision.state is order and said_before):
        return decision
    note = StaffNote(at=at, by=by.id, text=command.note)
    return Decision(decision.state.but(notes=(*decision.state.notes, note)[-_NOTES:]), decision.events)


def _urgency(order: Order, command: AmendOrder, categories: Mapping[str, Category]) -> str:
    """That of the category, unless somebody said another one: whoever placed it, or the staff."""
    was, becomes = categories.get(order.category), categories.get(command.category or order.category)
    if command.urgency is not None:
        return command.urgency
    by_hand = order.urgency_set or was is None or order.urgency != was.urgency
    return order.urgency if by_hand or becomes is None else becomes.urgency


def _retitled(
    order: Order,
    command: AmendOrder,
    categories: Mapping[str, Category],
    *,
    by: Caller,
    at: datetime,
    was: str = "",
) -> Decision[Order]:
    """What the staff wrote; or the words of the new category, where it had those of the one that it `was`."""
    title = command.title or order.title
    before = categories.get(was)
    if command.title is None and before is not None and order.title == before.title:
        title = categories[order.category].title
    if title == order.title:
        return unchanged(order)
    told = OrderRetitledV1(title=title, reason=command.reason)
    return said(order.but(title=told.title), told, None, by=by, at=at, show=("title", "reason"))
