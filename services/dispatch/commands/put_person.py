"""The level above makes a person of its staff known, or changes what is known of them."""

from __future__ import annotations

from services.dispatch.books import Books
from services.dispatch.domain.ground.staff import Person, PutPerson, must_manage
from services.dispatch.domain.ground.territory import AreaUnknown
from shared.asked import Asked
from shared.store import Record, retry_lost_races


@retry_lost_races
async def put_person(id: str, command: PutPerson, books: Books, asked: Asked) -> Record[Person]:
    """Who is moved to another area is looked after by whoever is above both. Raises AreaUnknown, NoSuchName,
    Changed, NotFound."""
    must_manage(asked.caller, command.area)
    known = await books.staff.many([id])
    before, on = known[0] if known else (None, 0)
    if before is not None:
        must_manage(asked.caller, before.area)
    asked.must_expect(on)
    if books.now.territory.name_of(command.area) is None:
        raise AreaUnknown(command.area)
    books.now.known.must_know_role(command.role)
    after = Person(id=id, **command.model_dump())
    if before == after:
        return Record(after, on)
    return await books.staff.put(id, after, on=on)
