"""HTTP in: the register of supervision, and the figures of an area."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from services.dispatch.api.router import AreaPath, Staff, Uses, router
from services.dispatch.queries.figures import FiguresOut, RegisterOut, SupervisedOut
from services.dispatch.queries.reading import area_of
from shared.http import problems
from shared.problems import Malformed, NotFound

_USUAL = timedelta(days=30)
_LONGEST = timedelta(days=366)


class RegisterQuery(BaseModel):
    """`still`: only what is supervised now."""

    model_config = ConfigDict(extra="forbid")

    area: AreaPath | None = None
    still: bool = True
    cursor: Annotated[str, Field(max_length=64)] | None = None
    limit: Annotated[int, Field(ge=1, le=100)] = 20


class FiguresQuery(BaseModel):
    """Orders placed from `since` until before `until`; the last 30 days when nothing is said."""

    model_config = ConfigDict(extra="forbid")

    area: AreaPath | None = None
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None


@router.get("/supervisions", tags=["supervision"], responses=problems(NotFound))
async def get_supervisions(asked: Staff, use: Uses, wanted: Annotated[RegisterQuery, Query()]) -> RegisterOut:
    """The register of supervision of the caller's area or a part of it, newest order first."""
    area = area_of(asked.caller, wanted.area)
    page = await use.dispatches.supervised(area, still=wanted.still, cursor=wanted.cursor, limit=wanted.limit)
    return RegisterOut(items=[SupervisedOut.of(entry) for entry in page.items], next=page.next)


@router.get("/figures", tags=["supervision"], responses=problems(NotFound))
async def get_figures(asked: Staff, use: Uses, wanted: Annotated[FiguresQuery, Query()]) -> FiguresOut:
    """Whistle rate, refusal rate, and how long each level and unit takes, over a year at most."""
    area = area_of(asked.caller, wanted.area)
    until = wanted.until or asked.now.replace(second=0, microsecond=0)  # what many ask for is the same
    if wanted.since is None and until.year < 1971:
        raise Malformed("until: long ago")
    since = wanted.since or until - _USUAL
    if not timedelta(0) < until - since <= _LONGEST:
        raise Malformed("the period is longer than nothing and not longer than a year")
    return await use.figures.of(area, since, until)
