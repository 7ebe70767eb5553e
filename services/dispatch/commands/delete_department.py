"""The district takes a department out of the list → the next version of it. What was referred to it stays referred."""

from __future__ import annotations

from services.dispatch.books import Books
from services.dispatch.domain.ground.department import DepartmentInUse
from shared.asked import Asked
from shared.problems import NotFound
from shared.store import retry_lost_races


@retry_lost_races
async def delete_department(id: str, books: Books, asked: Asked) -> None:
    """Raises NotFound, DepartmentInUse, Changed."""
    ground = await books.governed_by(asked.caller)
    department = ground.department(id)
    if department is None:
        raise NotFound
    asked.must_expect(department.version)
    rules = [rule.id for rule in ground.routing.rules if rule.then.department == id]
    if rules:
        raise DepartmentInUse(f"rule {rules[0]}", rules=rules)
    await books.write_departments([one for one in ground.departments if one.id != id], asked)
