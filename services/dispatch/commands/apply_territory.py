"""Open dispatches are found again in the newest territory, some at a time → `dispatch_moved` of what lies elsewhere."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import NamedTuple
from uuid import UUID

from services.dispatch.books import Books
from services.dispatch.domain.clocks.limits import Limits
from services.dispatch.domain.ground.ground import Ground
from services.dispatch.domain.place.moving import settle_in
from services.dispatch.store import Dispatches
from shared.asked import Asked
from shared.store import retry_lost_races

_AT_ONCE = 100


class Applied(NamedTuple):
    """`moved` lie in another area now. `next` is where the next batch begins; None: there are no more."""

    version: int
    looked: int
    moved: int
    next: str | None


async def apply_territory(
    cursor: str | None,
    books: Books,
    dispatches: Dispatches,
    limits: Limits,
    asked: Asked,
    gone: list[str] | None = None,
) -> Applied:
    """One batch of what is open; or of all that lies in areas that are `gone`.

    Each dispatch is decided for itself, so that whatever breaks off may be done again. Raises NotYourLevel.
    """
    ground = await books.governed_by(asked.caller) if gone is None else books.now
    each = replace(asked, key=None, expects=None)  # it is not one entry that is asked for
    if gone is None:
        batch = await dispatches.open_under(ground.territory.code, cursor=cursor, limit=_AT_ONCE)
    else:
        batch = await dispatches.lying_in(gone, cursor=cursor, limit=_AT_ONCE)
    found = await asyncio.gather(
        *(_settle_one(row["_id"], dispatches, ground, limits, each) for row in batch.items)
    )
    moved = sum(found)
    return Applied(ground.territory.version, len(found), moved, batch.next)


@retry_lost_races
async def _settle_one(id: UUID, dispatches: Dispatches, ground: Ground, limits: Limits, asked: Asked) -> bool:
    """Whether it lies elsewhere by this, and not by somebody else who does the same."""
    entry = await dispatches.peek(id)
    saved = await dispatches.save(entry, settle_in(entry.state, ground, at=asked.now, limits=limits), asked)
    return saved.state.area != entry.state.area
