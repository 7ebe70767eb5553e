"""The district makes a department, or changes it → the next version of their list."""

from __future__ import annotations

from services.dispatch.books import Books
from services.dispatch.domain.ground.department import Department, PutDepartment
from services.dispatch.domain.ground.former import IdUsedBefore
from shared.asked import Asked
from shared.store import retry_lost_races


@retry_lost_races
async def put_department(id: str, command: PutDepartment, books: Books, asked: Asked) -> Department:
    """The department as it is then. Raises IdUsedBefore, NoSuchName, Changed."""
    ground = await books.governed_by(asked.caller)
    if any(one.id == id for one in ground.former):
        raise IdUsedBefore(id)
    before = ground.department(id)
    on = before.version if before else 0
    asked.must_expect(on)
    ground.known.must_know_categories(command.remit)
    after = Department(id=id, version=on + 1, **command.model_dump())
    if before is not None and after == before.model_copy(update={"version": on + 1}):
        return before
    others = [one for one in ground.departments if one.id != id]
    await books.write_departments(sorted([*others, after], key=lambda one: one.id), asked)
    return after
