"""The work on what was claimed: plan, progress, delivery."""

from __future__ import annotations

from uuid import UUID

from starlette.responses import Response

from services.partners.api.router import CLAIM, HELD, Members, Uses, router
from services.partners.commands.block_work import block_work
from services.partners.commands.deliver_work import deliver_work
from services.partners.commands.report_progress import report_progress
from services.partners.commands.resume_work import resume_work
from services.partners.commands.submit_plan import submit_plan
from services.partners.commands.survey_site import survey_site
from services.partners.domain.asks import (
    BlockWork,
    DeliverWork,
    ReportProgress,
    ResumeWork,
    SubmitPlan,
    SurveySite,
)
from services.partners.domain.refusals import (
    BlockedAlready,
    BlockTooLong,
    NotBlocked,
    NotCovered,
    PlanOutOfTime,
    TooManyReports,
)
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


@router.post(
    CLAIM + "/survey", tags=["claims"], response_model=CallOut, responses=problems(*HELD, TooManyReports)
)
async def post_survey(
    order_id: UUID, claim_id: UUID, body: SurveySite, asked: Members, use: Uses
) -> Response:
    """Say what you found on the spot."""
    return reply(await survey_site(order_id, claim_id, body, use.calls, use.terms, asked), asked)


@router.post(
    CLAIM + "/block",
    tags=["claims"],
    response_model=CallOut,
    responses=problems(*HELD, BlockedAlready, BlockTooLong),
)
async def post_block(order_id: UUID, claim_id: UUID, body: BlockWork, asked: Members, use: Uses) -> Response:
    """Say what keeps you from the work, and until when: its clock stands still so long."""
    return reply(await block_work(order_id, claim_id, body, use.calls, use.terms, asked), asked)


@router.post(
    CLAIM + "/resumption", tags=["claims"], response_model=CallOut, responses=problems(*HELD, NotBlocked)
)
async def post_resumption(
    order_id: UUID, claim_id: UUID, body: ResumeWork, asked: Members, use: Uses
) -> Response:
    """Say that you go on: the clock runs again."""
    return reply(await resume_work(order_id, claim_id, body, use.calls, use.terms, asked), asked)
