"""The level above makes a person of its staff known, or changes what is known of them."""

from __future__ import annotations

from services.dispatch.books import Books
from services.dispatch.domain.ground.former import IdUsedBefore
from services.dispatch.domain.ground.register import must_be_no_circle
from services.dispatch.domain.ground.staff import (
    Person,
    PutPerson,
    StillHasWork,
    UnknownPerson,
    must_manage,
    role_of,
)
from services.dispatch.domain.ground.territory import AreaUnknown
from services.dispatch.store import Dispatches
from shared.asked import Asked
from shared.store import Record, retry_lost_races


@retry_lost_races
async def put_person(
    id: str, command: PutPerson, books: Books, dispatches: Dispatches, asked: Asked
) -> Record[Person]:
    """Who is moved to another area is looked after by whoever is above both, and leaves no open work behind.

    Raises AreaUnknown, NoSuchName, Changed, NotFound, UnknownPerson, CircleOfSubstitutes, StillHasWork, IdUsedBefore.
    """
    must_manage(asked.caller, command.area)
    known = await books.staff.many([id])
    before, on = known[0] if known else (None, 0)
    if before is not None:
        must_manage(asked.caller, before.area)
    elif await books.left.many([id]):
        raise IdUsedBefore(id)
    asked.must_expect(on)
    if books.now.territory.name_of(command.area) is None:
        raise AreaUnknown(command.area)
    books.now.known.must_know_role(command.role)
    after = Person(id=id, **command.model_dump())
    if before == after:
        return Record(after, on)
    there = {one.value.id for one in await books.staff.many(after.substitutes)}
    if nobody := [one for one in after.substitutes if one not in there and one != id]:
        raise UnknownPerson(f"{nobody[0]} is not in the register.", id=nobody[0])
    must_be_no_circle(after, await books.substitutes_through([after]))
    if before is not None and (after.area, after.role) != (before.area, before.role):
        outside = None if role_of(after) is None else after.area
        if open := await dispatches.count_of(id, outside=outside):
            raise StillHasWork(f"{open} of theirs are open, and lie elsewhere.", open=open)
    kept = await books.staff.put(id, after, on=on)
    await books.refresh()
    return kept
