"""The district takes a department out of the list → the next version of it. Its successor has what is open with it.

Each dispatch is decided for itself, so that whatever breaks off may be asked for again; the list changes last.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from uuid import UUID

from services.dispatch.books import Books
from services.dispatch.domain.ground.department import DepartmentInUse, find_department
from services.dispatch.domain.ladder.succession import succeed
from services.dispatch.store import Dispatches
from shared.asked import Asked
from shared.problems import NotFound
from shared.store import retry_lost_races

_AT_ONCE, _SHOWN = 100, 20


@retry_lost_races
async def delete_department(
    id: str, successor: str | None, books: Books, dispatches: Dispatches, asked: Asked
) -> None:
    """Raises NotFound, UnknownDepartment, DepartmentInUse, Changed."""
    ground = await books.governed_by(asked.caller)
    department = ground.department(id)
    if department is None:
        raise NotFound
    asked.must_expect(department.version)
    others = [one for one in ground.departments if one.id != id]
    if successor is not None:
        find_department(others, successor)
    rules = [rule.id for rule in ground.routing.rules if rule.then.department == id]
    if rules:
        raise DepartmentInUse(f"rule {rules[0]}", rules=rules)
    if successor is None:
        waiting = await _open_with(id, dispatches)
        if waiting:
            raise DepartmentInUse("name a successor", orders=[str(one) for one in waiting[:_SHOWN]])
        await books.write_departments(others, asked, former=(*ground.former, department))
        return
    await _hand_over(id, successor, dispatches, asked)
    await books.write_departments(others, asked, former=(*ground.former, department))
    await _hand_over(id, successor, dispatches, asked)  # what a replica still asked it that had not heard


async def _open_with(id: str, dispatches: Dispatches) -> list[UUID]:
    """The orders whose dispatch waits for this department, or lies in its hands."""
    found: list[UUID] = []
    cursor = None
    while True:
        batch = await dispatches.open_with(id, cursor=cursor, limit=_AT_ONCE)
        found += [one.id for one in batch.items if succeed(one.state, id, "").events]
        cursor = batch.next
        if cursor is None:
            return found


async def _hand_over(id: str, successor: str, dispatches: Dispatches, asked: Asked) -> None:
    each = replace(asked, key=None, expects=None)  # it is not one entry that is asked for
    waiting = await _open_with(id, dispatches)
    for begin in range(0, len(waiting), _AT_ONCE):
        part = waiting[begin : begin + _AT_ONCE]
        await asyncio.gather(*(_hand_over_one(one, id, successor, dispatches, each) for one in part))


@retry_lost_races
async def _hand_over_one(order: UUID, id: str, successor: str, dispatches: Dispatches, asked: Asked) -> None:
    entry = await dispatches.peek(order)
    await dispatches.save(entry, succeed(entry.state, id, successor), asked)
