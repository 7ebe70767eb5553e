"""The work on what was claimed: plan, progress, delivery."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from starlette.responses import Response

from services.partners.api.router import HELD, Members, Uses, by_holder, on_claim
from services.partners.domain.works import blocking, working
from services.partners.domain.works.refusals import (
    BlockedAlready,
    BlockTooLong,
    NotBlocked,
    NotCovered,
    PlanOutOfTime,
    TooManyReports,
)


@on_claim("/plan", *HELD, PlanOutOfTime)
async def post_plan(
    order_id: UUID, claim_id: UUID, body: working.SubmitPlan, asked: Members, use: Uses
) -> Response:
    """Say how and when the work will be done. A new plan takes the place of the old one."""
    return await by_holder(
        use, order_id, claim_id, asked, partial(working.plan, person=asked.caller.id), body
    )


@on_claim("/progress", *HELD, NotCovered, TooManyReports)
async def post_progress(
    order_id: UUID, claim_id: UUID, body: working.ReportProgress, asked: Members, use: Uses
) -> Response:
    """Say how far the work is."""
    return await by_holder(
        use, order_id, claim_id, asked, partial(working.progress, person=asked.caller.id), body
    )


@on_claim("/delivery", *HELD, NotCovered)
async def post_delivery(
    order_id: UUID, claim_id: UUID, body: working.DeliverWork, asked: Members, use: Uses
) -> Response:
    """Say that your part is done. With the last part the acceptance check can begin."""
    return await by_holder(
        use, order_id, claim_id, asked, partial(working.deliver, person=asked.caller.id), body
    )


@on_claim("/survey", *HELD, TooManyReports)
async def post_survey(
    order_id: UUID, claim_id: UUID, body: blocking.SurveySite, asked: Members, use: Uses
) -> Response:
    """Say what you found on the spot."""
    return await by_holder(use, order_id, claim_id, asked, blocking.survey, body)


@on_claim("/block", *HELD, BlockedAlready, BlockTooLong)
async def post_block(
    order_id: UUID, claim_id: UUID, body: blocking.BlockWork, asked: Members, use: Uses
) -> Response:
    """Say what keeps you from the work, and until when: its clock stands still so long."""
    return await by_holder(use, order_id, claim_id, asked, blocking.block, body)


@on_claim("/resumption", *HELD, NotBlocked)
async def post_resumption(
    order_id: UUID, claim_id: UUID, body: blocking.ResumeWork, asked: Members, use: Uses
) -> Response:
    """Say that you go on: the clock runs again."""
    return await by_holder(use, order_id, claim_id, asked, blocking.resume, body)
