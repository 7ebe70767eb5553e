"""Builds dispatch. Nothing connects at import."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from fastapi import FastAPI

from services.dispatch.api import Use, router
from services.dispatch.api.ground import TERRITORY
from services.dispatch.books import Books
from services.dispatch.bus import reactions
from services.dispatch.clock import among_us, strike
from services.dispatch.commands.apply_calendar import apply_calendar
from services.dispatch.commands.import_territory import Imports
from services.dispatch.domain.clocks.limits import Limits
from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.queries.figures import Figures
from services.dispatch.queries.names import Naming
from services.dispatch.queries.rows import Maps
from services.dispatch.queries.saved import SavedFilter, SavedFilters
from services.dispatch.queries.views import DispatchOut
from services.dispatch.settings import Settings
from services.dispatch.store import INDEXES, Dispatches
from shared.fresh import kept_fresh
from shared.service import Service, serve
from shared.settings import refusing
from shared.store import Database
from shared.telemetry import log

_AHEAD = timedelta(days=45)  # so far deadlines may lie ahead
_log = log(__name__)


def app(settings: Settings | None = None) -> FastAPI:
    with refusing():
        settings = settings or Settings()
        books, limits, applied = Books(settings.first_ground()), settings.limits(), asyncio.Event()
    names = Naming(books)

    async def use(dispatches: Dispatches, database: Database, _: Any) -> Use:
        await books.open(database)
        for what in books.now.known.unknown(
            books.now.routing.rules, books.now.departments, books.now.territory
        ):
            _log.warning("something is named that does not exist", what=what)
        for special in limits.special:
            if special.department and books.now.department(special.department) is None:
                _log.warning("a limit is of a department that does not exist", what=special.department)
        filters = SavedFilters(database.documents("filters", SavedFilter))
        soon = datetime.now(UTC) + _AHEAD
        if not limits.calendar.knows(soon.year):
            _log.warning("no list of holidays is known; only weekends are free", year=soon.year)
        imports = Imports(books, dispatches, limits, database)
        await imports.open()
        counted_anew = partial(_count_anew, applied, settings.jurisdiction, dispatches, database, limits)
        kept = kept_fresh(counted_anew, every=1.0, what="the calendar", still=lambda _: applied.is_set())
        maps, figures = Maps(dispatches), Figures(dispatches)
        zone = settings.timezone
        return Use(dispatches, filters, maps, figures, books, names, limits, zone, imports, kept)

    return serve(
        Service(
            name="dispatch",
            title="Dispatch 派单",
            settings=settings,
            state=Dispatch,
            entries=Dispatches,
            collection="dispatches",
            indexes=INDEXES,
            router=router,
            view=lambda entry, caller: names.beside(DispatchOut.of(entry, caller), entry.state),
            reactions=reactions(lambda: books.now, limits),
            strike=partial(strike, limits=limits),
            among_us=partial(among_us, territory=lambda: books.now.territory, limits=limits),
            use=use,
            beside=_kept_fresh,
            larger_at={TERRITORY: settings.dispatch_territory_bytes},
        )
    )


async def _count_anew(
    applied: asyncio.Event, area: str, dispatches: Dispatches, database: Database, limits: Limits
) -> None:
    """Once in the life of a process, and until it has come to the end: what is open goes by its calendar."""
    looked = await apply_calendar(area, dispatches, database, limits)
    applied.set()
    if looked:
        _log.info("what is open was counted by another calendar", looked=looked)


@asynccontextmanager
async def _kept_fresh(use: Use) -> AsyncIterator[None]:
    sums = use.dispatches.sums.kept_counted()
    async with use.counted_anew, use.books.kept_fresh(), sums, use.imports.kept_going():
        yield
