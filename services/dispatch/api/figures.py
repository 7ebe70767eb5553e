"""HTTP in: the figures of an area."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import Query
from pydantic import BaseModel, ConfigDict

from services.dispatch.api.router import AreaPath, Staff, Uses, router
from services.dispatch.queries.figures import FiguresOut
from services.dispatch.queries.reading import area_of
from shared.command import Time
from shared.http import problems
from shared.problems import Malformed, NotFound

_USUAL = timedelta(days=30)
_LONGEST = timedelta(days=366)


class FiguresQuery(BaseModel):
    """Orders placed from `since` until before `until`; the last 30 days when nothing is said."""

    model_config = ConfigDict(extra="forbid")

    area: AreaPath | None = None
    since: Time | None = None
    until: Time | None = None


@router.get("/figures", tags=["supervision"], responses=problems(NotFound))
async def get_figures(asked: Staff, use: Uses, wanted: Annotated[FiguresQuery, Query()]) -> FiguresOut:
    """Whistle rate, refusal rate, and how long each level and unit takes, over a year at most."""
    area = area_of(asked.caller, wanted.area)
    until = wanted.until or asked.now.replace(second=0, microsecond=0)  # what many ask for is the same
    since = wanted.since or until - _USUAL
    if not timedelta(0) < until - since <= _LONGEST:
        raise Malformed("the period is longer than nothing and not longer than a year")
    return use.names.beside(await use.figures.of(area, since, until))
