"""Who could take what: the roster and what each partner carries, in memory, so that a rule can ask in the middle.

What partners carry is looked at every two seconds: an offer may be made by what was true a moment ago. Claiming counts
anew each time (see `domain/claims/reserve.py`), so nothing can be promised twice by it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from uuid import UUID

from services.partners.books import Registry
from services.partners.domain.calls.finding import load_paths
from services.partners.domain.matching.facts import NOTHING, Load, Point, Wanted
from services.partners.domain.matching.index import Index
from services.partners.domain.matching.loads import NOTHING_DONE, Done, load_of
from services.partners.domain.matching.score import Match, Scale, Why, fit, metres_between
from services.partners.domain.registry.resource import Key
from services.partners.store import Calls
from shared.fresh import kept_fresh
from shared.periods import day_of
from shared.store import Database

_LOOK_SECONDS = 2.0


class Market:
    """Made before the database is there, opened when it is."""

    def __init__(self, registry: Registry, scale: Scale) -> None:
        self.scale = scale
        self.loads: dict[UUID, Load] = {}
        self._registry = registry
        self._index = Index()
        self._number = -1  # of the roster that is in the index
        self._done: dict[str, dict[UUID, Done]] = {}  # by path: ever, in this year, in this month
        self._looked_at = datetime.fromtimestamp(0, UTC)
        self._moved = 0  # the batch of sums up to which all is known

    async def open(self, calls: Calls, database: Database) -> None:
        self._now()  # ten thousand partners take half a second: not at the first request, and before memory is frozen
        self._calls, self._database = calls, database
        # what was not counted yet is counted while it serves: a start waits for no backlog
        await self._look()

    # ---------------------------------------------------------------- what is asked

    def rank(self, wanted: Wanted) -> list[Match]:
        """Every partner that fits a need, the best first."""
        return self._now().ranked(self._today(wanted), self.loads, self.scale)

    def fit(self, partner_id: UUID, wanted: Wanted) -> Match | Why:
        """How well one partner fits a need, or why not."""
        giver = self._now().giver(partner_id)
        if giver is None:
            return Why.MAY_NOT_CLAIM
        return fit(giver, self.loads.get(partner_id, NOTHING), self._today(wanted), self.scale)

    def keys(self, partner_id: UUID) -> Collection[Key]:
        """What a partner has something of, whether free or not."""
        giver = self._now().giver(partner_id)
        return giver.stocks.keys() if giver else ()

    def metres(self, partner_id: UUID, point: Point | None) -> int | None:
        """How far away it is from a partner's seat; None when one of the places is not known."""
        giver = self._now().giver(partner_id)
        return metres_between(giver.seat, point) if giver else None

    def _today(self, wanted: Wanted) -> Wanted:
        return wanted.on(self._looked_at.astimezone(self._calls.zone).date())

    def _now(self) -> Index:
        roster = self._registry.roster
        if roster.number != self._number:
            self._index.keep(roster.partners)
            self._number = roster.number
        return self._index

    # ---------------------------------------------------------------- what is known

    async def refresh(self) -> None:
        """Count what was claimed and what ended, and look at what partners carry. Raises Unavailable."""
        while not await self._calls.sums.count():
            await self._look()  # so much waits that it is worth a look in between
        await self._look()

    async def _look(self) -> None:
        now, moved = self._database.now(), await self._calls.sums.last_batch()
        zone = self._calls.zone
        paths = load_paths(now, zone)
        if day_of(now, zone) != day_of(self._looked_at, zone):
            self._done = await self._calls.done_in(paths)
            changed = {id for path in paths for id in self._done[path]}
            self.loads = {}
        else:
            changed = self._keep(await self._calls.done_changed(self._moved))
        self._looked_at, self._moved = now, moved
        for id in changed:
            self.loads[id] = load_of(*(self._done[path].get(id, NOTHING_DONE) for path in paths))

    def _keep(self, news: Iterable[tuple[str, UUID, Done]]) -> set[UUID]:
        """Of whom any of it is new, and of a time that counts."""
        fresh = [
            (path, id, done)
            for path, id, done in news
            if path in self._done and self._done[path].get(id) != done
        ]
        for path, id, done in fresh:
            self._done[path][id] = done
        return {id for _, id, _ in fresh}

    def kept_fresh(self) -> AbstractAsyncContextManager[None]:
        """Look for changes as long as this lasts."""
        return kept_fresh(
            self.refresh, every=_LOOK_SECONDS, what="what partners carry", still=self._database.still
        )
