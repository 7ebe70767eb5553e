"""A person does not belong to the staff any more. Their id is kept, and never used again."""

from __future__ import annotations

from services.dispatch.books import Books
from services.dispatch.domain.ground.former import Left
from services.dispatch.domain.ground.staff import must_manage
from shared.asked import Asked
from shared.store import retry_lost_races


@retry_lost_races
async def delete_person(id: str, books: Books, asked: Asked) -> None:
    """Raises NotFound, NotYourLevel, Changed."""
    person, version = await books.staff.get(id)
    must_manage(asked.caller, person.area)
    asked.must_expect(version)
    if not await books.left.many([id]):  # first, so that nobody gets the id between the two writes
        await books.left.put(id, Left(at=asked.now, by=asked.caller.id), on=0)
    await books.staff.delete(id, on=version)
