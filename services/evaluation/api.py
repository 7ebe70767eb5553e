"""HTTP in: give a verdict, read evaluations, and the public rates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from services.evaluation.domain.evaluation import (
    AlreadyEvaluated,
    DidTheWork,
    GiveVerdict,
    NotOpen,
    ReasonMissing,
    StrangerMayNotEvaluate,
    evaluate,
)
from services.evaluation.domain.rates import Counts
from services.evaluation.queries import (
    CountedPage,
    EvaluationOut,
    Publication,
    RatesOut,
    counted_among,
    evaluation_for,
    rates_for_staff,
)
from services.evaluation.store import Among, Evaluations
from shared.caller import STAFF
from shared.command import Time
from shared.http import Asked, Depends, asked_by, page_of, problems, reply, using
from shared.problems import NotFound, NotPublic
from shared.quick import QuickRoute
from shared.store import Page, decide


@dataclass(frozen=True, slots=True)
class Use:
    """What the routes need; built once at start."""

    evaluations: Evaluations
    publication: Publication
    mostly_weight: float
    jurisdiction: str


class EvaluationPage(BaseModel):
    items: list[EvaluationOut]
    next: str | None


Uses = Annotated[Use, Depends(using(Use))]
SignedIn = Annotated[Asked, Depends(asked_by())]
Anybody = Annotated[Asked, Depends(asked_by(anonymous=True))]
Staff = Annotated[Asked, Depends(asked_by(*STAFF))]
AreaPath = Annotated[str, Field(pattern=r"^[0-9]{6}(/[0-9A-Za-z_-]{1,20}){0,4}$")]
Figure = Annotated[str, Field(pattern="^({})$".format("|".join(Counts.model_fields)))]
Word = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]

router = APIRouter(prefix="/api/evaluation/v1", tags=["evaluations"], route_class=QuickRoute)


@router.post(
    "/evaluations/{order_id}/verdicts",
    response_model=EvaluationOut,
    responses=problems(StrangerMayNotEvaluate, DidTheWork, NotOpen, AlreadyEvaluated, ReasonMissing),
)
async def post_verdict(order_id: UUID, body: GiveVerdict, asked: SignedIn, use: Uses) -> Response:
    """Say how good the work is. One verdict per resident and round; repeating the same one is safe."""
    try:
        entry = await decide(
            use.evaluations, order_id, asked, lambda it: evaluate(it, body, by=asked.caller, at=asked.now)
        )
    except NotFound:  # to a stranger, what is another's and what does not exist look the same
        raise StrangerMayNotEvaluate from None
    return reply(entry, asked)


@router.get("/evaluations", response_model=EvaluationPage)
async def get_evaluations(
    asked: SignedIn,
    use: Uses,
    cursor: Annotated[str | None, Query(max_length=64)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> Response:
    """The evaluations that wait for you, newest order first."""
    page = await use.evaluations.waiting_for(asked.caller.id, cursor=cursor, limit=limit)
    return page_of(page, asked)


@router.get("/evaluations/{order_id}", response_model=EvaluationOut, responses=problems(NotFound))
async def get_evaluation(order_id: UUID, asked: SignedIn, use: Uses) -> Response:
    """One evaluation, for the resident it belongs to and the staff of its area."""
    return reply(await evaluation_for(use.evaluations, order_id, asked.caller), asked)


class RatesQuery(BaseModel):
    """Of which orders: those placed in [since, until), of an area, a category, a department."""

    model_config = ConfigDict(extra="forbid")

    area: AreaPath | None = None
    since: Time | None = None
    until: Time | None = None
    category: Word | None = None
    department: Word | None = None

    def among(self, use: Use) -> Among:
        return Among(self.area or use.jurisdiction, self.since, self.until, self.category, self.department)


class CountedQuery(RatesQuery):
    """The same, and which figure of `counts`."""

    figure: Figure
    cursor: Annotated[str, Field(max_length=64)] | None = None
    limit: Annotated[int, Field(ge=1, le=100)] = 20


@router.get("/rates", responses=problems(NotFound, NotPublic))
async def get_rates(asked: Anybody, use: Uses, wanted: Annotated[RatesQuery, Query()]) -> RatesOut:
    """The three rates and the on-time rate of the orders placed in [since, until), with their definitions.

    The staff of the area see them as they are now. Everybody else sees what was published: one whole month (of the
    time zone of the place; the last one when none is named) of a whole community, a street or the district, all null
    where it would tell of a few.
    """
    among = wanted.among(use)
    if asked.caller.role in STAFF and asked.caller.covers(among.area):
        return await rates_for_staff(use.evaluations, among, asked.caller, mostly_weight=use.mostly_weight)
    counts, among = await use.publication.counts(among, asked)
    return RatesOut.of(counts, among, use.mostly_weight, published=True)


@router.get("/rates/orders", response_model=CountedPage, responses=problems(NotFound))
async def get_counted(asked: Staff, use: Uses, wanted: Annotated[CountedQuery, Query()]) -> Response:
    """The orders behind a figure of `counts`, newest first, for the staff of the area. A page may hold fewer."""
    among = wanted.among(use)
    if not asked.caller.covers(among.area):
        raise NotFound
    items, next = await counted_among(
        use.evaluations, among, wanted.figure, cursor=wanted.cursor, limit=wanted.limit
    )
    return page_of(Page(tuple(items), next), asked)
