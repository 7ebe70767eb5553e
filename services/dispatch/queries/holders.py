"""Who has how much: of each person what is open, whether the register has them, and who stands in."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel

from services.dispatch.books import Books
from services.dispatch.domain.ground.staff import stand_in
from services.dispatch.queries.names import WithNames
from services.dispatch.store import Dispatches, Queue
from shared.store.listing import Row

_MOST = 500


class HolderOut(BaseModel):
    """`known`: whether the register has them, so that work of nobody is seen. `stood_in_by`: while they are away."""

    id: str
    name: str | None
    known: bool
    away: bool
    stood_in_by: str | None
    open: int
    overdue: int


class HoldersOut(WithNames):
    """At most 500, those with most first."""

    items: list[HolderOut]


async def holders_in(dispatches: Dispatches, books: Books, allowed: Queue, at: datetime) -> HoldersOut:
    rows = await dispatches.holders(allowed, most=_MOST)
    return HoldersOut(items=[_holder(row, books, at) for row in rows])


def _holder(row: Row, books: Books, at: datetime) -> HolderOut:
    people = books.register.people
    person = people.get(row["_id"])
    away = person is not None and person.is_away(at)
    instead = stand_in(person, people, at) if person is not None and away else None
    return HolderOut(
        id=row["_id"],
        name=person.name if person else None,
        known=person is not None,
        away=away,
        stood_in_by=instead.id if instead else None,
        open=row["open"],
        overdue=row["overdue"],
    )
