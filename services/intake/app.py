"""Builds intake. Nothing connects at import."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI

from services.intake.api import Use, router
from services.intake.bus import REACTIONS
from services.intake.clock import strike
from services.intake.domain.order import Order
from services.intake.queries import shown_to
from services.intake.settings import Settings
from services.intake.store import INDEXES, Orders
from shared.live import Live
from shared.service import Service, serve
from shared.settings import refusing


def app(settings: Settings | None = None) -> FastAPI:
    """Ends the process when a setting, or a file that one names, is wrong."""
    with refusing():
        settings = settings or Settings()
        outline, categories = settings.outline(), settings.categories()

    async def use(orders: Orders, _: Any, live: Live) -> Use:
        return Use(orders, live, categories, outline, settings.jurisdiction, settings.reopening())

    return serve(
        Service(
            name="intake",
            title="Intake 点单",
            settings=settings,
            state=Order,
            entries=Orders,
            collection="orders",
            indexes=INDEXES,
            router=router,
            view=shown_to,
            reactions=REACTIONS,
            strike=strike,
            use=use,
        )
    )
