"""The work on what was claimed: plan, progress, delivery."""

from __future__ import annotations

from uuid import UUID

from starlette.responses import Response

from services.partners.api.router import CLAIM, HELD, Members, Uses, router
from services.partners.commands.deliver_work import deliver_work
from services.partners.commands.report_progress import report_progress
from services.partners.commands.submit_plan import submit_plan
from services.partners.domain.asks import DeliverWork, ReportProgress, SubmitPlan
from services.partners.domain.refusals import NotCovered, PlanOutOfTime, TooManyReports
from services.partners.queries.calls import CallOut
from shared.http import problems, reply


@router.post(
    CLAIM + "/plan", tags=["claims"], response_model=CallOut, responses=problems(*HELD, PlanOutOfTime)
)
async def post_plan(order_id: UUID, claim_id: UUID, body: SubmitPlan, asked: Members, use: Uses) -> Response:
    """Say how and when the work will be done. A new plan takes the place of the old one."""
    return reply(await submit_plan(order_id, claim_id, body, use.calls, use.terms, asked), asked)


@router.post(
    CLAIM + "/progress",
    tags=["claims"],
    response_model=CallOut,
    responses=problems(*HELD, NotCovered, TooManyReports),
)
async def post_progress(
    order_id: UUID, claim_id: UUID, body: ReportProgress, asked: Members, use: Uses
) -> Response:
    """Say how far the work is."""
    return reply(await report_progress(order_id, claim_id, body, use.calls, use.terms, asked), asked)


@router.post(
    CLAIM + "/delivery", tags=["claims"], response_model=CallOut, responses=problems(*HELD, NotCovered)
)
async def post_delivery(
    order_id: UUID, claim_id: UUID, body: DeliverWork, asked: Members, use: Uses
) -> Response:
    """Say that your part is done. With the last part the acceptance check can begin."""
    return reply(await deliver_work(order_id, claim_id, body, use.calls, use.terms, asked), asked)
