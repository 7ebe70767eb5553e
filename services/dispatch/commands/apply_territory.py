"""Open dispatches are found again in the newest territory, some at a time → `dispatch_moved` of what lies elsewhere."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import NamedTuple
from uuid import UUID

from services.dispatch.books import Books
from services.dispatch.domain.clocks.limits import Limits
from services.dispatch.domain.ground.territory import Territory
from services.dispatch.domain.place.moving import find_again
from services.dispatch.store import Dispatches
from shared.asked import Asked
from shared.store import retry_lost_races

_AT_ONCE = 100


class Applied(NamedTuple):
    """`moved` lie in another area now; `kept` are in other hands already and keep the area they were given.

    `next` is where the next batch begins; None: there are no more.
    """

    version: int
    looked: int
    moved: int
    kept: int
    next: str | None


async def apply_territory(
    cursor: str | None, books: Books, dispatches: Dispatches, limits: Limits, asked: Asked
) -> Applied:
    """One batch. Each dispatch is decided for itself, so that whatever breaks off may be done again."""
    territory = (await books.governed_by(asked.caller)).territory
    each = replace(asked, key=None, expects=None)  # it is not one entry that is asked for
    batch = await dispatches.open_under(territory.code, cursor=cursor, limit=_AT_ONCE)
    found = await asyncio.gather(
        *(_find_one_again(row["_id"], dispatches, territory, limits, each) for row in batch.items)
    )
    moved = sum(one for one, _ in found)
    kept = sum(version != territory.version for _, version in found)
    return Applied(territory.version, len(found), moved, kept, batch.next)


@retry_lost_races
async def _find_one_again(
    id: UUID, dispatches: Dispatches, territory: Territory, limits: Limits, asked: Asked
) -> tuple[bool, int]:
    """Whether it lies elsewhere by this, and the version that it names then."""
    entry = await dispatches.peek(id)
    it = entry.state
    decision = find_again(
        it, territory.find(it.longitude, it.latitude), cause="territory", at=asked.now, limits=limits
    )
    saved = await dispatches.save(entry, decision, asked)
    return saved.state.area != it.area, saved.state.territory_version
