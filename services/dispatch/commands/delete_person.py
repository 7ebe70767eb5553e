"""A person does not belong to the staff any more. What they have in hand somebody else has first; their id is kept, and
never used again."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from uuid import UUID

from services.dispatch.books import Books
from services.dispatch.domain.ground.former import Left
from services.dispatch.domain.ground.staff import (
    NotOfTheArea,
    StillHasWork,
    UnknownPerson,
    must_manage,
    role_of,
)
from services.dispatch.domain.ladder.assignment import hand_over
from services.dispatch.store import Dispatches
from shared.asked import Asked
from shared.store import decide, retry_lost_races

_AT_ONCE = 100


@retry_lost_races
async def delete_person(
    id: str, successor: str | None, books: Books, dispatches: Dispatches, asked: Asked
) -> None:
    """The successor has each of them at once, before the person is gone; whatever breaks off may be done again.

    Raises NotFound, NotYourLevel, Changed, StillHasWork, UnknownPerson, NotOfTheArea.
    """
    person, version = await books.staff.get(id)
    must_manage(asked.caller, person.area)
    asked.must_expect(version)
    if rules := [rule.id for rule in books.now.routing.rules if rule.then.unit == id]:
        raise StillHasWork(f"rule {rules[0]} gives them work", rules=rules)
    if successor is not None:
        await _must_see_it_all(successor, id, books, dispatches)
        await _hand_over(id, successor, dispatches, asked)
    elif open := await dispatches.count_of(id):
        raise StillHasWork(f"{open} of theirs are open: name a successor.", open=open)
    if not await books.left.many([id]):  # first, so that nobody gets the id between the two writes
        await books.left.put(id, Left(at=asked.now, by=asked.caller.id), on=0)
    await books.staff.delete(id, on=version)
    if successor is not None:
        await _hand_over(id, successor, dispatches, asked)  # what they were given meanwhile
    elif open := await dispatches.count_of(id):
        await books.staff.put(id, person, on=0)
        await books.left.delete(id, on=1)
        raise StillHasWork(f"{open} of theirs are open: name a successor.", open=open)
    await books.refresh()


async def _must_see_it_all(successor: str, id: str, books: Books, dispatches: Dispatches) -> None:
    found = await books.staff.many([successor]) if successor != id else []
    if not found:
        raise UnknownPerson(f"{successor} is not in the register, or leaves.", id=successor)
    area = found[0].value.area
    unseen = await dispatches.count_of(id, outside=area)
    if unseen or role_of(found[0].value) is None:
        raise NotOfTheArea(f"{unseen} of theirs lie outside {area}.", id=successor, area=area)


async def _hand_over(id: str, successor: str, dispatches: Dispatches, asked: Asked) -> None:
    each = replace(asked, key=None, expects=None)  # it is not one entry that is asked for

    async def one(order_id: UUID) -> None:
        await decide(dispatches, order_id, each, lambda it: hand_over(it, id, successor))

    while rows := await dispatches.had_by(id, most=_AT_ONCE):
        await asyncio.gather(*(one(row["_id"]) for row in rows))
