"""Somebody takes it, or is given it: then the register must have them, at this moment → `dispatch_assigned`."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from services.dispatch.books import Books
from services.dispatch.domain.clocks.limits import Limits
from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.domain.ladder.assignment import AssignDispatch, give
from services.dispatch.store import Dispatches
from shared.asked import Asked
from shared.entry import Entry
from shared.store import decide


async def assign_dispatch(
    order_id: UUID,
    command: AssignDispatch,
    dispatches: Dispatches,
    books: Books,
    limits: Limits,
    asked: Asked,
) -> Entry[Dispatch]:
    """Who takes it is looked up nowhere. Raises as `give`."""
    to = command.to
    found = await books.staff.many([to]) if to not in (None, asked.caller.seat) else []
    person = found[0].value if found else None
    rule = partial(give, person=person, by=asked.caller, at=asked.now, limits=limits)
    return await decide(dispatches, order_id, asked, lambda it: rule(it, command))
