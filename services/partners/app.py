"""Builds partners. Nothing connects at import."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from fastapi import FastAPI

from services.partners.api import Use, router
from services.partners.books import Registry
from services.partners.bus import reactions
from services.partners.clock import strike
from services.partners.domain.call import Call
from services.partners.queries.calls import CallOut, version_for
from services.partners.queries.matching.market import Market
from services.partners.queries.matching.needs import Needs
from services.partners.queries.standing.publication import Publication
from services.partners.queries.standing.shown import Standings
from services.partners.settings import Settings
from services.partners.store import INDEXES, Calls
from shared.service import Service, serve
from shared.settings import refusing
from shared.store import Database


def app(settings: Settings | None = None) -> FastAPI:
    """Ends the process when a setting, or a file that one names, is wrong."""
    with refusing():
        settings = settings or Settings()
        terms, rules, registry = settings.terms(), settings.rules(), Registry(settings.partners())
        market = Market(registry, settings.scale())

    async def use(calls: Calls, database: Database, _: Any) -> Use:
        await registry.open(database)
        await market.open(calls, database)
        standings, holders = (
            Standings(
                calls,
                rules,
                Publication(
                    calls,
                    database.versions("published_months"),
                    root=settings.jurisdiction,
                    least=settings.partners_verdicts_least,
                    after=settings.partners_published_after,
                ),
            ),
            database.guards("holders"),
        )
        return Use(calls, registry, terms, market, Needs(calls), standings, holders)

    @asynccontextmanager
    async def kept_fresh(_: Use) -> AsyncIterator[None]:
        async with registry.kept_fresh(), market.kept_fresh():
            yield

    return serve(
        Service(
            name="partners",
            title="Partners 接单",
            settings=settings,
            state=Call,
            entries=Calls,
            collection="calls",
            indexes=INDEXES,
            router=router,
            view=lambda entry, caller: CallOut.of(entry, caller, registry.roster.partners),
            version=version_for,
            reactions=reactions(terms, market.rank),
            strike=partial(strike, terms=terms, rank=market.rank, able=registry.may_claim),
            use=use,
            beside=kept_fresh,
        )
    )
