"""Who could take what: the roster and what each partner carries, in memory, so that a rule can ask in the middle.

What partners carry is looked at every two seconds: an offer may be made by what was true a moment ago. Claiming counts
anew each time (see `domain/claims/reserve.py`), so nothing can be promised twice by it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from typing import TypeVar
from uuid import UUID

from services.partners.books import Registry
from services.partners.domain.matching.facts import NOTHING, Key, Load, Point, Wanted
from services.partners.domain.matching.index import Index
from services.partners.domain.matching.loads import Given, Held, Said, loads_of
from services.partners.domain.matching.score import Match, Scale, Why, fit, metres_between
from services.partners.store import Calls
from shared.fresh import kept_fresh
from shared.store import Database

_LOOK_SECONDS = 2.0
_OVERLAP = timedelta(seconds=10)  # what is saved later may bear an earlier time: look back so far
_LONG_AGO = datetime.fromtimestamp(0, UTC) + _OVERLAP
T = TypeVar("T")


def _all(by_call: Mapping[UUID, Iterable[T]]) -> Iterator[T]:
    return (one for some in by_call.values() for one in some)


class Market:
    """Made before the database is there, opened when it is."""

    def __init__(self, registry: Registry, scale: Scale) -> None:
        self.scale = scale
        self.loads: Mapping[UUID, Load] = {}
        self._registry = registry
        self._index = Index()
        self._number = -1  # of the roster that is in the index
        self._held: list[Held] = []
        self._given: dict[UUID, list[Given]] = {}
        self._said: dict[UUID, list[Said]] = {}
        self._looked_at = _LONG_AGO

    async def open(self, calls: Calls, database: Database) -> None:
        self._now()  # ten thousand partners take half a second: not at the first request, and before memory is frozen
        self._calls, self._database = calls, database
        await self.refresh()

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
        return wanted.on(self._looked_at.date())

    def _now(self) -> Index:
        roster = self._registry.roster
        if roster.number != self._number:
            self._index.keep(roster.partners)
            self._number = roster.number
        return self._index

    # ---------------------------------------------------------------- what is known

    async def refresh(self) -> None:
        """Look at what partners carry. Raises Unavailable."""
        now = self._database.now()
        new_day = now.date() != self._looked_at.date()
        # Once a day at everything: what was told late bears an earlier time.
        since = (_LONG_AGO if new_day else self._looked_at) - _OVERLAP
        held, given, said = await asyncio.gather(
            self._calls.in_hand(), self._calls.given_since(since), self._calls.said_since(since)
        )
        self._looked_at = now
        news = {id: some for id, some in given.items() if self._given.get(id) != some}
        words = {id: some for id, some in said.items() if self._said.get(id) != some}
        if news or words or new_day or held != self._held:
            self._held = held
            self._given.update(news)
            self._said.update(words)
            self.loads = loads_of(held, _all(self._given), _all(self._said), now.date())

    def kept_fresh(self) -> AbstractAsyncContextManager[None]:
        """Look for changes as long as this lasts."""
        return kept_fresh(self.refresh, every=_LOOK_SECONDS, what="what partners carry")
