"""Builds dispatch. Nothing connects at import."""

from __future__ import annotations

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
from services.dispatch.clock import strike
from services.dispatch.domain.dispatch import Dispatch
from services.dispatch.queries.figures import Figures
from services.dispatch.queries.rows import Maps
from services.dispatch.queries.saved import SavedFilter, SavedFilters
from services.dispatch.queries.views import DispatchOut
from services.dispatch.settings import Settings
from services.dispatch.store import INDEXES, Dispatches
from shared.service import Service, serve
from shared.store import Database
from shared.telemetry import log

_AHEAD = timedelta(days=45)  # so far deadlines may lie ahead
_log = log(__name__)


def app(settings: Settings | None = None) -> FastAPI:
    settings = settings or Settings()
    books, limits = Books(settings.first_ground()), settings.limits()

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
        return Use(
            dispatches, filters, Maps(dispatches), Figures(dispatches), books, limits, settings.timezone
        )

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
            view=DispatchOut.of,
            reactions=reactions(lambda: books.now, limits),
            strike=partial(strike, limits=limits),
            use=use,
            beside=_kept_fresh,
            larger_at={TERRITORY: settings.dispatch_territory_bytes},
        )
    )


@asynccontextmanager
async def _kept_fresh(use: Use) -> AsyncIterator[None]:
    async with use.books.kept_fresh(), use.dispatches.sums.kept_counted():
        yield
