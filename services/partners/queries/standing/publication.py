"""The months of partners as everybody sees them: made once, kept, and never made again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from async_lru import alru_cache
from pydantic import TypeAdapter

from services.partners.domain.standing.period import Span
from services.partners.domain.standing.publishing import published
from services.partners.store import Calls
from shared.asked import Asked
from shared.caller import system
from shared.periods import month_before, month_of
from shared.problems import NotPublic
from shared.store import Versions

Month = dict[UUID, dict[str, int]]
_MONTH = TypeAdapter(Month)
_NAMES_FRESH_SECONDS = 60.0


class Shown(NamedTuple):
    """What is published of these months, by partner."""

    months: tuple[str, ...]
    by_partner: Mapping[UUID, Mapping[str, int]]


class Publication:
    """Of the whole jurisdiction (`root`), some time (`after`) after the month's end, nothing of fewer than `least`."""

    def __init__(self, calls: Calls, kept: Versions, *, root: str, least: int, after: timedelta) -> None:
        self._calls = calls
        self._kept = kept
        self.root = root
        self._least = least
        self._after = after
        self._months: dict[str, Month] = {}  # they do not change
        self._names = alru_cache(maxsize=2, ttl=_NAMES_FRESH_SECONDS)(calls.months_before)
        self._all = Shown((), {})

    async def shown_of(self, area: str | None, period: str | None, asked: Asked) -> Shown:
        """Of a month, or of all that are published together. Raises NotPublic."""
        zone = self._calls.zone
        last, until = month_before(asked.now - self._after, zone)
        span = Span.of(period, str(zone)) if period else None
        if area not in (None, self.root) or (span and (span.kind != "month" or span.until > until)):
            detail = "of partners, months of the whole jurisdiction are"
            raise NotPublic(detail, area=self.root, last=f"{last:%Y-%m}")
        shown = await self.all_shown(asked)
        if period is None:
            return shown
        return Shown((period,), self._months[period]) if period in shown.months else Shown((), {})

    async def all_shown(self, asked: Asked) -> Shown:
        """All months that are published, added up."""
        zone = self._calls.zone
        _, until = month_before(asked.now - self._after, zone)
        months = tuple([name[1:] for name in await self._names(month_of(until, zone))])
        for month in months:
            if month not in self._months:
                self._months[month] = await self._month(month, asked)
        if self._all.months != months:
            total: dict[UUID, Counter[str]] = {}
            for month in months:
                for id, its in self._months[month].items():
                    total.setdefault(id, Counter()).update(its)
            self._all = Shown(months, total)
        return self._all

    async def _month(self, month: str, asked: Asked) -> Month:
        async def made() -> bytes:
            found = await self._calls.of_month(f"m{month}")
            shown = {id: published(its, self._least) for id, its in found.items()}
            return _MONTH.dump_json({id: its for id, its in shown.items() if its})

        nobody = replace(asked, caller=system("publication"))
        return _MONTH.validate_json(await self._kept.made_once(int(month.replace("-", "")), made, nobody))
