"""HTTP in: give a verdict, read evaluations, and the public rates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel
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
from services.evaluation.queries import EvaluationOut, RatesOut, evaluation_for, rates_among
from services.evaluation.store import Among, Evaluations
from shared.command import Time
from shared.http import Asked, Depends, asked_by, page_of, problems, reply, using
from shared.problems import NotFound
from shared.quick import QuickRoute
from shared.store import decide


@dataclass(frozen=True, slots=True)
class Use:
    """What the routes need; built once at start."""

    evaluations: Evaluations
    mostly_weight: float
    least: int
    jurisdiction: str


class EvaluationPage(BaseModel):
    items: list[EvaluationOut]
    next: str | None


Uses = Annotated[Use, Depends(using(Use))]
SignedIn = Annotated[Asked, Depends(asked_by())]
Anybody = Annotated[Asked, Depends(asked_by(anonymous=True))]
AreaPath = Annotated[str, Query(pattern=r"^[0-9]{6}(/[0-9A-Za-z_-]{1,20}){0,4}$")]
Word = Annotated[str, Query(pattern=r"^[A-Za-z0-9_-]{1,64}$")]

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


@router.get("/rates")
async def get_rates(
    asked: Anybody,
    use: Uses,
    area: AreaPath | None = None,
    since: Time | None = None,
    until: Time | None = None,
    category: Word | None = None,
    department: Word | None = None,
) -> RatesOut:
    """The three rates and the on-time rate of the orders dispatched in [since, until), with their definitions.

    What few residents said is shown to the staff of the area only.
    """
    among = Among(area or use.jurisdiction, since, until, category, department)
    return await rates_among(
        use.evaluations, among, asked.caller, mostly_weight=use.mostly_weight, least=use.least, now=asked.now
    )
