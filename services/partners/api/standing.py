"""How good partners are, what they did for people, who is first; and appeals against what counts."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from services.partners.api.router import (
    PARTNER,
    AreaPath,
    Cursor,
    Deciders,
    Limit,
    Members,
    SignedIn,
    Uses,
    answered,
    answered_partner,
    on_call,
    router,
)
from services.partners.domain.registry.refusals import NotAPartner, OwnPartner
from services.partners.domain.standing.appeals import AppealTo, DecideAppeal, appeal, decide_appeal
from services.partners.domain.standing.period import PATTERN
from services.partners.domain.standing.refusals import (
    AppealDecided,
    AppealTooLate,
    NothingToAppeal,
)
from services.partners.queries.calls import CallPage
from services.partners.queries.standing.shown import (
    HonoursOut,
    ImpactOut,
    RankingOut,
    StandingOut,
    honours_for,
    impact_for,
    ranking_for,
    standing_for,
)
from shared.http import page_of, problems
from shared.problems import NotFound, NotPublic

PeriodText = Annotated[str, Query(pattern=PATTERN)]


@router.get(PARTNER + "/standing", tags=["standing"], responses=problems(NotFound))
async def get_standing(id: UUID, asked: SignedIn, use: Uses) -> StandingOut:
    """How good a partner is, and why: factors that add up. Who has few events is drawn towards the mean.

    Its members and the staff that decides of it see it as it is now, everybody else the sum of the published months.
    """
    return await standing_for(use.standings, use.registry, id, asked)


@router.get(PARTNER + "/impact", tags=["standing"], responses=problems(NotFound, NotPublic))
async def get_impact(
    id: UUID,
    asked: SignedIn,
    use: Uses,
    period: PeriodText | None = None,
) -> ImpactOut:
    """What a partner did for people, in all or in a period (`2026`, `2026-Q1`, `2026-03`).

    For its members and the staff that decides of it; everybody else sees a published month, or all of them together.
    """
    return await impact_for(use.standings, use.registry, id, period, asked)


@router.get("/ranking", tags=["standing"], responses=problems(NotPublic))
async def get_ranking(
    asked: SignedIn,
    use: Uses,
    area: AreaPath | None = None,
    period: PeriodText | None = None,
    limit: Limit = 20,
) -> RankingOut:
    """Partners by points, of an area and a period (`2026`, `2026-Q1`, `2026-03`). A minute old at most.

    For the staff of the area; everybody else sees the whole jurisdiction, of a published month or all of them together.
    """
    return await ranking_for(use.standings, use.registry, area, period, asked, limit)


@router.get("/honours", tags=["standing"], responses=problems(NotPublic))
async def get_honours(
    asked: SignedIn,
    use: Uses,
    period: PeriodText,
    area: AreaPath | None = None,
) -> HonoursOut:
    """The honours of a month, a quarter or a year, by the table of rules. A minute old at most.

    For the staff of the area; everybody else sees those of a published month in the whole jurisdiction.
    """
    return await honours_for(use.standings, use.registry, area, period, asked)


@on_call("standing", "/appeals", NotFound, NotAPartner, NothingToAppeal, AppealDecided, AppealTooLate)
async def post_appeal(order_id: UUID, body: AppealTo, asked: Members, use: Uses) -> Response:
    """Say why a verdict, or the loss or lateness of a claim, should not count against your partner."""
    return await answered_partner(
        use,
        order_id,
        asked,
        lambda call, me: appeal(
            call,
            body,
            order_id=order_id,
            partner_id=me,
            person=asked.caller.id,
            at=asked.now,
            terms=use.terms,
        ),
    )


@router.get("/appeals", tags=["standing"], response_model=CallPage, responses=problems(NotFound))
async def get_appeals(
    asked: Deciders, use: Uses, area: AreaPath | None = None, cursor: Cursor = None, limit: Limit = 20
) -> Response:
    """Calls with an appeal that waits, of your area or of a part of it."""
    within = area or asked.caller.area or ""
    if not asked.caller.covers(within):
        raise NotFound
    return page_of(await use.calls.appealed(within, cursor=cursor, limit=limit), asked)


@on_call("standing", "/appeals/{appeal_id}/decision", NotFound, OwnPartner, AppealDecided)
async def post_appeal_decision(
    order_id: UUID, appeal_id: UUID, body: DecideAppeal, asked: Deciders, use: Uses
) -> Response:
    """Upheld, it counts no more. For the street and the district."""
    return await answered(
        use,
        order_id,
        asked,
        lambda call: decide_appeal(
            call, appeal_id, body, by=asked.caller, at=asked.now, people_of=use.registry.people_of
        ),
    )
