"""A person does not belong to the staff any more."""

from __future__ import annotations

from services.dispatch.books import Books
from services.dispatch.domain.ground.staff import must_manage
from shared.asked import Asked
from shared.store import retry_lost_races


@retry_lost_races
async def delete_person(id: str, books: Books, asked: Asked) -> None:
    """Raises NotFound, NotYourLevel, Changed."""
    person, version = await books.staff.get(id)
    must_manage(asked.caller, person.area)
    asked.must_expect(version)
    await books.staff.delete(id, on=version)
